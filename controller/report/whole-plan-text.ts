import {
  type ChangeApprovalSpec,
  type ChangePlanSpec,
  type ChangePlanStatus,
  type DevicePlan,
  findCondition,
  type Plan,
  weightOf,
} from '../api/index.ts';
import { formatChangePlan } from './change-plan-text.ts';
import { planMarkdown } from './plan-markdown.ts';
import { cell } from './markdown-cell.ts';
import { formatPlanGroup } from './plan-text.ts';
import { plural } from './problems.ts';
import { formatRouting } from './routing-text.ts';
import { printable, type Style } from './style.ts';

/** All that is known of a ChangePlan, for whoever decides about it or watches it. */
export interface WholePlan {
  name: string;
  spec: ChangePlanSpec;
  status?: ChangePlanStatus | undefined;
  /** Every command; absent where it cannot be read. */
  plan?: Plan | undefined;
  /** Its groups by the digest that is approved. */
  groups: ReadonlyMap<string, readonly DevicePlan[]>;
  /** What people said to it, or to the same effects before. */
  approvals: readonly { spec: ChangeApprovalSpec; createdAt: string }[];
  /** What the rules of the Fleet still ask for. */
  missing: readonly string[];
}

/** For a terminal: what it is for, where it stands, who said what, then every change with its way back. */
export function formatWholePlan(whole: WholePlan, style: Style): string {
  const { spec, plan, groups } = whole;
  const head = formatChangePlan(whole, [], style);
  const rows = describeStanding(whole).map(([title, text]) => `  ${style.faint(title.padEnd(11))}${printable(text)}\n`);
  if (!plan) return head + rows.join('') + formatChangePlan(whole, spec.groups, style).slice(head.length);
  const states = statesOf(plan, whole.status?.progress);
  const together = plan.sets.filter((set) => set.length > 1).map((set) => `  change together: ${set.join(' + ')}\n`);
  const parts = [...groups].toSorted(([, a], [, b]) => weigh(b) - weigh(a) || b.length - a.length);
  const texts = parts.map(([digest, members]) => {
    const devices = members.map(({ effect }) => effect.device).toSorted();
    const [first] = members;
    if (!first) return '';
    const facts = [...Map.groupBy(devices, (device) => states.get(device) ?? '')].flatMap(([state, some]) =>
      state === '' ? [] : [`${state}: ${some.join(', ')}`],
    );
    return formatPlanGroup(devices, { ...first, effectDigest: digest }, style, facts);
  });
  return [head, ...rows, ...together, formatRouting(plan.routing, style), ...texts].join('');
}

/** For a pull request or a ticket: the same. */
export function wholePlanMarkdown(whole: WholePlan): string {
  const { name, spec, status, plan, groups } = whole;
  const rows = describeStanding(whole).map(([title, text]) => `| ${cell(title)} | ${cell(text)} |\n`);
  const title = `## ${cell(name)}: ${status?.phase ?? 'Proposed'}\n\n| | |\n|---|---|\n${rows.join('')}\n`;
  // The digest that is approved, not the one of each device.
  if (plan)
    return (
      title +
      planMarkdown({ ...plan, devices: [...groups].flatMap(([effectDigest, some]) => some.map((each) => ({ ...each, effectDigest }))) })
    );
  const shown = spec.groups.map(
    ({ examples, devices, risk, total }) =>
      `- ${cell(examples.join(', '))}${devices > examples.length ? ` and ${devices - examples.length} more` : ''}: ${plural(total, 'command')}, risk ${risk}\n`,
  );
  const risks = (spec.wholeRisk?.riskReasons ?? []).map((reason) => `- risk of the whole: ${cell(reason)}\n`);
  return title + [...risks, ...shown].join('');
}

function weigh([first]: readonly DevicePlan[]): number {
  return weightOf(first?.effect.risk ?? 'low');
}

function describeStanding({ spec, status, approvals, missing }: WholePlan): readonly (readonly [title: string, text: string])[] {
  const ready = findCondition(status?.conditions, 'Ready');
  const asked = status?.asked;
  const begun = status?.startedAt;
  return [
    ...(ready ? [['stands', ready.reason === status?.phase ? ready.message : `${ready.reason}: ${ready.message}`] as const] : []),
    ...(asked
      ? [['asked', `${asked.what} by ${asked.by}, ${asked.at}${asked.reason === undefined ? '' : `: ${asked.reason}`}`] as const]
      : []),
    ...approvals.map((each) => ['said', describeAnswer(each, spec)] as const),
    ...missing.map((each) => ['waits for', each] as const),
    ...describeWaves(status).map((line, k) => [k === 0 ? 'waves' : '', line] as const),
    ...(status && status.failed.length > 0 ? [['not done', status.failed.join(', ')] as const] : []),
    ...(begun === undefined ? [] : [['began', `${begun}${status?.endedAt === undefined ? '' : `, ended ${status.endedAt}`}`] as const]),
  ];
}

/** `mona approved all of it at …`. */
function describeAnswer({ spec, createdAt }: WholePlan['approvals'][number], { groups, groupCount }: ChangePlanSpec): string {
  const mine = groups.filter(({ effectDigest }) => spec.effectDigests.includes(effectDigest));
  const what = mine.length === groupCount ? 'all of it' : `${plural(mine.length, 'change')} of ${groupCount}`;
  return [
    `${spec.approver} ${spec.decision === 'Approve' ? 'approved' : 'rejected'} ${what}, ${createdAt}`,
    spec.override ? ', outside of windows too' : '',
    spec.expires === undefined ? '' : `, until ${spec.expires}`,
    spec.reason === undefined ? '' : `: ${spec.reason}`,
  ].join('');
}

/** One line for each wave. Before it begins, how many sets each has. */
function describeWaves(status: ChangePlanStatus | undefined): readonly string[] {
  const { waves = [], layout, progress = '', wave: current, bakedUntil } = status ?? {};
  return waves.flatMap((sets, wave) => {
    if (sets === 0) return [];
    const name = wave === 0 ? 'canary' : `wave ${wave}`;
    if (layout === undefined) return [`${name}: ${plural(sets, 'set')}`];
    const letters = progress.split('').filter((_, set) => layout[set] === wave.toString(16));
    const counts = [...Map.groupBy(letters, describeLetter)].map(([word, all]) => `${all.length} ${word}`);
    const watched = wave === current && bakedUntil !== undefined ? `; watched until ${bakedUntil}` : '';
    return [`${name}: ${counts.join(', ')}${watched}`];
  });
}

/** What a letter of the progress says of its set. */
export function describeLetter(letter: string): string {
  return words[letter] ?? letter;
}

const words: Readonly<Record<string, string>> = {
  '.': 'waiting',
  a: 'at work',
  c: 'confirmed',
  r: 'rolled back',
  n: 'not begun, nothing written',
  p: 'applied in part',
  i: 'not rolled back completely',
  u: 'with an outcome that nobody has seen',
  s: 'confirmed, then not healthy',
  b: 'being taken back',
  t: 'taken back',
  k: 'not taken back',
};

/** What became of each device; nothing before it begins. */
function statesOf({ sets }: Plan, progress: string | undefined): ReadonlyMap<string, string> {
  if (progress === undefined || !/[^.]/.test(progress)) return new Map();
  return new Map(sets.flatMap((set, k) => set.map((device) => [device, words[progress[k] ?? '.'] ?? ''] as const)));
}
