import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { preparedDevice } from '../../test/builders/prepared.ts';
import { readOf } from '../../test/builders/read.ts';
import { stateOf } from '../../test/builders/state.ts';
import type { DesiredObject } from '../api/index.ts';
import type { ChangeStatus, Driver } from '../drivers/index.ts';
import { driverErrors } from '../drivers/index.ts';
import { systemClock } from '../lib/index.ts';
import { openSecrets, openStore, type Store } from '../store/index.ts';
import type { Corridor } from './corridor.ts';
import { observeDevice } from './observe-device.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-observe-'));
  store = await openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const token = 'plan-1-ab';
const object = {
  kind: 'Device',
  metadata: { name: 'r1', labels: {} },
  spec: {
    platform: 'frr',
    lifecycle: 'Active',
    management: { address: '192.0.2.1', port: 22, hostKeys: [] },
    credentials: { observe: { name: 'login' }, apply: { name: 'login' } },
  },
} as unknown as DesiredObject<'Device'>;

/** A device whose reads show these words for its last change, one after the other, and which answers a question about it so. */
async function look(words: readonly string[], answer: Partial<ChangeStatus> | 'Unreachable', settle = true) {
  const left = [...words];
  let asked = 0;
  const observe = async () =>
    readOf('', { lastChange: { token, state: (left.length > 1 ? left.shift() : left[0]) ?? '', holder: 'plumb@elsewhere' } });
  const status = async () => {
    asked++;
    return answer === 'Unreachable'
      ? { outcome: 'Refused', error: driverErrors.Unreachable({ device: 'r1', address: '192.0.2.1', why: 'timeout' }) }
      : { outcome: 'Status', guardAlive: false, rebooted: false, persisted: false, epoch: 7, ...answer };
  };
  const driver = { platform: 'frr', observe, status } as unknown as Driver;
  const environment = Object.fromEntries(
    ['USERNAME', 'PASSWORD'].flatMap((key) => [
      [`PLUMB_SECRET_LOGIN_${key}`, 'value'],
      [`PLUMB_SECRET_LOGIN_${key}_USE`, '* for *'],
    ]),
  );
  const secrets = openSecrets({ environment, versionKey: await store.versionKey() });
  const corridor: Corridor = { clock: systemClock, store, secrets, driver: () => driver, timeoutMs: 5_000, close: async () => undefined };
  const device = preparedDevice({ name: 'r1', object });
  const found = await observeDevice(stateOf(''), device, undefined, corridor, new AbortController().signal, settle);
  return { ...found, asked };
}

describe('a device with a change on it', () => {
  it.each<{ name: string; words: string[]; answer: Partial<ChangeStatus>; observed: object; orphan?: string }>([
    { name: 'that ended is read', words: ['persisted'], answer: {}, observed: { state: 'Read' } },
    {
      name: 'that a dead-man guards is Unknown until it ends',
      words: ['applied'],
      answer: { state: 'applied', guardAlive: true },
      observed: { state: 'Unknown', reason: 'DeviceSettling' },
    },
    {
      name: 'that ended when it was asked is read once more',
      words: ['applied', 'restored'],
      answer: { state: 'restored', rebooted: true },
      observed: { state: 'Read', lastChange: { state: 'restored' } },
    },
    {
      name: 'whose dead-man died is Unknown and has an orphan',
      words: ['applied'],
      answer: { state: 'applied' },
      observed: { state: 'Unknown', reason: 'DeviceSettling' },
      orphan: 'applied',
    },
    {
      name: 'whose dead-man died while it restored is Unknown and has an orphan',
      words: ['restoring'],
      answer: { state: 'restoring' },
      observed: { state: 'Unknown', reason: 'DeviceSettling' },
      orphan: 'restoring',
    },
    {
      name: 'that was confirmed and never saved can be compared, and has an orphan',
      words: ['confirmed'],
      answer: { state: 'confirmed' },
      observed: { state: 'Read' },
      orphan: 'confirmed',
    },
    {
      name: 'that is being saved has none',
      words: ['confirmed', 'persisted'],
      answer: { state: 'confirmed', guardAlive: true },
      observed: { state: 'Read' },
    },
    {
      name: 'that could not be saved has none: the next change saves it too',
      words: ['persist-failed'],
      answer: { state: 'confirmed' },
      observed: { state: 'Read' },
    },
  ])('$name', async ({ words, answer, observed, orphan }) => {
    const found = await look(words, answer);
    expect(found.observed).toMatchObject(observed);
    expect(found.orphan).toEqual(orphan && { device: 'r1', token, state: orphan, holder: 'plumb@elsewhere', epoch: 7 });
  });

  it('is not asked by who only looks', async () => {
    expect(await look(['applied'], { state: 'applied' }, false)).toMatchObject({ asked: 0, observed: { state: 'Unknown' } });
  });

  it('of our own journal is no orphan: a recovery finishes it', async () => {
    await store.changes.begin({
      token,
      planId: 'plan-1',
      revision: '',
      devices: ['r1'],
      epoch: 1,
      deadlineMs: 1,
      state: 'Probing',
      owner: 'o',
      startedAt: '',
    });
    const { observed, orphan } = await look(['applied'], { state: 'applied' });
    expect([observed.state, orphan]).toEqual(['Unknown', undefined]);
  });

  it('that cannot be asked stays Unknown', async () => {
    const { observed, orphan } = await look(['applied'], 'Unreachable');
    expect([observed.state, orphan]).toEqual(['Unknown', undefined]);
  });
});
