import { DeviceListName } from '../../api/index.ts';
import type { Node } from '../../config/index.ts';
import type { Claims } from '../claims.ts';
import type { FoundProfile, Spec } from '../found.ts';
import type { Original } from '../original.ts';

type Reader = readonly [pattern: RegExp, field: string, usual: number];

const readers: readonly Reader[] = [
  [/^detect-multiplier (\d+)$/, 'detectMultiplier', 3],
  [/^transmit-interval (\d+)$/, 'transmitMilliseconds', 300],
  [/^receive-interval (\d+)$/, 'receiveMilliseconds', 300],
  [/^minimum-ttl (\d+)$/, 'minimumTtl', 0],
];

/** The BFD profiles of an original that a kind expresses, by name. None is taken yet: one that nobody uses stays raw. */
export function findProfiles({ tree }: Original, claims: Claims): Map<string, FoundProfile> {
  const block = tree.roots.find(({ text }) => text === 'bfd');
  const found = (block?.children ?? []).flatMap((node): [string, FoundProfile][] => {
    const profile = /^profile (\S+)$/.exec(node.text)?.[1];
    const unit = `bfd profile ${profile}`;
    const spec = readProfile(node);
    if (!block || profile === undefined || !DeviceListName.safeParse(profile).success || !spec || !claims.mayTake(unit)) return [];
    return [[profile, { unit, profile, spec, nodes: [block, node, ...node.children] }]];
  });
  return new Map(found);
}

function readProfile({ children }: Node): Spec | undefined {
  const spec: Record<string, unknown> = {};
  for (const { text } of children) {
    if (text === 'passive-mode') spec['passive'] = true;
    else {
      const reader = readers.find(([pattern]) => pattern.test(text));
      const value = Number(reader?.[0].exec(text)?.[1]);
      // What is usual is not written again.
      if (!reader || value === reader[2]) return undefined;
      spec[reader[1]] = value;
    }
  }
  return spec;
}
