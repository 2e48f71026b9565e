import {
  type Condition,
  type DeviceStatus,
  type DriftReportSpec,
  type DriftReportStatus,
  findCondition,
  type FleetStatus,
} from '../../api/index.ts';
import { printable } from '../../report/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { Context, FormatOptions } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { type PlaceOptions, withPublished } from '../published.ts';
import { formatAge, formatTable } from '../table.ts';
import { printRecord } from '../terminal.ts';

type DeviceObject = StoredObject<unknown, DeviceStatus>;

/** `plumb status [SITE]`: what on-call asks first. Holds, what is Unknown, what differs; not what is in order. */
export async function status(site: string | undefined, options: PlaceOptions & FormatOptions, context: Context): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async ({ store, where }) => {
    const { terminal } = context;
    const labels = site === undefined ? {} : { site };
    const [fleets, devices, reports] = await Promise.all([
      store.objects.list<unknown, FleetStatus>('Fleet'),
      store.objects.list<unknown, DeviceStatus>('Device', labels),
      store.objects.list<DriftReportSpec, DriftReportStatus>('DriftReport'),
    ]);
    const byName = new Map(reports.map((report) => [report.name, report]));
    const trouble = devices.filter((device) => findCondition(device.status?.conditions, 'Ready')?.status !== 'True' || device.status?.held);
    if (options.output === 'json' || options.output === 'yaml') {
      terminal.write(printRecord({ fleets: fleets.map(briefFleet), devices: devices.map(briefDevice) }, options.output));
    } else {
      for (const fleet of fleets) terminal.write(printFleet(fleet));
      terminal.write(`${countDevices(devices)} in ${where}${site === undefined ? '' : `, site ${site}`}\n`);
      if (trouble.length > 0) terminal.write(`\n${printTrouble(trouble, byName)}`);
    }
    if (devices.length === 0) return 1;
    if (devices.some(({ status: each }) => (each?.verdict ?? 'Unknown') === 'Unknown')) return 2;
    return trouble.length > 0 || fleets.some((fleet) => besideReady(fleet).length > 0) ? 1 : 0;
  });
}

function printFleet(fleet: StoredObject<unknown, FleetStatus>): string {
  const ready = findCondition(fleet.status?.conditions, 'Ready')?.message ?? 'not looked at yet';
  return [ready, ...besideReady(fleet).map(({ type, message }) => `${type}: ${message}`)]
    .map((line) => `Fleet ${fleet.name}  ${printable(line)}\n`)
    .join('');
}

/** What is wrong and not the reason of Ready: a webhook that is not heard, devices that cannot be published, another region. */
function besideReady({ status: each }: StoredObject<unknown, FleetStatus>): Condition[] {
  const ready = findCondition(each?.conditions, 'Ready');
  return (each?.conditions ?? []).filter(
    ({ type, status, message }) => type !== 'Ready' && status === 'False' && message !== ready?.message,
  );
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
      (report?.status?.who ?? []).map(({ who }) => who).join(' or '),
      report?.status?.acknowledged ? (report.spec.acknowledgement?.owner ?? '') : '',
      device.status?.held ? `${device.status.held.by}: ${device.status.held.reason}` : '',
    ].map(printable);
  });
  return formatTable(['device', 'site', 'reason', 'since', 'differs', 'severity', 'who', 'acknowledged', 'held'], rows);
}

function countDevices(devices: readonly DeviceObject[]): string {
  const counts = [...Map.groupBy(devices, ({ status: each }) => each?.verdict ?? 'Unknown')].map(
    ([verdict, members]) => `${members.length} ${verdict}`,
  );
  const held = devices.filter(({ status: each }) => each?.held).length;
  return `${devices.length} devices: ${counts.join(', ') || 'none'}${held > 0 ? `; ${held} held` : ''}`;
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
    ready: findCondition(each?.conditions, 'Ready'),
    differences: each?.differences,
    held: each?.held,
  };
}
