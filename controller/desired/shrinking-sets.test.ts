import { expect, it } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import { formatPosition, systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';
import { createManifestCache } from './manifest-cache.ts';
import { createSubnetMemory } from './subnet-memory.ts';

const manifest = `apiVersion: plumbline.dev/v1alpha1
kind: PrefixSet
metadata: {name: customer}
spec: {entriesFile: customer.txt, maxShrinkPercent: 20, allowEmpty: true}
`;
const prefixes = (count: number): string =>
  Array.from({ length: count }, (_, i) => `${10 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24\n`).join('');

/** Codes of the errors of each load, one after the other, with one memory. */
async function loadInTurn(...counts: readonly number[]): Promise<string[][]> {
  const [cache, memory] = [createManifestCache(), createSubnetMemory()];
  const told: string[][] = [];
  for (const count of counts) {
    const { problems } = await loadSource(
      memorySource({ 'set.yaml': manifest, 'customer.txt': prefixes(count) }),
      systemClock,
      cache,
      memory,
    );
    const errors = problems.filter(({ severity }) => severity === 'error');
    told.push(
      errors.map(({ at, code, message }) => `${at ? formatPosition(at) : ''} ${code} ${message.replace(/at worktree\S+/, 'before')}`),
    );
  }
  return told;
}

it('refuses a revision in which a set shrinks more than it may, and holds the next against the last good one', async () => {
  const refused = 'set.yaml:4:53 PrefixSetShrinks PrefixSet/customer shrinks from 100 entries, before to 79: that is more than 20 percent';
  expect(await loadInTurn(100, 79, 79, 80)).toEqual([[], [refused], [refused], []]);
});

it('refuses an empty file where an empty set is allowed', async () => {
  const [, told] = await loadInTurn(10, 0);
  expect(told?.join()).toMatch(/PrefixSetShrinks .* to 0:/);
});

it('lets a set grow, and one that nobody knew before', async () => {
  expect(await loadInTurn(1, 5_000)).toEqual([[], []]);
});

it('takes a file of 100,000 entries', async () => {
  const [problems] = await loadInTurn(100_000);
  expect(problems).toEqual([]);
});
