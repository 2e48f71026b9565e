import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileDevice } from '../../controller/compile/index.ts';
import { dialectFor, listItems, parseIntended, print } from '../../controller/config/index.ts';
import { compileTemplates, createRenderer, overlayTemplates, readBuiltinTemplates, templatesAmong } from '../../controller/render/index.ts';
import { stateOf } from '../builders/state.ts';
import { type Lab, startLab, whyNoLab } from '../engine/frr-lab.ts';

/** Case folders: `state.yaml`, files it names, and `edge1.conf`, what is rendered for edge1. `vitest -u` rewrites the latter. */
const folder = join(import.meta.dirname, 'golden');
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
  const templates = readBuiltinTemplates().map(({ name }) => basename(name, '.njk'));
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

function isCommand(line: string): boolean {
  return !/^\s*(!|$)/.test(line);
}

/** Lines that FRR prints of itself, and what only frames lines. */
const ownWords = /^(frr |hostname |no ip forwarding|no ipv6 forwarding|ip forwarding|ipv6 forwarding|service integrated|end$|!)/;

function linesOf(config: string): string[] {
  return config.split('\n').filter((line) => line.trim() !== '' && !ownWords.test(line.trim()));
}

const missing = whyNoLab();
describe.skipIf(missing !== undefined)(`on a real FRR${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab('render', ['zebra', 'staticd', 'bgpd']);
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

/** Sections and static routes are listed by FRR in an order of its own that means nothing: blocks are compared as blocks, sorted. */
function sortRoutes(lines: readonly string[]): string[] {
  const blocks: string[] = [];
  for (const line of lines) {
    if (/^( |exit)/.test(line) && blocks.length > 0) blocks.push(`${blocks.pop() ?? ''}\n${line}`);
    else blocks.push(line);
  }
  return blocks.sort();
}
