import { z } from 'zod';

/** How far away the neighbor may be. */
export const SessionTtl = z
  .strictObject({
    multihop: z.int().min(2).max(255).optional().describe('External sessions: the neighbor is up to this many hops away.'),
    gtsmHops: z
      .int()
      .min(1)
      .max(254)
      .optional()
      .describe('Generalized TTL security (RFC 5082): packets from further away than this many hops are dropped.'),
  })
  .refine((ttl) => (ttl.multihop === undefined) !== (ttl.gtsmHops === undefined), {
    error: 'it holds both or nothing; write either multihop or gtsmHops',
  })
  .meta({
    'x-kubernetes-validations': [{ rule: 'has(self.multihop) != has(self.gtsmHops)', message: 'write either multihop or gtsmHops' }],
  });
