import { z } from 'zod';
import { dhcpOptionTypes } from './dhcp-options.ts';
import { DhcpLifetimes } from './dhcp-lifetimes.ts';
import { DhcpOptionValues } from './dhcp-option-value.ts';
import { BootText, ClassName, IpVersion, WordName } from './dhcp-scalars.ts';
import { Address, Name } from './scalars.ts';

/** Client architectures of RFC 4578 and IANA's list, by the names people use. */
export const bootArchitectures = {
  bios: 0,
  'ia32-uefi': 6,
  'x64-uefi': 7,
  'ebc-uefi': 9,
  'arm32-uefi': 10,
  'arm64-uefi': 11,
  'ia32-uefi-http': 15,
  'x64-uefi-http': 16,
  'arm32-uefi-http': 18,
  'arm64-uefi-http': 19,
  'riscv64-uefi': 27,
  'riscv64-uefi-http': 28,
} as const;

const architectureNames = Object.keys(bootArchitectures) as [keyof typeof bootArchitectures, ...(keyof typeof bootArchitectures)[]];

/** A class of clients and what they get. Classes are tried in the order in which they stand: one may name those before it. */
export const DhcpClientClass = z
  .strictObject({
    name: ClassName.describe('Name of the class, unique in its family.'),
    family: IpVersion.describe('Which server knows the class: IPv4 or IPv6.'),
    test: z
      .string()
      .min(1)
      .max(4096)
      // oxlint-disable-next-line no-control-regex
      .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'write one line without control characters' })
      .optional()
      .describe("Kea's expression that says who is in the class, for example substring(option[60].hex,0,9) == 'PXEClient'."),
    architectures: z
      .array(z.enum(architectureNames))
      .max(16)
      .default([])
      .describe('Clients that boot as one of these are in the class; in place of test.'),
    ipxe: z
      .boolean()
      .optional()
      .describe('True: only clients that iPXE runs on already; false: only those that have yet to load it. In place of test.'),
    additional: z.boolean().default(false).describe('Tried only where a subnet, pool or shared network lists it in additionalClasses.'),
    options: DhcpOptionValues.default([]).describe('Options for clients in the class.'),
    optionSets: z.array(Name).max(16).default([]).describe('Option sets of the profile for clients in the class.'),
    nextServer: Address.optional().describe('IPv4: server that clients in the class boot from.'),
    serverName: BootText.max(63).optional().describe('IPv4: name of the server that clients in the class boot from.'),
    bootFile: BootText.optional().describe('Boot file of clients in the class: a path, in IPv6 a URL.'),
    lifetimes: DhcpLifetimes.pick({
      validSeconds: true,
      minValidSeconds: true,
      maxValidSeconds: true,
      preferredSeconds: true,
      minPreferredSeconds: true,
      maxPreferredSeconds: true,
    })
      .optional()
      .describe('How long leases of clients in the class last.'),
  })
  .refine((each) => each.test === undefined || (each.architectures.length === 0 && each.ipxe === undefined), {
    error: 'it says twice who is in the class; write either test, or architectures and ipxe',
  });
export type DhcpClientClass = z.infer<typeof DhcpClientClass>;

/** Options under one name, for subnets and classes. */
const DhcpOptionSet = z.strictObject({
  name: Name.describe('Name of the set, unique in its family.'),
  family: IpVersion.describe('Options of IPv4 or of IPv6.'),
  options: DhcpOptionValues.default([]).describe('The options. One that stands beside optionSets wins over one in a set.'),
});

/** An option that Kea does not know by itself. */
const DhcpOptionDefinition = z
  .strictObject({
    name: WordName.describe('Name of the option.'),
    family: IpVersion.describe('IPv4 or IPv6.'),
    code: z.int().min(1).max(65_535).describe('Code of the option: up to 254 in IPv4.'),
    space: WordName.optional().describe('Option space. Default: the options of DHCP itself.'),
    type: z.enum(dhcpOptionTypes).describe('Type of the value. record: several fields, listed in record.'),
    record: z.array(z.enum(dhcpOptionTypes)).max(32).default([]).describe('Types of the fields of a record, in order.'),
    array: z.boolean().default(false).describe('True: the value, or the last field of a record, may repeat.'),
    encapsulates: WordName.optional().describe('Option space of the options inside this one.'),
  })
  .refine((each) => (each.type === 'record') === each.record.length > 0, {
    error: 'type and record do not fit; list the types of the fields in record exactly when type is record',
  });

/** What DHCP servers of a profile share. */
export const ProfileDhcp = z.strictObject({
  clientClasses: z.array(DhcpClientClass).max(512).default([]).describe('Client classes, in the order in which they are tried.'),
  optionSets: z.array(DhcpOptionSet).max(512).default([]).describe('Options under a name, for subnets, classes and servers.'),
  optionDefinitions: z.array(DhcpOptionDefinition).max(512).default([]).describe('Options that Kea does not know by itself.'),
});
export type ProfileDhcp = z.infer<typeof ProfileDhcp>;
