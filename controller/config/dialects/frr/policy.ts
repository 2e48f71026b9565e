import type { Row, RowEffect } from '../../dialect.ts';
import { canonicalPrefix } from './addresses.ts';
import { on } from './normal.ts';

/** Lists and route-maps. A route-map's terms and their lines are edited in place, never rebuilt. */
const soft = { effect: 'soft' as RowEffect };

const prefixList = (family: 'ip' | 'ipv6'): Row[] => [
  {
    match: `${family} prefix-list {name} seq {seq} <rule*>`,
    remove: `no ${family} prefix-list {name} seq {seq} {rule}`,
    object: `${family} prefix-list {name}`,
    defines: `${family} prefix-list {name}`,
    slot: '{name} {rule}',
    removed: 'after',
    order: 20,
    normal: prefixListEntry,
    ...soft,
  },
  {
    match: `${family} prefix-list {name} description <text*>`,
    remove: `no ${family} prefix-list {name} description`,
    object: `${family} prefix-list {name}`,
    order: 21,
    effect: 'none',
    remark: true,
  },
  {
    match: `${family} prefix-list {name} permit|deny {rule*}`,
    object: `${family} prefix-list {name}`,
    defines: `${family} prefix-list {name}`,
    order: 20,
    ...soft,
  },
];

function prefixListEntry(words: readonly string[]): readonly string[] {
  const prefix = words[6] ?? '';
  // The same to FRR, which prints the words that it was given.
  if (
    words.length === 9 &&
    words[7] === 'le' &&
    prefix === (words[0] === 'ip' ? '0.0.0.0/0' : '::/0') &&
    words[8] === (words[0] === 'ip' ? '32' : '128')
  )
    return [...words.slice(0, 6), 'any'];
  const canonical = canonicalPrefix(prefix);
  const isInOrder = words.length <= 7 || (words.length === 9 && (words[7] === 'le' || words[7] === 'ge'));
  if (isInOrder) return canonical === prefix ? words : words.with(6, canonical);
  const range = lengthRange(words.slice(7));
  const same = canonical === prefix && range.length === words.length - 7 && range.every((word, i) => word === words[7 + i]);
  return same ? words : [...words.slice(0, 6), canonical, ...range];
}

/** `ge` before `le`, and no `ge` that says nothing. */
function lengthRange(words: readonly string[]): string[] {
  const out: string[] = [];
  for (const word of ['ge', 'le']) {
    const at = words.indexOf(word);
    if (at >= 0) out.push(word, words[at + 1] ?? '');
  }
  return out;
}

/** FRR keeps communities sorted, each once, with `additive` behind them. */
function sortedCommunities(words: readonly string[]): readonly string[] {
  const [set = '', what = '', ...values] = words;
  const plain = values.filter((each) => each !== 'additive');
  if (plain.length < 2 || !plain.every((each) => /^\d+(:\d+)+$/.test(each))) return words;
  const sorted = [...new Set(plain)].sort(byParts);
  return [set, what, ...sorted, ...(plain.length === values.length ? [] : ['additive'])];
}

