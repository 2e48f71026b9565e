import { z } from 'zod';
import { HostName, HwAddress } from './dhcp-scalars.ts';
import { InterfaceName } from './scalars.ts';

const VlanId = z.int().min(1).max(4094);

/** What of an interface only an inventory asks for. No template sees it. */
export const InterfaceInventory = z
  .strictObject({
    type: z
      .string()
      .min(1)
      .max(50)
      .regex(/^[a-z0-9][a-z0-9.-]*$/, { error: 'write the type as NetBox names it in its API, for example 10gbase-x-sfpp, lag or virtual' })
      .optional()
      .describe('Type of the interface as the API of NetBox names it, for example 10gbase-x-sfpp.'),
    mac: HwAddress.optional().describe('Hardware address.'),
    dnsName: HostName.optional().describe('DNS name of its addresses.'),
    lag: InterfaceName.optional().describe('Interface of the same device that it is a member of.'),
    vlan: VlanId.optional().describe('Untagged VLAN. Without taggedVlans the port is an access port.'),
    taggedVlans: z.array(VlanId).max(4094).optional().describe('Tagged VLANs.'),
  })
  .refine((port) => port.taggedVlans === undefined || new Set(port.taggedVlans).size === port.taggedVlans.length, {
    error: 'a VLAN stands here twice; write each once',
    path: ['taggedVlans'],
  })
  .refine((port) => port.vlan === undefined || !port.taggedVlans?.includes(port.vlan), {
    error: 'is tagged and untagged at once; write it in one of the two',
    path: ['vlan'],
  });
export type InterfaceInventory = z.infer<typeof InterfaceInventory>;
