import { describe, expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import { type CheckedState, FleetSpec } from '../api/index.ts';
import { systemClock } from '../lib/index.ts';
import { changePolicyOf, windowsOf } from './change-policy.ts';
import { loadSource } from './load.ts';

const object = (kind: string, name: string, spec: string): string =>
  `apiVersion: plumbline.dev/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}, labels: {site: fra}}\nspec: ${spec}\n`;
const device = object(
  'Device',
  'r1',
  "{platform: frr, management: {address: 192.0.2.1, hostKeys: ['SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA']}, credentials: {observe: {name: o}}}",
);

function load(...objects: string[]): Promise<CheckedState> {
  return loadSource(memorySource({ 'a.yaml': [device, ...objects].join('---\n') }), systemClock);
}

describe('changePolicyOf', () => {
  async function policyOf(...specs: string[]) {
    const { objects } = await load(...specs.map((spec, i) => object('ReconcilePolicy', `p${i}`, `{mode: Approve, ${spec}}`)));
    const r1 = objects.Device.get('r1');
    if (!r1) throw new Error('the device was refused');
    return changePolicyOf(r1, objects.ReconcilePolicy.values());
  }

  const usual = { canary: 1, waves: [100], bakeSeconds: 60, atOnce: 10, onFailure: 'Keep' };

  test('is the default where no policy says more', async () => {
    expect(await policyOf('selector: {}')).toEqual({ rollout: usual, probes: { pings: [], commands: [] }, withoutDeadMan: false });
  });

  test('takes the most careful value of each policy that selects the device, and leaves out the others', async () => {
    const policy = await policyOf(
      'selector: {}, rollout: {canary: 0, bakeSeconds: 300}, probes: {pings: [{to: 192.0.2.1}]}',
      'selector: {matchLabels: {site: fra}}, rollout: {waves: [10, 100], atOnce: 20}, drain: {scope: Session, waitSeconds: 10}, withoutDeadMan: Accept',
      'selector: {}, drain: {scope: Device, waitSeconds: 5, leftPrefixes: 3}, withoutDeadMan: Refuse, probes: {pings: [{to: 192.0.2.2}, {to: 192.0.2.1}]}',
      'selector: {matchLabels: {site: lon}}, rollout: {canary: 9}, drain: {scope: Device, waitSeconds: 99}, probes: {pings: [{to: 192.0.2.9}]}',
    );
    expect(policy).toEqual({
      rollout: { ...usual, waves: [10, 100], bakeSeconds: 300 },
      drain: { scope: 'Device', waitSeconds: 10, leftPrefixes: 0 },
      probes: { pings: [{ to: '192.0.2.1' }, { to: '192.0.2.2' }], commands: [] },
      withoutDeadMan: false,
    });
  });

  test('changes a device without a dead-man only where a policy accepts that and none refuses it', async () => {
    const accepted = async (...specs: string[]) => (await policyOf(...specs)).withoutDeadMan;
    expect(await accepted('selector: {}, withoutDeadMan: Accept')).toBe(true);
    expect(await accepted('selector: {}, withoutDeadMan: Accept', 'selector: {}')).toBe(true);
    expect(await accepted('selector: {}, withoutDeadMan: Accept', 'selector: {}, withoutDeadMan: Refuse')).toBe(false);
    expect(await accepted('selector: {matchLabels: {site: lon}}, withoutDeadMan: Accept')).toBe(false);
  });
});

describe('windowsOf', () => {
  const schedule = { cron: '0 22 * * 1-5', timeZone: 'Europe/Berlin', durationMinutes: 360 };
  const nights = object(
    'ChangeWindow',
    'nights',
    `{selector: {matchLabels: {site: fra}}, effect: Allow, schedule: ${JSON.stringify(schedule)}}`,
  );

  test('names those of Git with their place, and those of the Fleet by number', async () => {
    const { changes } = FleetSpec.parse({
      git: { url: 'https://git.example.net/x.git' },
      changes: { freezes: [{ schedule }, { intervals: [{ from: '2026-12-20T00:00:00Z', to: '2027-01-03T00:00:00Z' }] }] },
    });
    const all = { matchLabels: {}, matchExpressions: [] };
    expect(windowsOf(await load(nights), changes?.freezes)).toEqual([
      {
        name: 'ChangeWindow/nights',
        effect: 'Allow',
        selector: { matchLabels: { site: 'fra' }, matchExpressions: [] },
        intervals: [],
        schedule,
        source: { file: 'a.yaml', line: 6 },
      },
      { name: 'freeze 1 of the Fleet', effect: 'Freeze', selector: all, intervals: [], schedule },
      {
        name: 'freeze 2 of the Fleet',
        effect: 'Freeze',
        selector: all,
        intervals: [{ from: '2026-12-20T00:00:00Z', to: '2027-01-03T00:00:00Z' }],
        schedule: undefined,
      },
    ]);
  });

  test('is empty where nobody wrote one', async () => expect(windowsOf(await load())).toEqual([]));
});

test.each<[freeze: object, why: string]>([
  [{ schedule: { cron: '0 25 * * *', timeZone: 'UTC', durationMinutes: 60 } }, 'has 25 as hour; write 0 to 23'],
  [{ schedule: { cron: '0 0 * * *', timeZone: 'Berlin', durationMinutes: 60 } }, 'write a name of it, for example Europe/Berlin'],
])('a Fleet with a freeze that cannot be read is refused: %j', (freeze, why) => {
  const { error } = FleetSpec.safeParse({ git: { url: 'https://git.example.net/x.git' }, changes: { freezes: [freeze] } });
  expect(error?.issues.map(({ message }) => message).join()).toContain(why);
});
