/**
 * `node bench/plan.ts [DEVICES]`: a change of 20 distinct effects on many devices, from what each device holds to the first step of the
 * rollout: plan of each device with its proof, coupled sets, groups, gate, waves, and who may begin by approvals, windows and budgets.
 * Default 10,000 devices, of which every tenth shares the new password of a session with its neighbor.
 */
import { cpus } from 'node:os';
import {
  type ChangeApprovalSpec,
  type DevicePlan,
  judgeBudget,
  type NamedWindow,
  type Read,
  RolloutPolicy,
} from '../controller/api/index.ts';
import {
  budgetsOf,
  gate,
  type GateFacts,
  groupByEffect,
  groupDigestOf,
  type InternalSession,
  judgeApproval,
  judgeWindowsOfSet,
  layOut,
  makePlan,
  type MayBegin,
  planDevice,
  stepRollout,
  wishesOf,
} from '../controller/change/index.ts';
import { sha256 } from '../controller/lib/index.ts';

const effects = 20;
const at = new Date('2026-11-20T12:00:00.000Z');
const [oldPassword, newPassword] = ['0', '1'].map((digit) => `<secret:hmac-${digit.repeat(32)}>`) as [string, string];
const policy = RolloutPolicy.parse({ waves: [1, 10, 50, 100] });

interface Device {
  name: string;
  live: string;
  text: string;
  redundancyGroups: readonly string[];
  labels: Readonly<Record<string, string>>;
}

/** Routers of pairs, five neighbors each; the effects are descriptions, one of them a password at both ends of a session. */
function makeDevices(count: number): readonly Device[] {
  return Array.from({ length: count }, (_, i) => {
    const kind = i % (effects / 2);
    const isPassword = kind === 0;
    const text = (password: string, note: string) => {
      const neighbors = Array.from({ length: 5 }, (__, n) => [
        ` neighbor 192.0.2.${n + 1} remote-as 64500`,
        ` neighbor 192.0.2.${n + 1} description neighbor ${n}${n === 0 ? note : ''}`,
        ...(n === 0 ? [` neighbor 192.0.2.1 password ${password}`] : []),
      ]);
      return ['router bgp 64500', ' bgp router-id 198.51.100.1', ...neighbors.flat(), 'exit', ''].join('\n');
    };
    // Every second device of a kind also has another note: that makes twenty.
    const note = ` of ${kind}${Math.floor(i / (effects / 2)) % 2 === 0 ? '' : ' b'}`;
    const [was, is] = [oldPassword, isPassword ? newPassword : oldPassword];
    const name = `r${String(i).padStart(5, '0')}`;
    const pair = `pair${Math.floor(i / 2)}`;
    return {
      name,
      live: text(was, ''),
      text: text(is, note),
      redundancyGroups: [pair],
      labels: { site: `site${Math.floor(i / 20)}`, role: 'edge' },
    };
  });
}

/** From the first end of a password to the device ten further on, which has the same kind: no pair of redundancy is coupled. */
function makeSessions(devices: readonly Device[]): readonly InternalSession[] {
  return devices.flatMap(({ name }, i): InternalSession[] => {
    const other = devices[i + effects / 2];
    if (!other || Math.floor(i / (effects / 2)) % 2 !== 0) return [];
    const ends = [
      { device: name, neighbor: '192.0.2.1', vrf: 'default' },
      { device: other.name, neighbor: '192.0.2.1', vrf: 'default' },
    ] as const;
    return [{ name: `${name}-${other.name}`, ends }];
  });
}

function planOf({ name, live, text }: Device): DevicePlan {
  const read: Read = {
    state: 'Read',
    device: name,
    at: at.toISOString(),
    config: live,
    fingerprint: sha256(live),
    version: '8.4.4',
    identity: { hostname: name, bootId: '1' },
    daemons: [],
    neighbors: [],
    startupDiffers: false,
  };
  const secrets = [{ token: newPassword, ref: { name: 'ibgp', key: 'password' } }] as never;
  const { plan, problems } = planDevice({
    rendered: { device: name, platform: 'frr', text, secrets, digest: sha256(text) },
    read,
    baseline: undefined,
    revision: 'main@sha1:1',
    templatesDigest: '',
    management: { address: '203.0.113.1' },
    exactContainers: new Set(),
  });
  if (!plan) throw new Error(`nothing to plan for ${name}: ${problems.map(({ message }) => message).join()}`);
  return plan;
}

function gateFactsOf({ effect: { device } }: DevicePlan): GateFacts {
  const counts = { owned: 12, inSync: 11, unmanaged: 0 };
  const removals = { owned: 12, removed: [] };
  return {
    verdict: { device, verdict: 'Pending', at: '', revision: '', differences: [], counts },
    mode: 'Approve',
    because: [],
    removals,
    startupDiffers: false,
    quarantine: undefined,
    problems: [],
  };
}

