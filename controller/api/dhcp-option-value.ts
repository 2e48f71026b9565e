import { z } from 'zod';
import { WordName } from './dhcp-scalars.ts';

/** One option with its value. Its type comes from the table of standard options or from an option definition. */
export const DhcpOptionValue = z
  .strictObject({
    name: WordName.optional().describe(
      'Name of the option as Kea has it, for example routers or domain-name-servers. Either name or code.',
    ),
    code: z.int().min(1).max(65_535).optional().describe('Code of the option. Either name or code.'),
    space: WordName.optional().describe('Option space, for example vendor-4491. Default: the options of DHCP itself.'),
    data: z
      .string()
      .max(4096)
      // oxlint-disable-next-line no-control-regex
      .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'write one line without control characters' })
      .default('')
      .describe('Value as text; several values with commas between them, for example 192.0.2.53, 192.0.2.54.'),
    hex: z.boolean().default(false).describe('True: data is the bytes of the option as hex digits.'),
    alwaysSend: z.boolean().default(false).describe('Send the option also to clients that did not ask for it.'),
    neverSend: z.boolean().default(false).describe('Never send the option, whatever wider scopes say. Kea 2.4 or newer.'),
  })
  .refine((option) => (option.name === undefined) !== (option.code === undefined), {
    error: 'it names no option, or twice; write either name or code',
  });
export type DhcpOptionValue = z.infer<typeof DhcpOptionValue>;

export const DhcpOptionValues = z.array(DhcpOptionValue).max(256);
