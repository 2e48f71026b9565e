import { z } from 'zod';
import { Platform } from './device.ts';
import { ProfileDhcp } from './dhcp-client-class.ts';
import { TemplatePath } from './scalars.ts';
import { Section } from './section.ts';
import { Timers } from './timers.ts';

/** What many devices share. A value on the Device or on the session wins over the profile. */
export const DeviceProfileSpec = z
  .strictObject({
    platform: Platform.describe('Platform of the devices that use the profile.'),
    sections: z.array(Section).max(64).default([]).describe('Raw configuration for every device of the profile.'),
    templates: z
      .record(TemplatePath, TemplatePath)
      .default({})
      .describe(
        'Templates of the repository used in place of built-in ones: built-in path to repository path, for example bgp.njk: templates/bgp.njk.',
      ),
    exactContainers: z
      .array(z.string().min(1).max(200))
      .max(64)
      .default([])
      .describe(
        'Blocks in which lines that Git does not know are removed, as the line that opens them without its values, for example router bgp.',
      ),
    dhcp: ProfileDhcp.optional().describe('Client classes, option sets and option definitions of DHCP servers.'),
    timers: Timers.optional().describe('BGP timers of every session of these devices that has none of its own.'),
    renderInterfaces: z
      .boolean()
      .default(false)
      .describe('Render interface addresses and descriptions. Off by default: on FRR they usually belong to the operating system.'),
    settleSeconds: z.int().min(0).max(3600).default(30).describe('A read counts only when the daemons have been up for this many seconds.'),
  })
  .refine((profile) => profile.platform === 'kea' || profile.dhcp === undefined, {
    error: 'is for DHCP servers; remove it, or write platform: kea',
    path: ['dhcp'],
  });
export type DeviceProfileSpec = z.infer<typeof DeviceProfileSpec>;
