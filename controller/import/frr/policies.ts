import { DeviceListName, ExtraLine, PolicyTerm } from '../../api/index.ts';
import type { Node } from '../../config/index.ts';
import type { Claims } from '../claims.ts';
import type { FoundPolicy, FoundTerm, Spec } from '../found.ts';
import type { Original } from '../original.ts';

const opener = /^route-map (\S+) (permit|deny) (\d+)$/;

/** The route-maps of an original, term by term. What no field of a term expresses becomes a line of it. */
export function findPolicies({ tree }: Original, claims: Claims, sets: ReadonlySet<string>): FoundPolicy[] {
  const maps = new Map<string, { node: Node; action: string; sequence: number }[]>();
  const odd = new Set<string>();
  for (const node of tree.roots) {
    if (!node.text.startsWith('route-map ')) continue;
    const [, name = '', action = '', sequence] = opener.exec(node.text) ?? [];
    if (sequence === undefined) odd.add(node.text.split(' ')[1] ?? '');
    else maps.set(name, [...(maps.get(name) ?? []), { node, action, sequence: Number(sequence) }]);
  }
  return [...maps].flatMap(([map, entries]) => {
    const unit = `route-map ${map}`;
    if (odd.has(map) || !DeviceListName.safeParse(map).success || entries.length > 1000 || !claims.mayTake(unit)) return [];
    entries.sort((a, b) => a.sequence - b.sequence);
    const terms = entries.map(({ node, action, sequence }) => readTerm(node, action, sequence, sets));
    if (!terms.every((term) => term !== undefined)) return [];
    claims.take(
      unit,
      entries.flatMap(({ node }) => [node, ...node.children]),
    );
    return [{ unit, map, terms }];
  });
}

function readTerm(node: Node, action: string, sequence: number, known: ReadonlySet<string>): FoundTerm | undefined {
  if (sequence < 1 || sequence > 65_535) return undefined;
  const draft: Draft = {
    match: {},
    set: {},
    sets: {},
    isPermit: action === 'permit',
    known,
    texts: new Set(node.children.map(({ text }) => text)),
  };
  const lines: string[] = [];
  let description: string | undefined;
  for (const { text, children } of node.children) {
    if (children.length > 0) return undefined;
    if (text.startsWith('description ')) description = text.slice('description '.length);
    else if (!readLine(text, draft)) lines.push(text);
  }
  if (!lines.every((line) => ExtraLine.safeParse(line).success)) return undefined;
  const spec: Spec = {
    name: `seq-${sequence}`,
    sequence,
    action: draft.isPermit ? 'Permit' : 'Deny',
    ...(description !== undefined && { description }),
    ...(Object.keys(draft.match).length > 0 && { match: draft.match }),
    ...(Object.keys(draft.set).length > 0 && { set: draft.set }),
    ...(draft.continues && { continue: true }),
    ...(lines.length > 0 && { lines }),
  };
  return { spec, sets: draft.sets };
}

interface Draft {
  match: Record<string, unknown>;
  set: Record<string, unknown>;
  /** Place in the spec to the key of a set. */
  sets: Record<string, string>;
  isPermit: boolean;
  continues?: boolean;
  /** Keys of the sets there are. */
  known: ReadonlySet<string>;
  /** All lines of the entry. */
  texts: ReadonlySet<string>;
}

const setMatches: readonly (readonly [pattern: RegExp, field: string, key: (list: string) => string])[] = [
  [/^match as-path (\S+)$/, 'asPathSet', (list) => `as-path ${list}`],
  [/^match community (\S+)$/, 'communitySet', (list) => `community ${list}`],
  [/^match large-community (\S+)$/, 'communitySet', (list) => `large-community ${list}`],
  [/^match extcommunity (\S+)$/, 'communitySet', (list) => `extcommunity ${list}`],
  [/^match ip address prefix-list (\S+)$/, 'prefixSet', (list) => `ip ${list}`],
  [/^match ipv6 address prefix-list (\S+)$/, 'prefixSet', (list) => `ipv6 ${list}`],
  [/^match ip next-hop prefix-list (\S+)$/, 'nextHopSet', (list) => `ip ${list}`],
  [/^match ipv6 next-hop prefix-list (\S+)$/, 'nextHopSet', (list) => `ipv6 ${list}`],
];

const origins: ReadonlyMap<string, string> = new Map([
  ['igp', 'IGP'],
  ['egp', 'EGP'],
  ['incomplete', 'Incomplete'],
]);

