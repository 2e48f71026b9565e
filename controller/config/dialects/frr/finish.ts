import type { Draft, Finish } from '../../dialect.ts';

/** Lines under a block that was written by hand are put as FRR would print them. Each pass looks at one kind of block. */
const perBlock = (opener: RegExp, pass: (block: Draft, put: (text: string) => void) => void): Finish => {
  return (root, { place }) => {
    for (const block of root.children)
      if (block.children.length > 0 && opener.test(block.text)) pass(block, (text) => void place(block, text, block.line, [block.text]));
  };
};

/** Lists written without sequence numbers get the ones FRR gives: five more than the highest, rounded down to a multiple of five. */
const sequences: Finish = (root, { place }) => {
  if (!root.children.some(({ text }) => !text.includes(' seq ') && unnumbered.test(text))) return;
  const highest = new Map<string, number>();
  const bare: { line: Draft; list: string; rule: string }[] = [];
  for (const line of root.children) {
    const numbered =
      /^((?:ipv6 |mac |ip )?(?:access|prefix)-list \S+|bgp \S+(?: standard| expanded)? \S+|bgp as-path access-list \S+) seq (\d+) /.exec(
        line.text,
      );
    if (numbered) highest.set(numbered[1] ?? '', Math.max(highest.get(numbered[1] ?? '') ?? 0, Number(numbered[2])));
    const list = unnumbered.exec(line.text);
    if (list) bare.push({ line, list: list[1] ?? '', rule: list[2] ?? '' });
  }
  if (bare.length === 0) return;
  const taken = new Set(root.children.map((line) => line.text.replace(/ seq \d+/, '')));
  for (const { line } of bare) taken.delete(line.text);
  const made = new Map<Draft, Draft | undefined>();
  for (const { line, list, rule } of bare) {
    // FRR does not take the same entry twice.
    const known = taken.has(`${list} ${rule}`);
    taken.add(`${list} ${rule}`);
    const seq = Math.floor(((highest.get(list) ?? 0) + 5) / 5) * 5;
    if (!known) highest.set(list, seq);
    made.set(line, known ? undefined : place(root, `${list} seq ${seq} ${rule}`, line.line, []));
  }
  const moved = new Set(made.values());
  root.children = root.children
    .filter((line) => !moved.has(line))
    .flatMap((line) => (made.has(line) ? [made.get(line) ?? []].flat() : [line]));
};

const unnumbered =
  /^((?:ipv6 |mac )?access-list \S+|ip(?:v6)? prefix-list \S+|bgp (?:large-|ext)?community-list (?:standard|expanded) \S+|bgp as-path access-list \S+) ((?:permit|deny) .*)$/;

/** `neighbor eth0 interface` and `neighbor eth0 remote-as external` are one line; what the group says its members need not. */
const toLookAt = /^neighbor \S+ (peer-group|interface|bfd)( |$)/;
const neighbors = perBlock(/^router bgp /, (block, put) => {
  const lines = new Map(block.children.map((child) => [child.key, child]));
  const gone = new Set<Draft>();
  for (const child of block.children) {
    if (!toLookAt.test(child.text)) continue;
    const [, peer = '', what, ...rest] = child.text.split(' ');
    if (what === 'bfd' && rest.length > 0 && !lines.has(`neighbor ${peer} bfd`)) put(`neighbor ${peer} bfd`);
    const said = lines.get(`neighbor ${peer} remote-as`);
    if (what === 'peer-group' && rest[0] !== undefined && said && lines.has(`neighbor ${rest[0]} remote-as`)) gone.add(said);
    if (what !== 'interface' || rest.some((each) => each !== 'v6only')) continue;
    const member = lines.get(`neighbor ${peer} member`);
    const tail = member ? `peer-group ${member.text.split(' ')[3]}` : said ? said.text.split(' ').slice(2).join(' ') : undefined;
    if (tail === undefined) continue;
    gone.add(member ?? (said as Draft));
    put(`${child.text} ${tail}`);
  }
  if (gone.size > 0) block.children = block.children.filter((child) => !gone.has(child));
});

const lspDefaults = ['30', '900', '1200'];
const lspWords = ['lsp-gen-interval', 'lsp-refresh-interval', 'max-lsp-lifetime'];

/**
 * As FRR prints them: groups ahead of the other neighbors, and what makes a neighbor a member ahead of its other lines. It takes no member of a
 * group that has no AS number yet, and no line of a neighbor that is not there.
 */
const groupsFirst: Finish = (root) => {
  for (const { text, children } of root.children) {
    if (!text.startsWith('router bgp ')) continue;
    const groups = new Set(children.flatMap((child) => /^neighbor (\S+) peer-group$/.exec(child.text)?.[1] ?? []));
    if (groups.size === 0) continue;
    const families = children.filter((child) => child.text.startsWith('address-family '));
    for (const lines of [children, ...families.map((family) => family.children)]) moveAhead(lines, groups);
  }
};

function moveAhead(lines: Draft[], groups: ReadonlySet<string>): void {
  const nameOf = ({ text }: Draft): string | undefined => /^(?:no )?neighbor (\S+)/.exec(text)?.[1];
  const first = lines.findIndex((line) => nameOf(line) !== undefined);
  if (first < 0) return;
  const rest = lines.splice(first);
  const joins = new Map(rest.flatMap((line) => (/^neighbor \S+ peer-group \S/.test(line.text) ? [[nameOf(line) ?? '', line]] : [])));
  lines.push(...rest.filter((line) => groups.has(nameOf(line) ?? '')));
  for (const line of rest) {
    const name = nameOf(line) ?? '';
    const join = joins.get(name);
    if (groups.has(name)) continue;
    if (join) lines.push(join);
    joins.delete(name);
    if (line !== join && !/^neighbor \S+ peer-group \S/.test(line.text)) lines.push(line);
  }
}

/** The three LSP timers of IS-IS are printed as one line, when one of them is not the default. */
const lspTimers = perBlock(/^router (isis|openfabric) /, (block, put) => {
  for (const level of ['', ' level-1', ' level-2']) {
    const found = lspWords.map((word) => block.children.find((child) => child.key === `${word}${level}`));
    if (found.every((child) => child === undefined)) continue;
    block.children = block.children.filter((child) => !found.includes(child));
    const values = found.map((child, i) => child?.text.split(' ').at(-1) ?? lspDefaults[i]);
    if (values.every((each, i) => each === lspDefaults[i])) continue;
    put(`lsp-timers${level} gen-interval ${values[0]} refresh-interval ${values[1]} max-lifetime ${values[2]}`);
  }
});

/** Both levels at once are printed one by one. */
const backupLevels = perBlock(/^router isis /, (block, put) => {
  const both = block.children.filter((child) => child.text.startsWith('fast-reroute ') && !/ level-[12]/.test(child.text));
  if (both.length === 0) return;
  block.children = block.children.filter((child) => !both.includes(child));
  for (const { text } of both) for (const level of ['level-1', 'level-2']) put(`${text} ${level}`);
});

/** `enable` makes the block that the other lines are for. */
const enableFirst: Finish = (root) => {
  for (const { children } of root.children) {
    if (children.length === 0) continue;
    const block = children.find((child) => child.text === 'link-params');
    block?.children.sort((a, b) => Number(b.text === 'enable') - Number(a.text === 'enable'));
  }
};

/** Whole-tree work on FRR configurations, in this order. */
export const finish: readonly Finish[] = [sequences, neighbors, groupsFirst, lspTimers, backupLevels, enableFirst];
