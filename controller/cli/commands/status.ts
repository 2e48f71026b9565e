import {
  type DHCPSubnetSpec,
  type DHCPSubnetStatus,
  type ChangePlanSpec,
  type ChangePlanStatus,
  type DeviceStatus,
  type DriftReportSpec,
  type DriftReportStatus,
  findCondition,
  type FleetStatus,
  type PlanPhase,
} from '../../api/index.ts';
import { plural, printable } from '../../report/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { Context, FormatOptions } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { type PlaceOptions, type Published, sayUnwatched, withPublished } from '../published.ts';
import { describeProgress, hasEnded, type PlanObject, readWholePlan } from '../published-plan.ts';
import { formatAge, formatTable } from '../table.ts';
import { printRecord } from '../terminal.ts';
import { besideReady } from '../beside-ready.ts';
import { isInTrouble, type SubnetObject } from './why-subnet.ts';

type DeviceObject = StoredObject<unknown, DeviceStatus>;

/** `plumb status [SITE]`: what on-call asks first. Plans that wait, run or failed, holds, what is Unknown, what differs; not what is in order. */
export async function status(site: string | undefined, options: PlaceOptions & FormatOptions, context: Context): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async (published) => {
    const { store, where } = published;
    const { terminal } = context;
    const labels = site === undefined ? {} : { site };
    const [fleets, devices, reports, served] = await Promise.all([
      store.objects.list<unknown, FleetStatus>('Fleet'),
      store.objects.list<unknown, DeviceStatus>('Device', labels),
      store.objects.list<DriftReportSpec, DriftReportStatus>('DriftReport'),
      store.objects.list<DHCPSubnetSpec, DHCPSubnetStatus>('DHCPSubnet', labels),
    ]);
    const subnets = served.filter(isInTrouble);
    const byName = new Map(reports.map((report) => [report.name, report]));
    const trouble = devices.filter(
      (device) => findCondition(device.status?.conditions, 'Ready')?.status !== 'True' || device.status?.held || isRecordWrong(device),
    );
    const plans = await plansWorthALook(published, devices, site !== undefined);
    const unwatched = devices.length + fleets.length > 0 ? await sayUnwatched(published) : undefined;
    if (options.output === 'json' || options.output === 'yaml') {
      const record = {
        watched: unwatched === undefined,
        fleets: fleets.map(briefFleet),
        plans: plans.map(briefPlan),
        devices: devices.map(briefDevice),
        subnets: subnets.map(briefSubnet),
      };
      terminal.write(printRecord(record, options.output));
    } else {
      if (unwatched !== undefined) terminal.write(`${printable(unwatched)}\n`);
      for (const fleet of fleets) terminal.write(printFleet(fleet));
      terminal.write(`${countDevices(devices)} in ${where}${site === undefined ? '' : `, site ${site}`}\n`);
      if (plans.length > 0) terminal.write(`\n${printPlans(plans)}`);
      if (trouble.length > 0) terminal.write(`\n${printTrouble(trouble, byName)}`);
      if (subnets.length > 0) terminal.write(`\n${printSubnets(subnets)}`);
    }
    if (devices.length === 0) return 1;
    if (unwatched !== undefined) return 2;
    if (devices.some(({ status: each }) => (each?.verdict ?? 'Unknown') === 'Unknown') || plans.some(isUnseen)) return 2;
    return trouble.length > 0 || subnets.length > 0 || fleets.some((fleet) => besideReady(fleet).length > 0) ? 1 : 0;
  });
}

/**
 * Plans that nobody is done with: open ones, and those that failed while a device of theirs is still not as it should be. With a site, those
 * that change a device there.
 */
async function plansWorthALook(published: Published, devices: readonly DeviceObject[], ofSite: boolean): Promise<readonly PlanObject[]> {
  const all = await published.store.objects.list<ChangePlanSpec, ChangePlanStatus>('ChangePlan');
  const isReady = (device: DeviceObject) => findCondition(device.status?.conditions, 'Ready')?.status === 'True';
  const unwell = new Set(devices.filter((device) => !isReady(device)).map(({ name }) => name));
  const worth = all.filter(
    (plan) => !hasEnded(plan) || (plan.status?.phase === 'Failed' && plan.status.failed.some((name) => unwell.has(name))),
  );
  const here = new Set(devices.map(({ name }) => name));
  const chosen: PlanObject[] = [];
  for (const plan of worth) if (!ofSite || (await membersOf(published, plan)).some((name) => here.has(name))) chosen.push(plan);
  return chosen.toSorted((a, b) => urgency(a) - urgency(b) || (a.createdAt < b.createdAt ? -1 : 1));
}

/** The devices of a plan; where its text cannot be read, those that its object names. */
async function membersOf(published: Published, { spec, status }: PlanObject): Promise<readonly string[]> {
  const whole = await readWholePlan(published, spec);
  if (typeof whole !== 'string') return whole.sets.flat();
  return [...spec.groups.flatMap(({ examples }) => examples), ...(status?.failed ?? [])];
}

/** What failed comes first, then what runs, then what waits for people. */
function urgency(plan: PlanObject): number {
  const order: readonly (PlanPhase | undefined)[] = ['Failed', 'Running', 'Paused', 'Proposed', 'Waiting'];
  return isUnseen(plan) ? -1 : order.indexOf(plan.status?.phase ?? 'Proposed');
}

