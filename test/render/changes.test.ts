import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileDevice } from '../../controller/compile/index.ts';
import { dialectFor, diffText, parse, parseIntended, planPatch, printCommands, type Tree } from '../../controller/config/index.ts';
import { compileTemplates, createRenderer, readBuiltinTemplates } from '../../controller/render/index.ts';
import { stateOf } from '../builders/state.ts';
import { type Lab, startLab, whyNoLab } from '../engine/frr-lab.ts';

/**
 * Case folders: `before.yaml` and `after.yaml`, two states of Git that hold edge1, and `commands.txt`, what brings the router from the one to the other and
 * back, with what resets. `vitest --update` rewrites the latter.
 */
const folder = join(import.meta.dirname, 'changes');
const cases = readdirSync(folder).sort();
const frr = dialectFor('frr');

async function render(name: string, file: string): Promise<string> {
  const { intent, problems } = compileDevice(stateOf(readFileSync(join(folder, name, file), 'utf8')), 'edge1');
  if (!intent) throw new Error(problems.map(({ message }) => message).join('\n'));
  const renderer = createRenderer({ templates: compileTemplates(readBuiltinTemplates()).compiled });
  const { rendered, problems: faults } = await renderer.render(intent, () => '<secret:hmac-00112233445566778899aabbccddeeff>');
  renderer.close();
  if (!rendered) throw new Error(faults.map(({ message }) => message).join('\n'));
  expect(parseIntended(rendered.text, frr).problems).toEqual([]);
  return rendered.text.replaceAll(/<secret:[^>]*>/g, 'opensesame');
}

async function treeOf(name: string, file: string): Promise<Tree> {
  return parse(await render(name, file), frr);
}

test.each(cases)('%s is changed by the commands recorded, and back', async (name) => {
  const [before, after] = [await treeOf(name, 'before.yaml'), await treeOf(name, 'after.yaml')];
  const told = [
    [before, after],
    [after, before],
  ].map(([from, to]) => {
    const { commands, resets } = planPatch(from as Tree, to as Tree, frr, { scope: 'all' });
    return `${printCommands(commands, frr)}${resets.map(({ neighbor, vrf, because }) => `! resets ${neighbor} in ${vrf}: ${because}\n`).join('')}`;
  });
  await expect(told.join('! and back\n')).toMatchFileSnapshot(join(folder, name, 'commands.txt'));
});

const missing = whyNoLab();
describe.skipIf(missing !== undefined)(
  `on a real FRR${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  { timeout: 180_000 },
  () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await startLab('changes', ['zebra', 'staticd', 'bgpd', 'bfdd']);
    }, 60_000);
    afterAll(() => lab?.stop());

    test.each(cases)('%s converges, there and back, and nothing is left to do', async (name) => {
      await lab.boot(await render(name, 'before.yaml'));
      expect(diffText(parse(await lab.read(), frr), await treeOf(name, 'before.yaml'), frr)).toBe('');
      for (const file of ['after.yaml', 'before.yaml']) {
        const wanted = await treeOf(name, file);
        const { commands } = planPatch(parse(await lab.read(), frr), wanted, frr, { scope: 'all' });
        await lab.apply(printCommands(commands, frr));
        expect(diffText(parse(await lab.read(), frr), wanted, frr)).toBe('');
      }
    });
  },
);
