import { z } from 'zod';
import { bitsOf, parsePrefix } from '../lib/index.ts';
import { DeviceListName, PolicyAction, Prefix, RepositoryPath } from './scalars.ts';
import { EntrySequence, SequenceStep } from './set-numbers.ts';

export const PrefixSetEntry = z
  .strictObject({
    prefix: Prefix.describe('Network, IPv4 or IPv6.'),
    ge: z.int().min(0).max(128).optional().describe('Shortest prefix length that matches. Default: exactly the length of prefix.'),
    le: z
      .int()
      .min(0)
      .max(128)
      .optional()
      .describe('Longest prefix length that matches. Default: exactly the length of prefix, or the longest there is when ge is given.'),
    action: PolicyAction.default('Permit').describe('Deny: what matches is not in the set, even when a later entry would match.'),
    sequence: EntrySequence.optional(),
  })
  .superRefine((entry, context) => {
    const fault = explainLengths(entry);
    if (fault) context.addIssue({ code: 'custom', path: [fault.field], message: fault.message });
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: '!has(self.ge) || !has(self.le) || self.ge <= self.le', message: 'ge is greater than le: nothing can match' },
    ],
  });
export type PrefixSetEntry = z.infer<typeof PrefixSetEntry>;

interface Lengths {
  prefix: string;
  ge?: number | undefined;
  le?: number | undefined;
}

function explainLengths({ prefix, ge, le }: Lengths): { field: 'ge' | 'le'; message: string } | undefined {
  const parsed = parsePrefix(prefix);
  if (!parsed) return undefined;
  const bits = bitsOf(parsed.version);
  const shortest = ge ?? parsed.length;
  if (shortest < parsed.length || shortest > bits)
    return { field: 'ge', message: `write ge between ${parsed.length}, the length of the prefix, and ${bits}` };
  if (le === undefined || (le >= shortest && le <= bits)) return undefined;
  return {
    field: 'le',
    message: `write le between ${shortest}${ge === undefined ? ', the length of the prefix,' : ', which is ge,'} and ${bits}`,
  };
}

/** A named set of prefixes. A set that holds IPv4 and IPv6 becomes two lists on the device. */
export const PrefixSetSpec = z.strictObject({
  nameOnDevice: DeviceListName.optional().describe('Name of the lists on routers. Default: the name of the set.'),
  sequenceStep: SequenceStep,
  maxShrinkPercent: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe(
      'How much smaller the set may become from one revision to the next, in percent of its entries. Beyond it the revision is refused. Default: any.',
    ),
  entries: z.array(PrefixSetEntry).max(50_000).default([]).describe('Tried in this order: the first that matches decides.'),
  entriesFile: RepositoryPath.optional().describe(
    'File of the repository with more entries, behind those above: per line a prefix, then ge N and le N where needed; # begins a comment. What IRR tools write.',
  ),
  allowEmpty: z.boolean().default(false).describe('True: an empty set is meant. It matches nothing.'),
});
export type PrefixSetSpec = z.infer<typeof PrefixSetSpec>;
