import { type Change, nodeOf } from '../compare.ts';
import type { Node } from '../types.ts';
import { nodeAt } from './folded.ts';
import { kindOf } from './twins.ts';

/** The lists whose members are lines beside those of others, by the first word of a line. */
const listOf: Readonly<Record<string, string>> = {
  option: 'option-data',
  'option-def': 'option-def',
  reservation: 'reservations',
  pool: 'pools',
  'pd-pool': 'pd-pools',
  subnet: 'subnets',
  'shared-network': 'shared-networks',
  logger: 'loggers',
  output: 'output-options',
  'control-socket': 'control-sockets',
  'hosts-database': 'hosts-databases',
};

/** A list that goes with all of its members, or comes with them, is one thing that somebody did: they are shown inside. */
export function foldLists(changes: readonly Change[], live: readonly Node[], want: readonly Node[]): readonly Change[] {
  const groups = Map.groupBy(changes, (change) => {
    const list = change.kind === 'add' || change.kind === 'remove' ? listIn(nodeOf(change)) : undefined;
    return list === undefined ? undefined : `${change.kind} ${change.path.map(({ key }) => key).join('\n')}\n\n${list}`;
  });
  const shown = new Map<Change, Change | undefined>();
  for (const [where, group] of groups) {
    const [first] = group;
    if (where === undefined || !first || group.length < 2) continue;
    const { path } = first;
    const list = listIn(nodeOf(first)) ?? '';
    const membersIn = (roots: readonly Node[]): number =>
      (nodeAt(roots, path)?.children ?? []).filter((each) => listIn(each) === list).length;
    const [from, to] = first.kind === 'add' ? [want, live] : [live, want];
    if (membersIn(from) !== group.length || membersIn(to) > 0) continue;
    const node: Node = { ...nodeOf(first), key: list, text: list, children: group.map(nodeOf) };
    for (const each of group) shown.set(each, undefined);
    shown.set(first, first.kind === 'add' ? { kind: 'add', path, want: node } : { kind: 'remove', path, live: node });
  }
  return shown.size === 0 ? changes : changes.flatMap((change) => (shown.has(change) ? (shown.get(change) ?? []) : change));
}

/** The list that the line is a member of. Each shared network has one of subnets. */
function listIn(node: Node): string | undefined {
  const list = listOf[kindOf(node)];
  if (list !== 'subnets') return list;
  const network = node.children.find(({ key }) => key === 'shared-network');
  return network ? `subnets of ${network.text}` : list;
}
