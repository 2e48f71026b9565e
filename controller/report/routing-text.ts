import type { NamedPrefixes, NeighborRoutes, RouteLeak, RoutingEffects } from '../api/index.ts';
import type { Part } from './fit.ts';
import { cell } from './markdown-cell.ts';
import { plural } from './problems.ts';
import { printable, type Style } from './style.ts';

const shown = 8;

/** What a change does to routes, for a terminal: the worst first, then neighbor by neighbor, and what nobody looked at. */
export function formatRouting(effects: RoutingEffects | undefined, style: Style): string {
  if (!effects) return '';
  const lines = [
    ...alarms(effects).map((line) => style.bad(printable(line))),
    ...effects.neighbors.flatMap((each) => [
      style.strong(printable(titleOf(each))),
      ...changesOf(each).map(
        ([what, text]) => `  ${what === 'withdrawn' ? style.bad(what.padEnd(10)) : what.padEnd(10)}${printable(text)}`,
      ),
    ]),
    ...(effects.neighbors.length === 0 ? [describeNothing(effects)] : []),
    ...effects.notEvaluated.map((what) => style.faint(printable(`not evaluated: ${what}`))),
  ];
  return `\n${style.strong('Routes')} ${style.faint(`(${describeScope(effects)})`)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** The same for a pull request, as parts that may be shortened: what is worst, then a table. What was not evaluated stands elsewhere. */
export function routingParts(effects: RoutingEffects | undefined): readonly Part[] {
  if (!effects) return [];
  const rows = effects.neighbors.flatMap((each) =>
    changesOf(each).map(
      ([what, text]) =>
        [
          `| ${cell(each.device)} | ${cell(peerOf(each))} | ${what === 'withdrawn' ? '**withdrawn**' : what} | ${cell(text)} |\n`,
          what,
        ] as const,
    ),
  );
  // Of many neighbors those that lose something come first.
  const weight = { withdrawn: 0, announced: 1, changed: 2 };
  const sorted = rows.toSorted(([, a], [, b]) => weight[a] - weight[b]);
  return [
    {
      head: `\n### Routes (${describeScope(effects)})\n\n`,
      entries: alarms(effects).map((line) => [`- **${cell(line)}**\n`]),
      left: (count) => `- ${plural(count, 'more warning')} left out\n`,
    },
    {
      head: rows.length > 0 ? '\n| device | neighbor | | prefixes |\n|---|---|---|---|\n' : `${describeNothing(effects)}\n`,
      entries: sorted.map(([row]) => [row]),
      left: (count) => `| | ${plural(count, 'more row')} left out | | |\n`,
    },
  ];
}

/** Nothing found and nothing looked at are not the same. */
function describeNothing({ evaluated }: RoutingEffects): string {
  return evaluated.devices === 0 ? 'Not known.' : 'No neighbor outside gets anything else.';
}

function describeScope({ evaluated: { devices, prefixes, received } }: RoutingEffects): string {
  return `${plural(devices, 'device')}, ${prefixes} ${prefixes === 1 ? 'prefix' : 'prefixes'}${received > 0 ? `, of them ${plural(received, 'received route')}` : ''}`;
}

function alarms({ lastOfSite, leaks, unreachable }: RoutingEffects): string[] {
  return [
    ...lastOfSite.map((lost) => `no router of ${lost.site} would announce ${listPrefixes(lost)} any more`),
    ...leaks.map(describeLeak),
    ...unreachable.map((lost) => `${lost.device} would have no route to ${listPrefixes(lost)}`),
  ];
}

function describeLeak({ from, to, prefixes, received }: RouteLeak): string {
  const way = `${from.peer} (${from.relationship}, at ${from.device}) would go to ${to.peer} (${to.relationship}, at ${to.device})`;
  return received ? `route leak: ${listPrefixes(prefixes)} of ${way}` : `route leak: a route like ${listPrefixes(prefixes)} of ${way}`;
}

function titleOf(each: NeighborRoutes): string {
  return `${each.device} to ${peerOf(each)}`;
}

function peerOf({ peer, neighbor, relationship }: NeighborRoutes): string {
  return `${peer} (${neighbor}${relationship === null ? '' : `, ${relationship}`})`;
}

function changesOf({
  announced,
  withdrawn,
  changed,
}: NeighborRoutes): (readonly [what: 'announced' | 'withdrawn' | 'changed', text: string])[] {
  return [
    ...(withdrawn.count > 0 ? [['withdrawn', listPrefixes(withdrawn)] as const] : []),
    ...(announced.count > 0 ? [['announced', listPrefixes(announced)] as const] : []),
    ...changed.map((each) => {
      const attributes = each.attributes.map(({ attribute, before, after }) => `${attribute} ${before || 'none'} → ${after || 'none'}`);
      return ['changed', `${listPrefixes(each)}: ${attributes.join(', ')}`] as const;
    }),
  ];
}

function listPrefixes({ count, prefixes }: NamedPrefixes): string {
  const some = prefixes.slice(0, shown).join(', ');
  return count > shown ? `${some} and ${count - shown} more` : some;
}
