import {
  type DHCPSubnetSpec,
  type DHCPSubnetStatus,
  type DeviceStatus,
  type DeviceVerdict,
  type DriftReportSpec,
  type DriftReportStatus,
  findCondition,
  type FleetStatus,
  type ReportedDifference,
} from '../../api/index.ts';
import { formatDetails, formatReportedRecords, printable, type Style } from '../../report/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { Context, FormatOptions } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { type PlaceOptions, type Published, readIfAllowed, sayUnwatched, withPublished } from '../published.ts';
import { printRecord } from '../terminal.ts';
import { printSubnet } from './why-subnet.ts';

type DeviceObject = StoredObject<unknown, DeviceStatus>;
type Report = StoredObject<DriftReportSpec, DriftReportStatus>;
type Judged = Extract<DeviceVerdict, { differences: unknown }>;

/** What an operator last published of a device. Undefined when none watches it there and the cluster was not asked for. */
export async function whyPublished(name: string, options: PlaceOptions & FormatOptions, context: Context): Promise<ExitCode | undefined> {
  return withPublished<ExitCode | undefined>(options, async (published) => {
    const { objects, history } = published.store;
    const device = await objects.get<unknown, DeviceStatus>('Device', name);
    if (!device) {
      const subnet = await objects.get<DHCPSubnetSpec, DHCPSubnetStatus>('DHCPSubnet', name);
      if (subnet) {
        const { terminal } = context;
        const isRecord = options.output === 'json' || options.output === 'yaml';
        const { spec, status } = subnet;
        terminal.write(
          isRecord ? printRecord({ subnet: name, spec, status }, options.output as 'json') : printSubnet(subnet, terminal.style),
        );
        const ready = findCondition(status?.conditions, 'Ready')?.status ?? 'Unknown';
        return ready === 'True' ? 0 : ready === 'Unknown' ? 2 : 1;
      }
      if (!published.cluster) return undefined;
      context.terminal.say(`${name}: no operator watches it in ${published.where}\n`);
      return 1;
    }
    const report = await objects.get<DriftReportSpec, DriftReportStatus>('DriftReport', name);
    const details = await detailsOf(published, report);
    const past = await readIfAllowed(history.list(name));
    const entries = past?.slice(-10) ?? [];
    const { terminal } = context;
    const unwatched = await sayUnwatched(published);
    if (unwatched !== undefined) terminal.say(`${printable(unwatched)}\n`);
    if (past === undefined) terminal.say(`${name}: history is in namespace ${options.artifactNamespace}, which you may not read\n`);
    if (options.output === 'json' || options.output === 'yaml') {
      terminal.write(
        printRecord(
          {
            device: name,
            status: device.status,
            report: report?.status,
            acknowledgement: report?.spec.acknowledgement,
            ...details,
            history: entries,
          },
          options.output,
        ),
      );
    } else {
      terminal.write(printWhy(device, report, details, terminal.style));
      if (device.status?.record) terminal.write(await sayNetBoxAge(published));
      if (entries.length > 0)
        terminal.write(`  history\n${entries.map(({ at, event, message }) => `    ${at}  ${event}  ${printable(message)}\n`).join('')}`);
    }
    const verdict = device.status?.verdict ?? 'Unknown';
    return verdict === 'Unknown' || unwatched !== undefined ? 2 : verdict === 'InSync' ? 0 : 1;
  });
}

/** The text of a full report. Undefined where it may not be read, or was lost: the object shows the first lines all the same. */
async function readReport({ store }: Published, digest: string): Promise<string | undefined> {
  try {
    return await readIfAllowed(store.objects.getArtifact(digest));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'StoreDamaged') return undefined;
    throw error;
  }
}

/** Says how many lines differ that are not shown: what stands above is not all. */
function sayRest(report: Report | undefined, { differences, news = [] }: Pick<Judged, 'differences' | 'news'>): string {
  const rest = (report?.status?.total ?? 0) - differences.length - news.length;
  return rest > 0 ? `  and ${rest} more: the full report is not kept, or you may not read it\n` : '';
}