function byParts(a: string, b: string): number {
  const right = b.split(':');
  for (const [i, part] of a.split(':').entries()) {
    const difference = Number(part) - Number(right[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

const numberedList = (match: string, kind: string, order = 20): Row[] => [
  {
    match: `${match} {name} seq {seq} <rule*>`,
    object: `${kind} {name}`,
    defines: `${kind} {name}`,
    slot: '{name} {rule}',
    removed: 'after',
    order,
    ...soft,
  },
  { match: `${match} {name} remark <text*>`, object: `${kind} {name}`, order: order + 1, effect: 'none', remark: true },
];

const communityList = (type: string): Row[] =>
  ['standard', 'expanded'].map(
    (flavor): Row => ({
      match: [`bgp ${type}-list ${flavor} {name} seq {seq} <rule*>`, `ip ${type}-list ${flavor} {name} seq {seq} <rule*>`],
      normal: (words) => (words[0] === 'ip' ? ['bgp', ...words.slice(1)] : words),
      key: `bgp ${type}-list {name} seq {seq}`,
      object: `${type}-list {name}`,
      defines: `${type}-list {name}`,
      slot: '{name} {rule}',
      order: 20,
      removed: 'after',
      ...soft,
    }),
  );

export const policyRows: readonly Row[] = [
  ...prefixList('ip'),
  ...prefixList('ipv6'),
  ...numberedList('access-list', 'access-list'),
  ...numberedList('ipv6 access-list', 'ipv6 access-list'),
  ...numberedList('mac access-list', 'mac access-list'),
  ...communityList('community'),
  ...communityList('large-community'),
  ...communityList('extcommunity'),
  // Without a number: FRR gives one, and so does the pass over the whole tree.
  ...['community', 'large-community', 'extcommunity'].map(
    (type): Row => ({
      match: [
        `bgp ${type}-list standard|expanded {name} permit|deny {rule*}`,
        `ip ${type}-list standard|expanded {name} permit|deny {rule*}`,
      ],
      normal: (words) => (words[0] === 'ip' ? ['bgp', ...words.slice(1)] : words),
    }),
  ),
  {
    match: ['bgp as-path access-list {name} permit|deny {rule*}', 'ip as-path access-list {name} permit|deny {rule*}'],
    normal: (words) => (words[0] === 'ip' ? ['bgp', ...words.slice(1)] : words),
  },
  ...['access-list', 'ipv6 access-list', 'mac access-list'].map((list): Row => ({ match: `${list} {name} permit|deny {rule*}` })),
  {
    match: 'bgp as-path access-list {name} seq {seq} <rule*>',
    object: 'as-path access-list {name}',
    defines: 'as-path access-list {name}',
    slot: '{name} {rule}',
    order: 20,
    removed: 'after',
    ...soft,
  },
  {
    match: 'route-map {name} <action> {seq}',
    opens: 'route-map',
    object: 'route-map {name}',
    defines: 'route-map {name}',
    order: 30,
    ...soft,
  },
  { match: 'route-map {name} optimization', object: 'route-map {name}', ...on, order: 31 },
];

const matchRow = (pattern: string, uses?: string, more: Partial<Row> = {}): Row => ({
  match: `match ${pattern}`,
  ...(uses !== undefined && { uses }),
  ...soft,
  ...more,
});

export const policySections: Readonly<Record<string, readonly Row[]>> = {
  'route-map': [
    { match: 'description <text*>', remove: 'no description', effect: 'none', remark: true },
    { match: 'call <map>', uses: 'route-map {map}', remove: 'no call', ...soft },
    { match: 'continue', key: 'on-match', normal: () => ['on-match', 'next'] },
    { match: 'continue <seq>', key: 'on-match', normal: (words) => ['on-match', 'goto', words[1] ?? ''] },
    { match: 'on-match next', key: 'on-match', remove: 'no on-match next', ...soft },
    { match: 'on-match goto <seq>', key: 'on-match', remove: 'no on-match goto', ...soft },
    matchRow('ip address prefix-list <list>', 'ip prefix-list {list}'),
    matchRow('ip address prefix-len <length>'),
    matchRow('ip address <list>', 'access-list {list}'),
    matchRow('ip next-hop prefix-list <list>', 'ip prefix-list {list}'),
    matchRow('ip next-hop prefix-len <length>'),
    matchRow('ip next-hop address <address>'),
    matchRow('ip next-hop type <type>'),
    matchRow('ip next-hop <list>', 'access-list {list}'),
    matchRow('ip route-source prefix-list <list>', 'ip prefix-list {list}'),
    matchRow('ip route-source <list>', 'access-list {list}'),
    matchRow('ipv6 address prefix-list <list>', 'ipv6 prefix-list {list}'),
    matchRow('ipv6 address prefix-len <length>'),
    matchRow('ipv6 address <list>', 'ipv6 access-list {list}'),
    matchRow('ipv6 next-hop prefix-list <list>', 'ipv6 prefix-list {list}'),
    matchRow('ipv6 next-hop type <type>'),
    matchRow('ipv6 next-hop address <address>'),
    matchRow('ipv6 next-hop <list>', 'ipv6 access-list {list}'),
    matchRow('community <list> <exact*>', 'community-list {list}'),
    matchRow('large-community <list> <exact*>', 'large-community-list {list}'),
    matchRow('extcommunity <list>', 'extcommunity-list {list}'),
    matchRow('as-path <list>', 'as-path access-list {list}'),
    matchRow('{what} <value*>'),
    matchRow('evpn {what} <value*>'),
    { match: 'set comm-list <list> delete', uses: 'community-list {list}', ...soft },
    { match: 'set large-comm-list <list> delete', uses: 'large-community-list {list}', ...soft },
    { match: 'set ip next-hop <value*>', ...soft },
    { match: 'set ipv6 next-hop global <address>', ...soft },
    { match: 'set ipv6 next-hop local <address>', ...soft },
    { match: 'set ipv6 next-hop {what*}', ...soft },
    { match: 'set as-path prepend <path*>', remove: 'no set as-path prepend', ...soft },
    { match: 'set as-path exclude <path*>', remove: 'no set as-path exclude', ...soft },
    { match: 'set community <communities*>', remove: 'no set community', ...soft, normal: sortedCommunities },
    { match: 'set large-community <communities*>', remove: 'no set large-community', ...soft, normal: sortedCommunities },
    { match: 'set extcommunity {type} <communities*>', ...soft },
    { match: 'set vpn next-hop {family} <address>', key: 'set {family} vpn next-hop', ...soft },
    { match: 'set {family} vpn next-hop <address>', ...soft },
    { match: 'set aggregator as <value*>', ...soft },
    { match: 'set evpn {what} {family} <value*>', ...soft },
    { match: 'set {what} <value*>', remove: 'no set {what}', ...soft },
  ],
};
