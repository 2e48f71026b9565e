import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { preparedDevice } from '../../test/builders/prepared.ts';
import { readOf } from '../../test/builders/read.ts';
import { stateOf } from '../../test/builders/state.ts';
import type { Baseline, DesiredObject } from '../api/index.ts';
import type { Driver } from '../drivers/index.ts';
import { Secret, sha256, systemClock } from '../lib/index.ts';
import { openSecrets, openStore, type Store } from '../store/index.ts';
import type { Corridor } from './corridor.ts';
import { adoptDevices, surveyDevices, takeOverAgreed } from './survey.ts';

const text = 'hostname r1\nlog syslog\n';
let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-survey-'));
  store = await openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const baseline = (items: Record<string, string>): Baseline => ({
  device: 'r1',
  platform: 'frr',
  revision: 'r',
  items,
  unmanaged: [],
  adopted: true,
});

/** A device that holds `text`, which is what Git says; `meanwhile` runs while it is read. */
function openCorridor(meanwhile: () => Promise<void> = async () => undefined): Corridor {
  const driver = { platform: 'frr', observe: () => meanwhile().then(() => readOf(text)) } as unknown as Driver;
  const environment = Object.fromEntries(
    ['USERNAME', 'PASSWORD'].flatMap((key) => [
      [`PLUMB_SECRET_LOGIN_${key}`, 'value'],
      [`PLUMB_SECRET_LOGIN_${key}_USE`, '* for *'],
    ]),
  );
  const secrets = openSecrets({ environment, versionKey: new Secret('key of the tests') });
  return { clock: systemClock, store, secrets, driver: () => driver, timeoutMs: 5_000, close: async () => undefined };
}

const state = stateOf('');
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
const prepared = {
  state,
  templatesDigest: 't',
  templateProblems: [],
  devices: [preparedDevice({ name: 'r1', object, ready: { exactContainers: [], sessions: [], rendered } })],
};
const survey = (corridor: Corridor, options = {}) =>
  surveyDevices(prepared, corridor, new AbortController().signal, () => undefined, options);
const keys = async () => Object.keys((await store.baselines.get('r1'))?.items ?? {}).toSorted();

describe('the baseline after a survey', () => {
  it('starts at first contact, for a command that only reads as well', async () => {
    const [surveyed] = await survey(openCorridor());
    expect(surveyed?.verdict.verdict).toBe('InSync');
    expect(await keys()).toEqual(['hostname', 'log syslog']);
  });

  it('takes a line over only when that was decided', async () => {
    await store.baselines.put(baseline({ hostname: 'hostname r1' }));
    await survey(openCorridor());
    expect(await keys()).toEqual(['hostname']);
    const corridor = openCorridor();
    await takeOverAgreed(await survey(corridor), corridor);
    expect(await keys()).toEqual(['hostname', 'log syslog']);
  });

  it('is what another process stored while the device was read', async () => {
    const adopted = baseline({ other: 'seen by plumb adopt' });
    const [surveyed] = await survey(openCorridor(() => store.baselines.put(adopted)));
    expect(surveyed?.verdict.verdict).toBe('InSync');
    expect(await store.baselines.get('r1')).toEqual(adopted);
  });
});

describe('adoptDevices', () => {
  it('stores nothing over a baseline that moved since the person was asked', async () => {
    const corridor = openCorridor();
    const surveyed = await survey(corridor);
    const applied = baseline({ other: 'applied meanwhile' });
    await store.baselines.put(applied);
    const stale = surveyed.map((each) => ({ ...each, baseline: baseline({}) }));
    expect([...(await adoptDevices(stale, corridor)).values()]).toMatchObject([{ code: 'Conflict' }]);
    expect(await store.baselines.get('r1')).toEqual(applied);
    expect(await store.history.list('r1')).toEqual([]);
  });
});
