import { z } from 'zod';
import { DeviceListName, Name } from './scalars.ts';

/** Timers of BFD, as a profile that stands on routers under its name. */
export const BFDProfileSpec = z.strictObject({
  nameOnDevice: DeviceListName.optional().describe('Name on routers. Default: the name of the object.'),
  detectMultiplier: z.int().min(2).max(255).default(3).describe('Packets that may be missing in a row until the neighbor counts as gone.'),
  receiveMilliseconds: z.int().min(10).max(60_000).default(300).describe('Shortest time between packets that this end takes.'),
  transmitMilliseconds: z.int().min(10).max(60_000).default(300).describe('Shortest time between packets that this end sends.'),
  passive: z.boolean().default(false).describe('Wait for the other end to begin.'),
  minimumTtl: z.int().min(1).max(254).optional().describe('Multihop: packets with a lower TTL are dropped. Default: 254 on FRR.'),
});
export type BFDProfileSpec = z.infer<typeof BFDProfileSpec>;

/** That a session is watched. */
export const SessionBfd = z.strictObject({
  profile: Name.optional().describe('BFDProfile with the timers. Default: those of the device.'),
});
