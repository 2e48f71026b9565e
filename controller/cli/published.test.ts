import { expect, test } from 'vitest';
import type { KubeClient } from '../kube/index.ts';
import { holdAnnotation, printHold } from '../operator/index.ts';
import { readHold } from '../operator/device/hold.ts';
import { type Published, sayUnwatched, whoAsks, whoami } from './published.ts';

/** A cluster whose API server says that this is who asks. */
const clusterOf = (username: string): Published['cluster'] => {
  const client = { create: async () => ({ status: { userInfo: { username, groups: [] } } }) } as unknown as KubeClient;
  return { namespace: 'network', client };
};

test('who asks is who the API server says, and on one machine the user there', async () => {
  expect(await whoAsks({ cluster: clusterOf('mona@example.net') })).toBe('mona@example.net');
  expect(await whoAsks({ cluster: undefined })).toBe(whoami());
});

test('a hold of an account with a long name ends when it says', async () => {
  const by = await whoAsks({ cluster: clusterOf(`system:serviceaccount:${'n'.repeat(63)}:${'a'.repeat(253)}`) });
  const text = printHold({ by, reason: 'case 4711', until: '2026-11-21T10:00:00Z' });
  expect(readHold({ [holdAnnotation]: text }, new Date('2026-11-21T09:00:00Z'))).toMatchObject({ by, where: 'Object' });
  expect(readHold({ [holdAnnotation]: text }, new Date('2026-11-21T11:00:00Z'))).toBeUndefined();
});

const now = new Date('2026-11-21T10:00:00Z');
const minutesAgo = (minutes: number, seconds = 0) => new Date(now.getTime() - minutes * 60_000 + seconds * 1000).toISOString();

test.each<{ name: string; looks: readonly { holder?: string; renewed: string }[]; isSaid: boolean }>([
  { name: 'one that led a moment ago works', looks: [{ renewed: minutesAgo(0) }], isSaid: false },
  {
    name: 'one that goes on renewing works, however wrong the clock here is',
    looks: [{ renewed: minutesAgo(60) }, { renewed: minutesAgo(60, 5) }],
    isSaid: false,
  },
  { name: 'one that renews no more has ended', looks: [{ renewed: minutesAgo(60) }, { renewed: minutesAgo(60) }], isSaid: true },
  { name: 'one that handed the lease back has ended', looks: [{ holder: '', renewed: minutesAgo(0) }], isSaid: true },
])('whether an operator works in a namespace: $name', async ({ looks, isSaid }) => {
  const left = [...looks];
  const list = async () => {
    const { holder = 'plumbline-0', renewed } = left.shift() ?? expect.fail('it was looked at too often');
    return { items: [{ metadata: { name: 'plumbline' }, spec: { holderIdentity: holder, renewTime: renewed } }] };
  };
  const cluster = { namespace: 'network', client: { list } as unknown as KubeClient };
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const said = await sayUnwatched({ where: 'namespace network', cluster }, clock);
  expect(said?.startsWith('No operator works on namespace network') ?? false).toBe(isSaid);
  expect(left).toEqual([]);
});
