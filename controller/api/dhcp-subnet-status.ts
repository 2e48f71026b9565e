import { z } from 'zod';
import { commonStatus } from './conditions.ts';

/** Shares of a pool that people act on. The exact figure moves all the time: it is a metric. */
export const utilisationSteps = [0, 50, 75, 90, 95, 100] as const;

const Utilisation = z.int().min(0).max(100);

/** What is known of a subnet over the servers that serve it. Nothing in it moves with each lease. */
export const DHCPSubnetStatus = z.strictObject({
  ...commonStatus,
  servers: z
    .array(
      z.strictObject({
        device: z.string().max(63).describe('Device that serves the subnet.'),
        verdict: z
          .enum(['InSync', 'Pending', 'Drifted', 'Diverged', 'Unadopted', 'Unknown'])
          .describe('Who is wrong about this subnet on the device. Unknown: what was last seen is not known to hold.'),
      }),
    )
    .max(8)
    .default([])
    .describe('The servers of the subnet that this operator looks at.'),
  addressesUsed: Utilisation.optional().describe(
    'So many percent of the addresses in pools are leased, or more: 0, 50, 75, 90, 95 or 100. Absent: no server counts them. The exact figure is a metric.',
  ),
  prefixesUsed: Utilisation.optional().describe('The same of the prefixes that can be delegated.'),
  reservations: z
    .int()
    .min(0)
    .default(0)
    .describe('How many reservations Git has for the subnet. They stand in Git alone: there may be more of them than an object can hold.'),
});
export type DHCPSubnetStatus = z.infer<typeof DHCPSubnetStatus>;
