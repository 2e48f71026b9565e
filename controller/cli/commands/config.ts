import { createInterface } from 'node:readline';
import { dialectFor, diffText, parse, phraseCommands, planPatch, platforms, printCommands, runBatchLine } from '../../config/index.ts';
import { nearest, type PlumblineError } from '../../lib/index.ts';
import { formatProblems, printable } from '../../report/index.ts';
import type { Context, FormatOptions } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { readNamedFile } from '../files.ts';

/** `plumb config diff|patch`: the engine on two files. Both texts are whole configurations: what the second lacks is removed. */
export async function config(
  verb: 'diff' | 'patch',
  livePath: string | undefined,
  intendedPath: string | undefined,
  options: FormatOptions & { platform: string; batch?: boolean; rollback?: boolean },
  { terminal }: Context,
): Promise<ExitCode> {
  if (options.batch) {
    if (livePath !== undefined) throw errors.OptionsConflict({ option: '--batch', with: `a file (${livePath})` });
    for await (const line of createInterface({ input: process.stdin }))
      if (line.trim() !== '') terminal.write(`${runBatchLine(line, verb)}\n`);
    return 0;
  }
  if (livePath === undefined || intendedPath === undefined) throw errors.FilesMissing({ verb });
  const [liveText, intendedText] = [readNamedFile(livePath), readNamedFile(intendedPath)];
  // Never an error, and never unsaid: a mistyped name would give commands that read well and mean little.
  if (!platforms.includes(options.platform)) terminal.say(unknownPlatform(options.platform));
  const dialect = dialectFor(options.platform, { sample: `${liveText}\n${intendedText}` });
  const problems: PlumblineError[] = [];
  const live = parse(liveText, dialect, { file: livePath });
  // What a server prints tells its version; what people write does not.
  const intended = parse(intendedText, dialect, {
    like: live,
    version: live.version,
    file: intendedPath,
    onProblem: (problem) => problems.push(problem),
  });
  if (problems.length > 0) {
    terminal.say(formatProblems(problems, terminal.style));
    return 1;
  }
  const patch = planPatch(live, intended, dialect, { scope: 'all' });
  if (options.output === 'json') {
    const { commands, rollback, resets, gaps, deferred, proof } = patch;
    terminal.write(
      `${JSON.stringify(verb === 'diff' ? { differs: commands.length > 0, diff: diffText(live, intended, dialect) } : { commands, rollback, resets, gaps, deferred, proof }, null, 2)}\n`,
    );
  } else if (verb === 'diff') terminal.write(diffText(live, intended, dialect));
  else {
    const commands = options.rollback
      ? phraseCommands(patch.rollback, patch.predicted, live)
      : phraseCommands(patch.commands, live, patch.predicted);
    terminal.write(printCommands(commands, dialect));
  }
  return patch.commands.length > 0 ? 1 : 0;
}

function unknownPlatform(name: string): string {
  const near = nearest(name.toLowerCase(), platforms);
  const hint = near === undefined ? `Platforms with one: ${platforms.join(', ')}.` : `Did you mean ${near}?`;
  return `no dialect is called ${JSON.stringify(printable(name))}: the generic one is used, which knows indentation and no lines. ${hint}\n`;
}
