import { z } from 'zod';

const Neighbor = z.object({
  address: z.string(),
  vrf: z.string(),
  family: z.string(),
  remoteAs: z.number(),
  state: z.string(),
  upSeconds: z.number(),
  accepted: z.number(),
  advertised: z.number(),
});

const SavedRead = z.object({
  device: z.string(),
  baseline: z
    .object({
      revision: z.string(),
      platform: z.string(),
      items: z.record(z.string(), z.string()),
      unmanaged: z.array(z.string()),
      adopted: z.boolean().optional(),
    })
    .optional(),
  read: z.discriminatedUnion('state', [
    z.object({
      state: z.literal('Read'),
      at: z.string(),
      config: z.string(),
      version: z.string(),
      neighbors: z.array(Neighbor),
      startupDiffers: z.boolean(),
      hold: z.object({ by: z.string(), reason: z.string(), at: z.string() }).optional(),
      closedPools: z.record(z.string(), z.string()).optional(),
    }),
    z.object({ state: z.literal('Unknown'), at: z.string(), reason: z.string(), message: z.string() }),
  ]),
});
export type SavedRead = z.infer<typeof SavedRead>;

/**
 * Devices as they were read, for whoever may not ask them: without values of secrets and without versions of them, without what tells one machine
 * from another.
 */
export const SavedReads = z.object({ plumblineReads: z.literal(1), at: z.string(), devices: z.array(SavedRead) });
export type SavedReads = z.infer<typeof SavedReads>;
