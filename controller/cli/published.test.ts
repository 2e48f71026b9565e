import { expect, test } from 'vitest';
import type { KubeClient } from '../kube/index.ts';
import { holdAnnotation, printHold } from '../operator/index.ts';
import { readHold } from '../operator/device/hold.ts';
import { type Published, whoAsks, whoami } from './published.ts';

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
