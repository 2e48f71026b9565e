/** FRR configurations of a given size, the same on every run, and the same with one line in a hundred changed. */
export interface ConfigPair {
  name: string;
  live: string;
  intended: string;
}

/** A router of a large edge: prefix-lists, route-maps and neighbors in the usual proportions, about `lines` lines in all. */
export function edgeRouter(lines: number): ConfigPair {
  const neighbors = Math.floor(lines / 40);
  return pair(`edge router, ${count(lines)} lines`, (changed) => [
    ...prefixLists(Math.floor(lines / 200), 100, changed),
    ...routeMaps(Math.floor(lines / 40), changed),
    ...bgp(neighbors, changed),
  ]);
}

export function flatSiblings(lines: number): ConfigPair {
  return pair(`${count(lines)} static routes side by side`, (changed) =>
    Array.from({ length: lines }, (_, i) => `ip route ${prefix(i)} ${changed(i) ? 'Null0' : '192.0.2.1'}`),
  );
}

export function manyNeighbors(neighbors: number): ConfigPair {
  return pair(`${count(neighbors)} neighbors`, (changed) => bgp(neighbors, changed));
}

export function longPrefixList(entries: number): ConfigPair {
  return pair(`one prefix-list, ${count(entries)} entries`, (changed) => prefixLists(1, entries, changed));
}

function pair(name: string, build: (changed: (i: number) => boolean) => string[]): ConfigPair {
  const text = (changed: (i: number) => boolean): string =>
    `${['frr version 8.4.4', 'frr defaults traditional', 'hostname edge1', '!', ...build(changed)].join('\n')}\n`;
  return { name, live: text(() => false), intended: text((i) => i % 100 === 42) };
}

function prefixLists(lists: number, entries: number, changed: (i: number) => boolean): string[] {
  const lines: string[] = [];
  for (let list = 0; list < lists; list++)
    for (let entry = 0; entry < entries; entry++) {
      const i = list * entries + entry;
      lines.push(`ip prefix-list PL${list} seq ${(entry + 1) * 5} permit ${prefix(i)} le ${changed(i) ? 31 : 32}`);
    }
  return lines;
}

function routeMaps(maps: number, changed: (i: number) => boolean): string[] {
  return Array.from({ length: maps }, (_, i) => [
    `route-map RM${i} permit 10`,
    ` match ip address prefix-list PL${i % 50}`,
    ` set local-preference ${changed(i) ? 250 : 100 + (i % 100)}`,
    ' set community 64500:1 additive',
    'exit',
    '!',
  ]).flat();
}

function bgp(neighbors: number, changed: (i: number) => boolean): string[] {
  const lines = ['router bgp 64500', ' bgp router-id 192.0.2.1', ' no bgp default ipv4-unicast'];
  for (let i = 0; i < neighbors; i++) {
    lines.push(
      ` neighbor ${address(i)} remote-as ${64600 + (i % 100)}`,
      ` neighbor ${address(i)} description customer ${i}${changed(i) ? ' moved' : ''}`,
      ` neighbor ${address(i)} timers 10 30`,
    );
  }
  lines.push(' !', ' address-family ipv4 unicast');
  for (let i = 0; i < neighbors; i++) {
    lines.push(
      `  neighbor ${address(i)} activate`,
      `  neighbor ${address(i)} soft-reconfiguration inbound`,
      `  neighbor ${address(i)} maximum-prefix 1000`,
    );
    lines.push(`  neighbor ${address(i)} route-map RM${i} in`, `  neighbor ${address(i)} route-map RM${(i + 1) % neighbors} out`);
  }
  lines.push(' exit-address-family', 'exit', '!');
  return lines;
}

function address(i: number): string {
  return `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
}

function prefix(i: number): string {
  return `10.${(i >> 14) & 255}.${(i >> 6) & 255}.${(i & 63) << 2}/30`;
}

function count(n: number): string {
  return n >= 1000 ? `${n / 1000}k` : String(n);
}
