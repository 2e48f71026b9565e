import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { ChangePlanSpec, ChangePlanStatus, Plan } from '../../api/index.ts';
import { operatorMetrics } from '../metrics.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { beginCounting, type ChangeFacts, fillChangeMetrics } from './plan-figures.ts';

const iso = (second: number) => new Date(second * 1000).toISOString();
type Status = Partial<ChangePlanStatus> & { reason?: string };

/** A plan of one device a set, and the text of it. */
function plan(name: string, devices: readonly string[], { reason = 'ApprovalRequired', ...status }: Status = {}, createdAt = iso(100)) {
  const ready = { type: 'Ready', status: 'False' as const, reason, message: '', lastTransitionTime: createdAt };
  const spec = { mode: 'Approve', cause: 'Desired', risk: 'low', sets: devices.length } as Partial<ChangePlanSpec>;
  const object = { name, createdAt, spec, status: { phase: 'Proposed', conditions: [ready], failed: [], ...status } };
  const full = { sets: devices.map((device) => [device]), devices: [] } as unknown as Plan;
  return { object: object as unknown as ChangePlanObject, full };
}

function facts(plans: readonly ReturnType<typeof plan>[], more: Partial<ChangeFacts> = {}): ChangeFacts {
  const texts = new Map(plans.map(({ object, full }) => [object.name, full]));
  return {
    plans: plans.map(({ object }) => object),
    fullOf: (name) => texts.get(name),
    drained: new Map(),
    isSettled: () => false,
    open: [],
    pins: [],
    isTold: () => true,
    ...more,
  };
}

