import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare } from './compare.ts';
import { dialectFor } from './dialects/index.ts';
import { withoutHeads } from './flat.ts';
import { parse } from './parse.ts';
import { planPatch } from './plan.ts';
import { isAsGood } from './proof.ts';
import { compileDialect } from './rules.ts';
import { simulate } from './simulate.ts';
import type { Node } from './types.ts';
import { phraseCommands, printCommands } from './text.ts';

/**
 * Cases as folders: `golden/PLATFORM/CASE/{live,intended}.conf` and the commands that lead from the one to the other. `vitest -u` writes
 * commands.txt; what it holds is also run on the simulated device, so that a wrong file cannot pass.
 */
const root = join(import.meta.dirname, 'golden');

describe.each(readdirSync(root))('on %s', (platform) => {
  const folders = readdirSync(join(root, platform)).filter((name) => existsSync(join(root, platform, name, 'live.conf')));
  it.each(folders)('%s', async (name) => {
    const folder = join(root, platform, name);
    const [before, after] = ['live.conf', 'intended.conf'].map((file) => readFileSync(join(folder, file), 'utf8')) as [string, string];
    const dialect = dialectFor(platform, { sample: before + after });
    const compiled = compileDialect(dialect);
    const settled = dialect.flat ? withoutHeads : (nodes: readonly Node[]): readonly Node[] => nodes;
    const [live, intended] = [parse(before, dialect), parse(after, dialect)];
    const { commands, rollback, predicted } = planPatch(live, intended, dialect, { scope: 'all' });
    await expect(printCommands(phraseCommands(commands, live, intended), dialect)).toMatchFileSnapshot(join(folder, 'commands.txt'));
    const reached = simulate(live, commands, dialect);
    expect(compare(settled(reached.roots), settled(predicted.roots)).filter((change) => !isAsGood(change, compiled))).toEqual([]);
    const back = simulate(reached, rollback, dialect);
    expect(compare(settled(back.roots), settled(live.roots)).filter((change) => !isAsGood(change, compiled))).toEqual([]);
  });
});