function isUnseen({ status: each }: PlanObject): boolean {
  return findCondition(each?.conditions, 'Ready')?.reason === 'OutcomeUnknown';
}

function printPlans(plans: readonly PlanObject[]): string {
  const now = new Date();
  const rows = plans.map((plan) => {
    const ready = findCondition(plan.status?.conditions, 'Ready');
    const since = formatAge(ready?.lastTransitionTime ?? plan.createdAt, now);
    return [plan.name, describeProgress(plan), String(plan.spec.devices), plan.spec.risk, since, ready?.message ?? ''].map(printable);
  });
  return formatTable(['plan', 'stands', 'devices', 'risk', 'since', 'what'], rows);
}

function briefPlan(plan: PlanObject): object {
  const { name, spec, status: each } = plan;
  return {
    name,
    mode: spec.mode,
    devices: spec.devices,
    risk: spec.risk,
    phase: each?.phase,
    ready: findCondition(each?.conditions, 'Ready'),
  };
}

function printSubnets(subnets: readonly SubnetObject[]): string {
  const now = new Date();
  const rows = subnets.map(({ name, spec, status: each }) => {
    const told = (each?.conditions ?? []).findLast(({ type, status: holds }) => (type === 'Ready') === (holds !== 'True'));
    const full = Math.max(each?.addressesUsed ?? 0, each?.prefixesUsed ?? 0);
    const used = each?.addressesUsed === undefined && each?.prefixesUsed === undefined ? '' : `${full} %`;
    const what = told?.message ?? 'nearly full: new clients will soon get nothing. Next: add a pool to the DHCPSubnet in Git';
    return [name, spec.prefix, used, told ? formatAge(told.lastTransitionTime, now) : '', what].map(printable);
  });
  return formatTable(['subnet', 'prefix', 'leased', 'since', 'what'], rows);
}

function briefSubnet({ name, spec, status: each }: SubnetObject): object {
  const { addressesUsed, prefixesUsed, conditions } = each ?? {};
  return { name, prefix: spec.prefix, addressesUsed, prefixesUsed, conditions };
}

function printFleet(fleet: StoredObject<unknown, FleetStatus>): string {
  const ready = findCondition(fleet.status?.conditions, 'Ready')?.message ?? 'not looked at yet';
  return [ready, ...besideReady(fleet).map(({ type, message }) => `${type}: ${message}`)]
    .map((line) => `Fleet ${fleet.name}  ${printable(line)}\n`)
    .join('');
}

function printTrouble(
  devices: readonly DeviceObject[],
  reports: ReadonlyMap<string, StoredObject<DriftReportSpec, DriftReportStatus>>,
): string {
  const now = new Date();
  const rows = devices.map((device) => {
    const ready = findCondition(device.status?.conditions, 'Ready');
    const report = reports.get(device.name);
    return [
      device.name,
      device.labels['site'] ?? '',
      ready?.reason ?? 'Unverified',
      formatAge(report?.status?.since ?? ready?.lastTransitionTime ?? device.createdAt, now),
      device.status?.differences === undefined ? '' : String(device.status.differences),
      report?.status?.worst ?? '',
      device.status?.record ?? '',
      (report?.status?.who ?? []).map(({ who }) => who).join(' or '),
      report?.status?.acknowledged || report?.status?.recordAcknowledged ? (report.spec.acknowledgement?.owner ?? '') : '',
      device.status?.held ? `${device.status.held.by}: ${device.status.held.reason}` : '',
    ].map(printable);
  });
  return formatTable(['device', 'site', 'reason', 'since', 'differs', 'severity', 'NetBox', 'who', 'acknowledged', 'held'], rows);
}

function isRecordWrong({ status: each }: DeviceObject): boolean {
  return each?.record !== undefined && each.record !== 'Match';
}

function countDevices(devices: readonly DeviceObject[]): string {
  const counts = [...Map.groupBy(devices, ({ status: each }) => each?.verdict ?? 'Unknown')].map(
    ([verdict, members]) => `${members.length} ${verdict}`,
  );
  const held = devices.filter(({ status: each }) => each?.held).length;
  const records = [...Map.groupBy(devices.filter(isRecordWrong), ({ status: each }) => each?.record)].map(
    ([record, members]) => `${members.length} ${record}`,
  );
  return `${plural(devices.length, 'device')}: ${counts.join(', ') || 'none'}${held > 0 ? `; ${held} held` : ''}${records.length > 0 ? `; in NetBox ${records.join(', ')}` : ''}`;
}

function briefFleet(fleet: StoredObject<unknown, FleetStatus>): object {
  const { name, status: each } = fleet;
  return { name, revision: each?.revision, ready: findCondition(each?.conditions, 'Ready'), beside: besideReady(fleet) };
}

function briefDevice({ name, labels, status: each }: DeviceObject): object {
  return {
    name,
    labels,
    verdict: each?.verdict ?? 'Unknown',
    record: each?.record,
    ready: findCondition(each?.conditions, 'Ready'),
    differences: each?.differences,
    held: each?.held,
  };
}