/** True when a field says what the line says. */
function readLine(text: string, draft: Draft): boolean {
  const value = text.split(' ').at(-1) ?? '';
  for (const [pattern, field, keyOf] of setMatches) {
    const list = pattern.exec(text)?.[1];
    if (list !== undefined) return useSet(draft, 'match', field, keyOf(list));
  }
  if (/^match local-preference \d+$/.test(text)) return put(draft, 'match', { localPreference: Number(value) });
  if (/^match metric \d+$/.test(text)) return put(draft, 'match', { med: Number(value) });
  const state = /^match rpki (valid|invalid|notfound)$/.exec(text)?.[1];
  if (state !== undefined)
    return put(draft, 'match', { rpki: state === 'notfound' ? 'NotFound' : state === 'valid' ? 'Valid' : 'Invalid' });
  if (/^match origin \w+$/.test(text) && origins.get(value)) return put(draft, 'match', { origin: origins.get(value) });
  if (!draft.isPermit) return false;
  if (text === 'on-match next') return (draft.continues = true);
  if (/^set local-preference \d+$/.test(text)) return put(draft, 'set', { localPreference: Number(value) });
  if (/^set metric \d+$/.test(text)) return put(draft, 'set', { med: Number(value) });
  if (/^set weight \d+$/.test(text)) return put(draft, 'set', { weight: Number(value) });
  if (/^set origin \w+$/.test(text) && origins.get(value)) return put(draft, 'set', { origin: origins.get(value) });
  if (/^set as-path prepend( \d+)+$/.test(text)) return put(draft, 'set', { asPathPrepend: text.split(' ').slice(3).map(Number) });
  return readCommunities(text, draft) || readNextHop(text, draft);
}

function readCommunities(text: string, draft: Draft): boolean {
  const deletion = /^set (comm|large-comm)-list (\S+) delete$/.exec(text);
  if (deletion) {
    const [, short = '', list = ''] = deletion;
    const [field, word] = short === 'comm' ? ['communities', 'community'] : ['largeCommunities', 'large-community'];
    // After a replacement what is left is known, and the deletion would not be written.
    if ([...draft.texts].some((line) => line.startsWith(`set ${word} `) && !line.endsWith(' additive'))) return false;
    return useSet(draft, 'set', `${field}.delete`, `${word} ${list}`);
  }
  const extended = /^set extcommunity (rt|soo) (.+)$/.exec(text);
  if (extended) {
    const [, kind, rest = ''] = extended;
    const add = rest.split(' ').map((each) => `${kind}:${each}`);
    const before = (draft.set['extendedCommunities'] as { add: string[] } | undefined)?.add ?? [];
    return put(draft, 'set', { extendedCommunities: { add: [...before, ...add] } });
  }
  const change = /^set (community|large-community) (.+)$/.exec(text);
  if (!change) return false;
  const [, word, rest = ''] = change;
  const field = word === 'community' ? 'communities' : 'largeCommunities';
  const before = draft.set[field] as Spec | undefined;
  if (rest === 'none') return put(draft, 'set', { [field]: { ...before, replace: [] } });
  const words = rest.split(' ');
  const isAdded = words.at(-1) === 'additive';
  const list = isAdded ? words.slice(0, -1) : words;
  // Routers print them sorted, words among them in places of their own.
  if (list.length > 1 && !list.every((each) => /^[\d:]+$/.test(each))) return false;
  return put(draft, 'set', { [field]: { ...before, [isAdded ? 'add' : 'replace']: list } });
}

function readNextHop(text: string, draft: Draft): boolean {
  const match = /^set (ip|ipv6) next-hop (?:(peer-address|unchanged)|(?:global )?([\d.:a-f]+))$/.exec(text);
  if (!match || 'nextHop' in draft.set) return false;
  const [, family = '', mode, address] = match;
  if (address !== undefined) return (family === 'ip') === !text.includes(' global ') && put(draft, 'set', { nextHop: address });
  if (mode === 'unchanged') return family === 'ip' && put(draft, 'set', { nextHop: 'Unchanged' });
  const other = family === 'ip' ? 'ipv6' : 'ip';
  const lists = [draft.sets['match.prefixSet'], draft.sets['match.nextHopSet']].flatMap((key) => key?.split(' ')[0] ?? []);
  const isOfOne = lists.length > 0 && lists.every((each) => each === family);
  return isOfOne && !draft.texts.has(`set ${other} next-hop peer-address`) && put(draft, 'set', { nextHop: 'PeerAddress' });
}

/** A set of the other IP version than one that stands there already could match nothing with it. */
function useSet(draft: Draft, part: 'match' | 'set', field: string, key: string): boolean {
  const place = `${part}.${field}`;
  if (!draft.known.has(key) || place in draft.sets) return false;
  const other = draft.sets[field === 'prefixSet' ? 'match.nextHopSet' : field === 'nextHopSet' ? 'match.prefixSet' : ''];
  if (other !== undefined && other.split(' ')[0] !== key.split(' ')[0]) return false;
  draft.sets[place] = key;
  return true;
}

/** Keeps the value when the schema takes it just as it is. */
function put(draft: Draft, part: 'match' | 'set', value: Spec): boolean {
  const tried = PolicyTerm.safeParse({ name: 'x', action: 'Permit', [part]: value });
  const [field = ''] = Object.keys(value);
  if (!tried.success || !isKept(value[field], (tried.data[part] as Spec)[field])) return false;
  draft[part][field] = value[field];
  return true;
}

/** Schemas write some values another way: a community by its name. Lists they fill with defaults are no change. */
function isKept(given: unknown, read: unknown): boolean {
  if (typeof given !== 'object' || given === null) return given === read;
  return Object.entries(given).every(([key, value]) => isKept(value, (read as Record<string, unknown>)[key]));
}
