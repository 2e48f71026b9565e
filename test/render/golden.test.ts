import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileDevice } from '../../controller/compile/index.ts';
import { dialectFor, listItems, parseIntended, print } from '../../controller/config/index.ts';
import { compileTemplates, createRenderer, overlayTemplates, readBuiltinTemplates, templatesAmong } from '../../controller/render/index.ts';
import { testIntent } from '../builders/intent.ts';
import { stateOf } from '../builders/state.ts';
import { type Lab, startLab, whyNoLab } from '../engine/frr-lab.ts';

/** Case folders: `state.yaml`, files it names, and `edge1.conf`, what is rendered for edge1. `vitest -u` rewrites the latter. */
const folder = join(import.meta.dirname, 'golden', 'frr');
const cases = readdirSync(folder).sort();

async function renderCase(name: string): Promise<string> {
  const root = join(folder, name);
  const files = Object.fromEntries(globSync('sections/*', { cwd: root }).map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  const state = stateOf(readFileSync(join(root, 'state.yaml'), 'utf8'), files);
  const { compiled, problems } = compileTemplates(overlayTemplates(readBuiltinTemplates(), templatesAmong(state.files)));
  const { intent, problems: faults } = compileDevice(state, 'edge1');
  if (!intent) throw new Error(faults.map(({ message }) => message).join('\n'));
  const renderer = createRenderer({ templates: compiled });
  const result = await renderer.render(intent, () => '<secret:hmac-00112233445566778899aabbccddeeff>');
  renderer.close();
  const messages = [...problems, ...result.problems].map(({ message }) => message);
  expect(messages).toEqual([]);
  return result.rendered?.text ?? '';
}

test('each template has a golden case', () => {
  const templates = readBuiltinTemplates()
    .filter(({ name }) => name.startsWith('frr/'))
    .map(({ name }) => basename(name, '.njk'));
  expect(cases).toEqual(templates.sort());
});

test.each(cases)('%s renders as recorded', async (name) => {
  await expect(await renderCase(name)).toMatchFileSnapshot(join(folder, name, 'edge1.conf'));
});

test.each(cases)('%s is what the config engine calls canonical, every line with an owner', async (name) => {
  const text = await renderCase(name);
  const { tree, owners, problems } = parseIntended(text, dialectFor('frr'));
  expect(problems).toEqual([]);
  expect(print(tree).split('\n').filter(isCommand)).toEqual(expect.arrayContaining(text.split('\n').filter(isCommand)));
  expect(owners.size).toBe(listItems(tree, dialectFor('frr')).length);
});

test('a set as long as one file may make it renders within the limits', async () => {
  const { compiled } = compileTemplates(readBuiltinTemplates());
  const source = { file: 'sets/all.yaml', line: 1 };
  const entries = Array.from({ length: 250_000 }, (_, i) => ({
    sequence: (i + 1) * 5,
    action: 'Permit' as const,
    prefix: `${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`,
    ge: null,
    le: 32,
  }));
  const lists = [{ kind: 'PrefixSet', name: 'all', source, list: 'all', family: 'ipv4' as const, entries }];
  const renderer = createRenderer({ templates: compiled, limits: { children: 1, renderMs: 30_000 } });
  const result = await renderer.render({ ...testIntent(), staticRoutes: [], prefixLists: lists }, () => '');
  renderer.close();
  expect(result.problems.map(({ message }) => message)).toEqual([]);
  expect(result.rendered?.text.length).toBeGreaterThan(10_000_000);
}, 60_000);

function isCommand(line: string): boolean {
  return !/^\s*(!|$)/.test(line);
}

/** Lines that FRR prints of itself, and what only frames lines. */
const ownWords = /^(frr |hostname |no ip forwarding|no ipv6 forwarding|ip forwarding|ipv6 forwarding|service integrated|end$|!)/;

function linesOf(config: string): string[] {
  // The RPKI module says that it is there.
  return config
    .replace(/^rpki\nexit$/m, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !ownWords.test(line.trim()));
}

const missing = whyNoLab();
describe.skipIf(missing !== undefined)(`on a real FRR${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab('render', ['zebra', 'staticd', 'bgpd -M rpki', 'bfdd']);
  });
  afterAll(() => lab.stop());

  test.each(cases)('%s is accepted, and read back line by line in the same order', async (name) => {
    const rendered = (await renderCase(name)).replaceAll(/<secret:[^>]*>/g, 'lab-password');
    // FRR warns about route-maps that are defined further down; that is no refusal.
    const complaints = (await lab.boot(rendered)).split('\n').filter((line) => /^(line|%)|[Uu]nknown|rror/.test(line));
    expect(complaints).toEqual([]);
    const [want, got] = [linesOf(rendered), linesOf(await lab.read())];
    expect(sortRoutes(got)).toEqual(sortRoutes(want));
  });
});

/** What compile and the templates rest on: when a newer FRR behaves otherwise, these say so before a network does. */
describe.skipIf(missing !== undefined)('facts of the real FRR', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab('facts', ['zebra', 'staticd', 'bgpd']);
  });
  afterAll(() => lab.stop());

  const networks = (map: string): string => `router bgp 64496
 no bgp network import-check
 address-family ipv4 unicast
  network 203.0.113.0/24 route-map ${map}
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:f::/48 route-map ${map}
 exit-address-family
exit
`;

  async function announced(): Promise<string[]> {
    const prefixes = await Promise.all(
      ['ipv4', 'ipv6'].map(async (family) => {
        const { routes } = JSON.parse(await lab.vtysh(`show bgp ${family} unicast json`)) as { routes?: Record<string, unknown> };
        return Object.keys(routes ?? {});
      }),
    );
    return prefixes.flat();
  }

  const lists = 'ip prefix-list L seq 10 permit 0.0.0.0/0 le 32\nipv6 prefix-list L seq 10 permit ::/0 le 128\n';

  test.each<{ name: string; entries: string; gives: string[] }>([
    {
      name: 'a term with lists of both families matches nothing',
      entries: 'permit 10\n match ip address prefix-list L\n match ipv6 address prefix-list L',
      gives: [],
    },
    {
      name: 'a list of one family matches nothing of the other',
      entries: 'permit 10\n match ip address prefix-list L',
      gives: ['203.0.113.0/24'],
    },
    {
      name: 'a term for each family matches both',
      entries: 'permit 10\n match ip address prefix-list L\nexit\nroute-map M permit 11\n match ipv6 address prefix-list L',
      gives: ['203.0.113.0/24', '2001:db8:f::/48'],
    },
  ])('$name', async ({ entries, gives }) => {
    await lab.boot(`${lists}route-map M ${entries}\nexit\n${networks('M')}`);
    expect(await announced()).toEqual(gives);
  });

  test('set lines are carried out in the order they were configured and printed sorted: what one term adds and deletes is ambiguous', async () => {
    const term = (lines: string): string =>
      `bgp community-list standard D seq 5 permit 64496:5\nroute-map M permit 10\n${lines}\nexit\n${networks('M')}`;
    const [add, remove] = [' set community 64496:5 additive', ' set comm-list D delete'];
    const seen: string[][] = [];
    for (const lines of [`${add}\n${remove}`, `${remove}\n${add}`]) {
      await lab.boot(term(lines));
      const route = await lab.vtysh('show bgp ipv4 unicast 203.0.113.0/24');
      const printed = (await lab.read()).split('\n').filter((line) => line.startsWith(' set '));
      seen.push([route.includes('64496:5') ? 'added' : 'deleted', ...printed]);
    }
    expect(seen).toEqual([
      ['deleted', remove, add],
      ['added', remove, add],
    ]);
  });

  test('a bar and a space in a line are taken for an output filter', async () => {
    const said = await lab.boot(
      'router bgp 64496\n neighbor 192.0.2.1 remote-as 64497\n neighbor 192.0.2.1 description show | include x\nexit\n',
    );
    expect(await lab.read()).toContain(' neighbor 192.0.2.1 description show\n');
    expect(said).not.toContain('Unknown');
  });
});

/** Sections and static routes are listed by FRR in an order of its own that means nothing: blocks are compared as blocks, sorted. */
function sortRoutes(lines: readonly string[]): string[] {
  const blocks: string[] = [];
  for (const line of lines) {
    if (/^( |exit)/.test(line) && blocks.length > 0) blocks.push(`${blocks.pop() ?? ''}\n${line}`);
    else blocks.push(line);
  }
  return blocks.sort();
}
