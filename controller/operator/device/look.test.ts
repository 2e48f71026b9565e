import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { preparedDevice } from '../../../test/builders/prepared.ts';
import { readOf } from '../../../test/builders/read.ts';
import { stateOf } from '../../../test/builders/state.ts';
import type { DesiredObject } from '../../api/index.ts';
import type { Driver } from '../../drivers/index.ts';
import { Secret, sha256, silentLog, systemClock } from '../../lib/index.ts';
import type { Corridor } from '../../pipeline/index.ts';
import { openSecrets, openStore } from '../../store/index.ts';
import type { DesiredDevice, DesiredFleet } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';
import { lookAtDevice } from './look.ts';
import { createLoginGuards } from './login-guard.ts';

const text = 'hostname r1\n';

/** A look at a device that is what Git says, through a driver that counts leases so. */
async function lookWith(utilisation: Driver['utilisation'], more: Partial<World> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-look-'));
  const store = await openStore(folder);
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const environment = Object.fromEntries(
    ['USERNAME', 'PASSWORD'].flatMap((key) => [
      [`PLUMB_SECRET_LOGIN_${key}`, 'value'],
      [`PLUMB_SECRET_LOGIN_${key}_USE`, '* for *'],
    ]),
  );
  const secrets = openSecrets({ environment, versionKey: new Secret('key of the tests') });
  const driver = { platform: 'frr', observe: async () => readOf(text), utilisation } as unknown as Driver;
  const corridor: Corridor = { clock: systemClock, store, secrets, driver: () => driver, timeoutMs: 5_000, close: async () => undefined };
  const object = {
    kind: 'Device',
    metadata: { name: 'r1', labels: {} },
    spec: {
      platform: 'frr',
      lifecycle: 'Active',
      management: { address: '192.0.2.1', port: 22, hostKeys: [] },
      credentials: { observe: { name: 'login' } },
    },
  } as unknown as DesiredObject<'Device'>;
  const rendered = { device: 'r1', platform: 'frr', text, secrets: [], digest: sha256(text) };
  const prepared = preparedDevice({ name: 'r1', object, ready: { exactContainers: [], sessions: [], rendered } });
  const world = {
    runtime: { corridor, log: silentLog },
    logins: createLoginGuards({ limit: () => 5, retryMs: 1_000, clock: systemClock }),
    suspended: false,
    reads: () => ({ timeoutSeconds: 5 }),
    changes: () => ({ humanHoldSeconds: 0 }),
    devices: new Map(),
    drifts: new Map(),
    pins: new Map(),
    ...more,
  } as unknown as World;
  const fleet = {
    state: stateOf(''),
    revision: 'r',
    templatesDigest: '',
    templateProblems: [],
    mayWrite: false,
  } as unknown as DesiredFleet;
  const device = { ...prepared, mode: 'Report' } as unknown as DesiredDevice;
  return lookAtDevice(world, fleet, device, new AbortController().signal);
}

test('a look takes what the driver counts beside the verdict', async () => {
  const look = await lookWith(async () => ({ outcome: 'Counted', subnets: [] }));
  expect(look).toMatchObject({ outcome: { verdict: 'InSync' }, use: { outcome: 'Counted' } });
});

test('an answer that we cannot work with leaves one device Unknown: plans of the others wait for no look for ever', async () => {
  const look = await lookWith(() => Promise.reject(new TypeError('rows is not iterable')));
  expect(look).toMatchObject({ outcome: { verdict: 'Unknown', reason: 'Unverified', message: expect.stringContaining('rows is not') } });
});

test('a read that cannot be kept for plans in CI costs the device no verdict', async () => {
  const lastReads: World['lastReads'] = { keep: () => Promise.reject(new TypeError('no')), text: async function* () {} };
  const look = await lookWith(async () => ({ outcome: 'Counted', subnets: [] }), { lastReads });
  expect(look).toMatchObject({ outcome: { verdict: 'InSync' } });
});