/** The series that somebody who scrapes is told. */
async function told(given: ChangeFacts, ...names: string[]): Promise<string[]> {
  const registry = new Registry();
  fillChangeMetrics(operatorMetrics.on(registry), given);
  const lines = (await registry.metrics()).split('\n').filter((line) => /^plumbline_\w+\{/.test(line));
  return lines
    .map((line) => line.replace('plumbline_', ''))
    .filter((line) => names.length === 0 || names.includes(line.slice(0, line.indexOf('{'))));
}

describe('what the metrics tell of a plan', () => {
  it('is where it stands, since when, and its sets, before anything began', async () => {
    expect(await told(facts([plan('p1', ['a', 'b'], { since: iso(160) })]))).toEqual([
      'plan_info{plan="p1",mode="Approve",cause="Desired",phase="Proposed",reason="ApprovalRequired",risk="low"} 1',
      'plan_since_timestamp_seconds{plan="p1"} 160',
      'plan_sets{plan="p1",state="Waiting"} 2',
      'plan_sets{plan="p1",state="AtWork"} 0',
      'plan_sets{plan="p1",state="Confirmed"} 0',
      'device_plan_info{device="a",plan="p1",state="Waiting"} 1',
      'device_plan_info{device="b",plan="p1",state="Waiting"} 1',
    ]);
  });

  it('counts the sets of a rollout by where each stands', async () => {
    const running = plan('p1', ['a', 'b', 'c', 'd', 'e'], { phase: 'Running', reason: 'Running', progress: 'ccab.' });
    expect(await told(facts([running]), 'plan_sets')).toEqual([
      'plan_sets{plan="p1",state="Waiting"} 1',
      'plan_sets{plan="p1",state="AtWork"} 2',
      'plan_sets{plan="p1",state="Confirmed"} 2',
    ]);
  });

  it.each([
    ['while its wave is watched, until when that is', { phase: 'Running', since: iso(200), bakedUntil: iso(900) }, 900],
    ['after that, since when it stands', { phase: 'Running', since: iso(950), bakedUntil: iso(900) }, 950],
    ['when it is paused meanwhile, since when it is', { phase: 'Paused', since: iso(200), bakedUntil: iso(900) }, 200],
    ['of an older Plumbline, since when there is the plan', { phase: 'Running' }, 100],
  ] as const)('%s', async (_name, status, seconds) => {
    const lines = await told(facts([plan('p1', ['a'], status)]), 'plan_since_timestamp_seconds');
    expect(lines).toEqual([`plan_since_timestamp_seconds{plan="p1"} ${seconds}`]);
  });

  it.each(['Succeeded', 'Stopped', 'Superseded', 'Rejected'] as const)('is nothing when it ended as %s', async (phase) => {
    expect(await told(facts([plan('p1', ['a'], { phase, progress: 'c' })]), 'plan_info', 'plan_sets')).toEqual([]);
  });

  it('stays when it failed, until its devices are put right', async () => {
    const failed: Status = { phase: 'Failed', reason: 'ApplyFailed', progress: 'cr.', failed: ['b'] };
    const names = ['plan_info', 'device_plan_info'];
    expect(await told(facts([plan('p1', ['a', 'b', 'c'], failed)]), ...names)).toEqual([
      'plan_info{plan="p1",mode="Approve",cause="Desired",phase="Failed",reason="ApplyFailed",risk="low"} 1',
      'device_plan_info{device="a",plan="p1",state="Confirmed"} 1',
      'device_plan_info{device="b",plan="p1",state="RolledBack"} 1',
      'device_plan_info{device="c",plan="p1",state="NotBegun"} 1',
    ]);
    const settled = plan('p1', ['a', 'b', 'c'], { ...failed, settledAt: iso(500) });
    expect(await told(facts([settled]), 'plan_info')).toEqual([]);
  });
});

describe('what the metrics tell of a device and its plans', () => {
  const left = plan('old', ['a', 'b'], { phase: 'Failed', reason: 'RollbackIncomplete', progress: 'ii', failed: ['a', 'b'] });
  const next = plan('new', ['a', 'b'], {}, iso(200));
  const ofDevices = 'device_plan_info';

  it('is the newest one, and the one that left it in doubt until that is mended', async () => {
    expect(await told(facts([left, next], { isSettled: (device) => device === 'b' }), ofDevices)).toEqual([
      'device_plan_info{device="a",plan="new",state="Waiting"} 1',
      'device_plan_info{device="b",plan="new",state="Waiting"} 1',
      'device_plan_info{device="a",plan="old",state="RollbackIncomplete"} 1',
    ]);
  });

  it('tells a device that stays drained from one that was, and from one of which something else is left', async () => {
    const three = plan('old', ['a', 'b', 'c'], { phase: 'Failed', progress: 'iii', failed: ['a', 'b', 'c'] });
    const drained = new Map([
      ['a', true],
      ['b', false],
    ]);
    expect(await told(facts([three], { drained }), ofDevices)).toEqual([
      'device_plan_info{device="a",plan="old",state="DrainStuck"} 1',
      'device_plan_info{device="b",plan="old",state="RolledBack"} 1',
      'device_plan_info{device="c",plan="old",state="RollbackIncomplete"} 1',
    ]);
  });

  it('is nothing of plans that were never begun and gave way', async () => {
    const gone = plan('p1', ['a'], { phase: 'Superseded' });
    expect(await told(facts([gone]), ofDevices)).toEqual([]);
  });

  it('has the changes whose end nobody has seen, and what people took back; all of it only of our own devices', async () => {
    const given = facts([plan('p1', ['a', 'b'])], {
      open: [
        { devices: ['a', 'b'], state: 'OutcomeUnknown', startedAt: iso(50) },
        { devices: ['a'], state: 'Applying', startedAt: iso(60) },
      ],
      pins: [
        { device: 'a', plan: 'p0', by: 'mona', reason: 'loop', at: iso(70) },
        { device: 'b', plan: 'p0', by: 'mona', reason: 'loop', at: iso(70) },
      ],
      isTold: (device) => device === 'a',
    });
    expect(await told(given, ofDevices, 'change_open_since_timestamp_seconds', 'pinned_since_timestamp_seconds')).toEqual([
      'pinned_since_timestamp_seconds{device="a",plan="p0"} 70',
      'device_plan_info{device="a",plan="p1",state="Waiting"} 1',
      'change_open_since_timestamp_seconds{device="a",state="OutcomeUnknown"} 50',
      'change_open_since_timestamp_seconds{device="a",state="AtWork"} 60',
    ]);
  });
});

describe('the metrics of changes to 1,000 devices', () => {
  const devices = Array.from({ length: 1_000 }, (_, i) => `edge${i}`);
  const letters = '.acrnpiustk';
  const progress = devices.map((_, i) => letters[i % letters.length]).join('');

  it('are at most 3 series a device, 50 devices and 20 series a plan, however many plans came and went, and are read in a second of CPU', async () => {
    const registry = new Registry();
    const metrics = operatorMetrics.on(registry);
    beginCounting(metrics);
    const ended = Array.from({ length: 200 }, (_, k) =>
      k % 20 === 0
        ? plan(`f${k}`, devices, { phase: 'Failed', reason: 'RollbackIncomplete', progress, failed: devices.slice(0, 50) }, iso(k))
        : plan(`e${k}`, devices, { phase: 'Succeeded', progress: 'c'.repeat(1_000) }, iso(k)),
    );
    const open = [
      plan('p1', devices.slice(0, 500), { phase: 'Running', reason: 'Running', progress: progress.slice(0, 500) }, iso(1_000)),
      plan('p2', devices.slice(500), {}, iso(1_001)),
    ];
    const given = facts([...ended, ...open], {
      open: devices.map((device) => ({ devices: [device], state: 'OutcomeUnknown' as const, startedAt: iso(1) })),
      pins: devices.map((device) => ({ device, plan: 'p0', by: 'mona', reason: 'loop', at: iso(1) })),
    });
    const started = process.cpuUsage();
    fillChangeMetrics(metrics, given);
    const text = await registry.metrics();
    const { user: inUs, system } = process.cpuUsage(started);
    const series = text.split('\n').filter((line) => line.startsWith('plumbline_'));
    const ofDevices = series.filter((line) => line.includes('device="'));
    // Fifty devices in each of ten plans that failed, and what else is told of every device.
    expect(ofDevices.length).toBeLessThanOrEqual(3 * 1_000 + 10 * 50);
    expect(series.filter((line) => line.startsWith('plumbline_plan_')).length).toBeLessThanOrEqual(20 * 12);
    expect((inUs + system) / 1000).toBeLessThan(1_000);
    fillChangeMetrics(metrics, facts([]));
    const left = (await registry.metrics()).split('\n').filter((line) => /(device|plan)="/.test(line));
    expect(left).toEqual([]);
  });
});
