import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDesiredState } from '../../../test/simulator/desired-state.ts';
import type { DeviceStatus, ReconcileMode } from '../../api/index.ts';
import { loadDesired } from '../../desired/index.ts';
import { Secret, systemClock } from '../../lib/index.ts';
import { openSecrets } from '../../store/index.ts';
import { changedDevices, type DesiredFleet, enforceRevision, gatherSigners } from './desired-fleet.ts';

const folder = mkdtempSync(join(tmpdir(), 'plumbline-desired-'));
const file = join(folder, 'sites/site0000/r00001.yaml');
let original: string;
let first: DesiredFleet;

beforeAll(async () => {
  writeDesiredState(folder, { devices: 3, port: 22, hostKey: `SHA256:${'A'.repeat(43)}`, mode: 'Enforce' });
  original = readFileSync(file, 'utf8');
  first = await enforce(undefined);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Given {
  password?: string;
  ceiling?: ReconcileMode;
  isOurs?: (labels: Readonly<Record<string, string>>) => boolean;
  signers?: readonly string[];
  /** What is published of r00001. */
  status?: Partial<DeviceStatus> | undefined;
}

async function enforce(before: DesiredFleet | undefined, given: Given = {}) {
  const { password = 'one', ceiling = 'Enforce', isOurs = () => true, signers, status } = given;
  const environment = { PLUMB_SECRET_IBGP_PASSWORD: password, PLUMB_SECRET_IBGP_PASSWORD_USE: 'bgp-password for *' };
  const secrets = openSecrets({ environment, versionKey: new Secret('k'.repeat(64)) });
  const statusOf = (name: string) => (name === 'r00001' ? (status as DeviceStatus | undefined) : undefined);
  return enforceRevision(await loadDesired({ folder }, systemClock), before, { ceiling, secrets, isOurs, signers, statusOf });
}

/** What a commit that replaces one text in the file of r00001 makes of the fleet. */
async function commit(from: string, to: string, given: Given = {}, before?: DesiredFleet): Promise<DesiredFleet> {
  try {
    writeFileSync(file, original.replace(from, to));
    return await enforce(before, given);
  } finally {
    writeFileSync(file, original);
  }
}

describe('a revision in force', () => {
  it('has every device, rendered, with the mode that policy and ceiling allow', async () => {
    expect([...first.devices.keys()]).toEqual(['r00000', 'r00001', 'r00002']);
    expect([...first.devices.values()].every(({ ready, mode }) => ready && mode === 'Enforce')).toBe(true);
    const capped = await enforce(first, { ceiling: 'Report' });
    expect([...capped.devices.values()].map(({ mode }) => mode)).toEqual(['Report', 'Report', 'Report']);
  });

  it('has the devices of the region alone', async () => {
    const region = await enforce(undefined, { isOurs: ({ role }) => role === 'edge' });
    expect([...region.devices.keys()]).toEqual(['r00002']);
  });
});

describe('what a new revision changes', () => {
  it('is everything at first, and nothing when it says the same', async () => {
    expect(changedDevices(undefined, first)).toEqual(['r00000', 'r00001', 'r00002']);
    expect(changedDevices(first, await enforce(first))).toEqual([]);
  });

  it.each([
    { name: 'what the device should be', from: '198.18.0.0/24', to: '198.18.77.0/24' },
    { name: 'how it is reached', from: '"port": 22', to: '"port": 2222' },
    { name: 'its labels', from: '"role": "core"', to: '"role": "edge"' },
    { name: 'its lifecycle', from: '"platform": "frr"', to: '"platform": "frr", "lifecycle": "Maintenance"' },
  ])('is the device alone when it is $name', async ({ from, to }) => {
    expect(original).toContain(from);
    expect(changedDevices(first, await commit(from, to, {}, first))).toEqual(['r00001']);
  });

  it('is every device with a session, when the password behind it changed though Git did not', async () => {
    const rotated = await enforce(first, { password: 'two' });
    expect(changedDevices(first, rotated)).toEqual(['r00000', 'r00001', 'r00002']);
    expect(JSON.stringify([...rotated.devices.values()].map(({ ready }) => ready?.rendered))).not.toContain('"two"');
  });

  it('is every device, when its mode does', async () => {
    expect(changedDevices(first, await enforce(first, { ceiling: 'Approve' }))).toHaveLength(3);
  });
});

describe('who signed what a device should be', () => {
  const route = '198.18.0.0/24';
  const by = (...signers: string[]) => ({ signers });
  const mine = ({ devices }: DesiredFleet) => {
    const device = devices.get('r00001');
    return { digest: device?.ready?.rendered.digest, signers: device?.signers };
  };
  const reached = (fleet: DesiredFleet): Partial<DeviceStatus> => ({ verdict: 'InSync', digest: mine(fleet).digest, signers: [] });

  it('is who signed the revision that changed the device, of one that is what Git says', async () => {
    const one = await enforce(undefined, by('alice'));
    const two = await commit(route, '198.18.77.0/24', { ...by('bob'), status: reached(one) }, one);
    expect(mine(two).signers).toEqual(['bob']);
    expect(two.devices.get('r00002')?.signers).toEqual(['alice']);
  });

  it('is who signed anything since, of one that is not', async () => {
    const one = await commit(route, '198.18.77.0/24', by('bob'));
    const two = await commit(route, '198.18.78.0/24', by('alice'), one);
    expect(mine(two).signers).toEqual(['alice', 'bob']);
    const three = await commit(route, '198.18.78.0/24', by('carol'), two);
    expect(mine(three).signers).toEqual(['alice', 'bob']);
  });

  it('is known to a process that starts, from what is published', async () => {
    const { digest } = mine(await commit(route, '198.18.77.0/24', by('bob')));
    const status: Partial<DeviceStatus> = { verdict: 'Pending', digest, signers: ['bob'] };
    const same = await commit(route, '198.18.77.0/24', { ...by('alice'), status });
    expect(mine(same).signers).toEqual(['bob']);
    const other = await enforce(undefined, { ...by('alice'), status });
    expect(mine(other).signers).toEqual(['alice', 'bob']);
  });

  it('is nobody when the device reached it, also when somebody changes the device then', async () => {
    const one = await enforce(undefined, by('alice'));
    expect(mine(await enforce(one, { ...by('alice'), status: reached(one) })).signers).toEqual([]);
    expect(mine(await enforce(one, { ...by('alice'), status: { ...reached(one), verdict: 'Drifted' } })).signers).toEqual([]);
  });

  it('is not known when one of the revisions was not verified', async () => {
    const one = await commit(route, '198.18.77.0/24');
    expect(mine(one).signers).toBeUndefined();
    expect(mine(await commit(route, '198.18.78.0/24', by('alice'), one)).signers).toBeUndefined();
  });

  it('of several devices is everybody, nobody known when it is not known of one, or when they are too many', () => {
    expect(gatherSigners([{ signers: ['bob'] }, { signers: ['alice', 'bob'] }, { signers: [] }])).toEqual(['alice', 'bob']);
    expect(gatherSigners([{ signers: ['bob'] }, {}])).toBeUndefined();
    expect(gatherSigners([{ signers: Array.from({ length: 51 }, (_, i) => `person${i}`) }])).toBeUndefined();
  });
});
