import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare } from './compare.ts';
import { dialectFor } from './dialects/index.ts';
import { parse } from './parse.ts';
import { planPatch } from './plan.ts';
import { isAsGood } from './proof.ts';
import { compileDialect } from './rules.ts';
import { simulate } from './simulate.ts';
import { phraseCommands, printCommands } from './text.ts';

/**
 * Cases as folders: `golden/PLATFORM/CASE/{live,intended}.conf` and the commands that lead from the one to the other. `vitest -u` writes
 * commands.txt; what it holds is also run on the simulated device, so that a wrong file cannot pass.
 */
const root = join(import.meta.dirname, 'golden');

describe.each(readdirSync(root))('on %s', (platform) => {
  const dialect = dialectFor(platform);
  const compiled = compileDialect(dialect);
  const folders = readdirSync(join(root, platform)).filter((name) => existsSync(join(root, platform, name, 'live.conf')));
  it.each(folders)('%s', async (name) => {
    const folder = join(root, platform, name);
    const [live, intended] = ['live.conf', 'intended.conf'].map((file) => parse(readFileSync(join(folder, file), 'utf8'), dialect)) as [
      ReturnType<typeof parse>,
      ReturnType<typeof parse>,
    ];
    const { commands, rollback } = planPatch(live, intended, dialect, { scope: 'all' });
    await expect(printCommands(phraseCommands(commands, live, intended), dialect)).toMatchFileSnapshot(join(folder, 'commands.txt'));
    const after = simulate(live, commands, dialect);
    expect(compare(after.roots, intended.roots).filter((change) => !isAsGood(change, compiled))).toEqual([]);
    const back = simulate(after, rollback, dialect);
    expect(compare(back.roots, live.roots).filter((change) => !isAsGood(change, compiled))).toEqual([]);
  });
});