/** All differences: of the full report where there is one that may be read, else those in the object. */
async function detailsOf(published: Published, report: Report | undefined): Promise<Pick<Judged, 'differences' | 'news'>> {
  const digest = report?.status?.report;
  const text = digest === undefined ? undefined : await readReport(published, digest);
  if (text !== undefined) {
    const { differences, news } = JSON.parse(text) as Judged;
    return { differences, ...(news && { news }) };
  }
  const shown = report?.status?.differences ?? [];
  const differences = shown.filter(
    (each): each is ReportedDifference & { verdict: Exclude<ReportedDifference['verdict'], 'New'> } => each.verdict !== 'New',
  );
  const news = shown
    .filter(({ verdict }) => verdict === 'New')
    .map(({ path, live = '', baseline, severity, since }) => ({
      path,
      live,
      ...(baseline !== undefined && { was: baseline }),
      severity,
      since,
    }));
  return { differences: differences as Judged['differences'], news };
}

/** NetBox may be away: then what is said of it is of before. */
async function sayNetBoxAge({ store }: Published): Promise<string> {
  const fleets = await readIfAllowed(store.objects.list<unknown, FleetStatus>('Fleet'));
  const problems = (fleets ?? []).flatMap(({ status }) => findCondition(status?.conditions, 'NetBoxRead') ?? []);
  return problems.map(({ message }) => `  NetBox was not read: ${printable(message)}\n`).join('');
}

/** A device as an operator published it, with every difference that may be read. */
export async function describePublished(
  published: Published,
  device: DeviceObject,
  report: Report | undefined,
  style: Style,
): Promise<string> {
  return printWhy(device, report, await detailsOf(published, report), style);
}

function printWhy(
  { name, status }: DeviceObject,
  report: Report | undefined,
  details: Pick<Judged, 'differences' | 'news'>,
  style: Style,
): string {
  const ready = findCondition(status?.conditions, 'Ready');
  const paint = ready?.status === 'True' ? style.good : style.bad;
  const rows: [string, string | undefined][] = [
    ['wanted', status?.revision],
    ['applied', status?.appliedRevision],
    ['mode', status?.mode],
    ['NetBox', status?.record],
    ['fed by it', status?.fed && `${status.fed.slice(0, 10).join(', ')}${status.fed.length > 10 ? ', …' : ''}; so Approve at most`],
    ['version', status?.version],
    [
      'held',
      status?.held && `by ${status.held.by}: ${status.held.reason}${status.held.until === undefined ? '' : `, until ${status.held.until}`}`,
    ],
    [
      'who',
      (report?.status?.who ?? [])
        .map(({ who, at, how, what }) => `${who} (${how}${at === undefined ? '' : `, ${at}`})${what === undefined ? '' : `: ${what}`}`)
        .join('; ') || undefined,
    ],
    ['seen to by', ackLine(report)],
  ];
  const body = rows.flatMap(([title, value]) => (value === undefined ? [] : [`  ${title.padEnd(11)}${printable(value)}\n`]));
  return [
    `${style.strong(name)}  ${paint(status?.verdict ?? 'Unknown')}  ${style.faint(`since ${ready?.lastTransitionTime ?? 'never looked at'}`)}\n`,
    `  ${printable(ready?.message ?? 'It was not looked at yet')}\n`,
    ...body,
    formatDetails(details),
    sayRest(report, details),
    formatReportedRecords(report?.status, name, style),
  ].join('');
}

function ackLine(report: Report | undefined): string | undefined {
  const given = report?.spec.acknowledgement;
  if (!given) return undefined;
  const over =
    report.status?.acknowledged || report.status?.recordAcknowledged ? '' : ' (not in force: it expired, or other lines differ now)';
  return `${given.owner}: ${given.reason}, until ${given.expires}${over}`;
}
