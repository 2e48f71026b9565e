import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/kube/fake-clock.ts';
import type { KeaTarget } from '../contract.ts';
import type { KeaDeps } from './deps.ts';
import type { Held } from './held.ts';
import { createOpenChanges } from './open-changes.ts';
import type { Seen } from './read.ts';
import { statusIn } from './status.ts';

const target: KeaTarget = { device: 'dhcp1', services: ['dhcp4'], observe: { user: '' } };
const token = 'of-the-change';

/** A daemon that holds something, as it is met in a change. */
function seen(digest: string, pid = 1): Held & Seen {
  const status = { pid, upSeconds: 100, reloadSeconds: 10, sockets: 'ready', faults: [], pairs: [] };
  return { raw: {}, mark: { device: 'dhcp1', epoch: 1, at: '' }, digest, status } as unknown as Held & Seen;
}

function statusOf(now: Seen) {
  const open = createOpenChanges(createFakeClock());
  open.lock({
    device: 'dhcp1',
    token,
    epoch: 1,
    holder: 'the tests',
    state: 'applied',
    endsAtMs: 1_000,
    before: new Map([['dhcp4', seen('before')]]),
    fingerprint: '',
    rollback: [],
    values: new Map(),
    sent: new Map([['dhcp4', {}]]),
    asSet: new Map(),
  });
  return statusIn({ open } as unknown as KeaDeps, target, new Map([['dhcp4', now]]), token);
}

describe('a change that is not in effect any more', () => {
  it('is restored where the server holds what it held before, restarted or not', () => {
    expect(statusOf(seen('before', 2))).toMatchObject({ state: 'restored', rebooted: true });
    expect(statusOf(seen('before'))).toMatchObject({ state: 'restored', rebooted: false });
  });

  it('is not where somebody gave the server a third configuration, or its file was another one', () => {
    expect(statusOf(seen('third'))).toMatchObject({ state: 'restore-failed', rebooted: false });
    expect(statusOf(seen('third', 2))).toMatchObject({ state: 'restore-failed', rebooted: true });
  });
});