function main(count: number): void {
  process.stdout.write(`${count} devices, ${effects} effects; ${cpus().length} cores, Node ${process.versions.node}\n`);
  const devices = makeDevices(count);
  const byName = new Map(devices.map((device) => [device.name, device]));
  const began = performance.now();
  const measure = <Answer>(what: string, work: () => Answer): Answer => {
    const start = performance.now();
    const answer = work();
    process.stdout.write(`${what.padEnd(48)}${(performance.now() - start).toFixed(0).padStart(6)} ms\n`);
    return answer;
  };

  const planned = measure('plan of each device, proven', () => devices.map(planOf));
  const whole = measure('coupled sets', () => makePlan(planned, makeSessions(devices), { revision: 'main@sha1:1', createdAt: at }));
  const groups = measure('groups', () => groupByEffect(whole.devices));
  const facts = new Map(planned.map((plan) => [plan.effect.device, gateFactsOf(plan)]));
  const { cleared, refusals } = measure('gate', () => gate(whole, facts, { approved: true }));
  const effectOf = new Map(cleared.devices.map(({ effect }) => [effect.device, groupDigestOf(effect)]));
  const fleet = { budgets: [{ label: 'site', maxUnavailable: 2 }] };
  const groupsOf = (name: string) => budgetsOf(byName.get(name) as Device, fleet);
  const layout = measure('waves', () =>
    layOut(cleared.sets, {
      policyOf: () => policy,
      effectOf: (name) => effectOf.get(name) ?? '',
      sharesOf: (name) => groupsOf(name).map(({ group }) => group),
    }),
  );
  const mayBegin = mayBeginOf(cleared.sets, byName, effectOf, groups, groupsOf);
  const step = (progress: string, wave: number) =>
    stepRollout(
      { progress, waveOf: layout.waveOf, phase: 'Running', wave },
      {
        at,
        plan: whole.id,
        nameOf: (set) => (cleared.sets[set] ?? []).join(', '),
        policy: layout.policy,
        atOnceLeft: 1000,
        mayBegin,
        mayTakeBack: () => ({ ok: true }),
        healthOf: () => ({ is: 'healthy' }),
      },
    );
  measure('first step', () => step('.'.repeat(cleared.sets.length), 0));
  const last = layout.waveOf.reduce((a, b) => Math.max(a, b), 0);
  const late = layout.waveOf.map((wave) => (wave < last ? 'c' : '.')).join('');
  const { begin } = measure('a step of the last wave', () => step(late, last));

  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage();
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(
    `${cleared.sets.length} sets, ${groups.size} groups, ${refusals.length} refusals, ${last} waves, ${begin.length} begin\n` +
      `in all ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU with start and garbage collection, peak ${peak.toFixed(0)} MiB\n`,
  );
}

/** What the operator asks of each set whose turn it is. */
function mayBeginOf(
  sets: readonly (readonly string[])[],
  byName: ReadonlyMap<string, Device>,
  effectOf: ReadonlyMap<string, string>,
  groups: ReadonlyMap<string, readonly DevicePlan[]>,
  groupsOf: (name: string) => ReturnType<typeof budgetsOf>,
): (set: number) => MayBegin {
  const approval: ChangeApprovalSpec = {
    plan: 'plan',
    effectDigests: [...groups.keys()],
    decision: 'Approve',
    approver: 'ann',
    groups: [],
  };
  const members = new Map([...groups].map(([digest, plans]) => [digest, new Set(plans.map(({ effect }) => effect.device))]));
  const freeze: NamedWindow = {
    name: 'freeze 1 of the Fleet',
    effect: 'Freeze',
    selector: { matchLabels: { role: 'core' }, matchExpressions: [] },
    intervals: [],
    schedule: { cron: '0 8 * * 1-5', timeZone: 'Europe/Berlin', durationMinutes: 600 },
  };
  return (set) => {
    const names = sets[set] ?? [];
    for (const effectDigest of new Set(names.map((name) => effectOf.get(name) ?? ''))) {
      const judged = judgeApproval(
        { effectDigest, devices: names, risk: 'medium' },
        {
          approvals: [{ ...approval, name: 'approval', createdAt: at.toISOString() }],
          rules: { rules: [{ risk: 'low', count: 1, groups: [], notAuthor: false }], expiresHours: 72, authors: [] },
          authors: undefined,
          at,
          knowsGroups: true,
          wholeRiskOf: () => undefined,
          devicesOf: (_plan, digest) => members.get(digest),
        },
      );
      if (judged.state !== 'Approved') return { ok: false, code: 'ApprovalRequired', because: judged.waitsFor ?? '' };
    }
    const labels = names.map((name) => byName.get(name)?.labels ?? {});
    const { open, because = '' } = judgeWindowsOfSet([freeze], labels, at);
    if (!open) return { ok: false, code: 'WindowClosed', because };
    for (const wish of wishesOf(names, groupsOf, () => [])) {
      const judged = judgeBudget(wish, []);
      if (!judged.ok) return { ok: false, code: 'BudgetExhausted', because: judged.because };
    }
    return { ok: true };
  };
}

main(Number(process.argv[2] ?? 10_000));
