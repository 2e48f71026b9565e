import { DeviceListName } from '../../api/index.ts';
import type { Node } from '../../config/index.ts';
import type { Claims } from '../claims.ts';
import type { FoundSet, Spec } from '../found.ts';
import type { Original } from '../original.ts';

const prefixEntry = /^(ip|ipv6) prefix-list (\S+) seq (\d+) (permit|deny) (\S+)(?: ge (\d+))?(?: le (\d+))?$/;
const asPathEntry = /^bgp as-path access-list (\S+) seq (\d+) (permit|deny) (.+)$/;
const communityEntry = /^bgp (large-community|extcommunity|community)-list standard (\S+) seq (\d+) (permit|deny) (.+)$/;

const types: ReadonlyMap<string, string> = new Map([
  ['community', 'Standard'],
  ['large-community', 'Large'],
  ['extcommunity', 'Extended'],
]);

interface Numbered {
  sequence: number;
  entry: Spec;
}

/** The lists of an original that a set expresses. A list is taken whole or not at all. */
export function findSets({ tree }: Original, claims: Claims): FoundSet[] {
  const lists = new Map<string, { first: string; nodes: Node[] }>();
  for (const node of tree.roots) {
    if (!/^(ip|ipv6) prefix-list |^bgp (as-path access|community|large-community|extcommunity)-list /.test(node.text)) continue;
    const object = node.rule.object?.(node.text.split(' ')) ?? node.text;
    const list = lists.get(object) ?? { first: node.text, nodes: [] };
    list.nodes.push(node);
    lists.set(object, list);
  }
  return [...lists].flatMap(([object, { nodes }]) => {
    const unit = `list ${object}`;
    if (!claims.mayTake(unit)) return [];
    const found = readPrefixes(nodes) ?? readAsPaths(nodes) ?? readCommunities(nodes);
    if (!found || !DeviceListName.safeParse(found.list).success) return [];
    claims.take(unit, nodes);
    return [{ ...found, unit }];
  });
}

type Read = Omit<FoundSet, 'unit'> | undefined;

function readPrefixes(nodes: readonly Node[]): Read {
  const entries: Numbered[] = [];
  let head: { ip: string; list: string } | undefined;
  for (const { text } of nodes) {
    const match = prefixEntry.exec(text);
    if (!match) return undefined;
    const [, ip = '', list = '', sequence, action = '', prefix = '', ge, le] = match;
    head = { ip, list };
    const any = ip === 'ip' ? { prefix: '0.0.0.0/0', le: 32 } : { prefix: '::/0', le: 128 };
    const range = { prefix, ...(ge !== undefined && { ge: Number(ge) }), ...(le !== undefined && { le: Number(le) }) };
    entries.push({
      sequence: Number(sequence),
      entry: { ...(prefix === 'any' ? any : range), ...(action === 'deny' && { action: 'Deny' }) },
    });
  }
  if (!head) return undefined;
  const family = head.ip === 'ip' ? 'ipv4' : 'ipv6';
  return { kind: 'PrefixSet', list: head.list, key: `${head.ip} ${head.list}`, family, spec: numbered(entries, 'entries') };
}

function readAsPaths(nodes: readonly Node[]): Read {
  const entries: Numbered[] = [];
  let list: string | undefined;
  for (const { text } of nodes) {
    const match = asPathEntry.exec(text);
    if (!match) return undefined;
    list = match[1] ?? '';
    const [, , sequence, action = '', regex] = match;
    entries.push({ sequence: Number(sequence), entry: { regex, ...(action === 'deny' && { action: 'Deny' }) } });
  }
  return list === undefined ? undefined : { kind: 'ASPathSet', list, key: `as-path ${list}`, spec: numbered(entries, 'entries') };
}

/** A set is one kind of communities, all permitted: one in each entry, or all in a single one. */
function readCommunities(nodes: readonly Node[]): Read {
  const groups: { sequence: number; communities: string[] }[] = [];
  let head: { kind: string; type: string; list: string } | undefined;
  for (const { text } of nodes) {
    const match = communityEntry.exec(text);
    if (!match || match[4] !== 'permit') return undefined;
    const [, kind = '', list = '', sequence, , rest = ''] = match;
    if (head && head.type !== types.get(kind)) return undefined;
    head = { kind, type: types.get(kind) ?? '', list };
    // Extended communities stand as two words, `rt 64500:1`.
    const communities = kind === 'extcommunity' ? rest.replace(/\b(rt|soo) /g, '$1:').split(' ') : rest.split(' ');
    groups.push({ sequence: Number(sequence), communities });
  }
  if (!head) return undefined;
  const step = stepOf(groups.map(({ sequence }) => sequence));
  const isAll = groups.length === 1 && (groups[0]?.communities.length ?? 0) > 1;
  if (step === undefined || !(isAll || groups.every(({ communities }) => communities.length === 1))) return undefined;
  const communities = groups.flatMap((group) => group.communities);
  return {
    kind: 'CommunitySet',
    list: head.list,
    key: `${head.kind} ${head.list}`,
    type: head.type,
    spec: { type: head.type, ...(isAll && { match: 'All' }), ...stepField(step), communities },
  };
}

/** In the order of their numbers, with the step that they keep, or a number each. */
function numbered(entries: Numbered[], field: string): Spec {
  entries.sort((a, b) => a.sequence - b.sequence);
  const step = stepOf(entries.map(({ sequence }) => sequence));
  if (step !== undefined) return { ...stepField(step), [field]: entries.map(({ entry }) => entry) };
  return { [field]: entries.map(({ entry, sequence }) => ({ ...entry, sequence })) };
}

function stepOf(sequences: readonly number[]): number | undefined {
  const [step = 0] = sequences;
  return step >= 1 && step <= 1000 && sequences.every((sequence, i) => sequence === (i + 1) * step) ? step : undefined;
}

function stepField(step: number): Spec {
  return step === 10 ? {} : { sequenceStep: step };
}
