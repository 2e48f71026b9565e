import { z } from 'zod';
import { compliance, missingLines } from './compliance.ts';
import { dialectFor } from './dialects/index.ts';
import { parse } from './parse.ts';
import { planPatch } from './plan.ts';
import { diffText, phraseCommands, printCommands } from './text.ts';

/** One line of `plumb config diff|patch --batch`. `vendor`, `model` and `soft` pick a variant of the platform's dialect. */
const Case = z.object({
  id: z.unknown(),
  kind: z.string().nullish(),
  platform: z.string().nullish(),
  vendor: z.string().nullish(),
  model: z.string().nullish(),
  soft: z.string().nullish(),
  live: z.string().nullish(),
  intended: z.string().nullish(),
  rules: z
    .object({
      features: z
        .array(z.object({ name: z.string(), ordered: z.boolean().default(false), section: z.array(z.string()).default([]) }))
        .optional(),
    })
    .nullish(),
});
type Case = z.infer<typeof Case>;

/**
 * Answers one case: a JSON object in, a JSON object out, `{id, commands}`, `{id, diff}`, `{id, missing}` for kind `missing`, `{id, report}` for
 * kind `compliance`. Never throws: what cannot be read is `{id, error}`. The intended text is the whole configuration.
 */
export function runBatchLine(line: string, mode: 'diff' | 'patch'): string {
  let id: unknown = null;
  try {
    const read: unknown = JSON.parse(line);
    if (typeof read === 'object' && read !== null && 'id' in read) id = read.id;
    const checked = Case.safeParse(read);
    if (!checked.success) return JSON.stringify({ id, error: `not a case: ${z.prettifyError(checked.error)}` });
    return JSON.stringify({ id, ...answer(checked.data, mode) });
  } catch (error) {
    return JSON.stringify({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

function answer(given: Case, mode: 'diff' | 'patch'): object {
  const { vendor, model, soft } = given;
  const [platform, live, intended] = [given.platform ?? 'generic', given.live ?? '', given.intended ?? ''];
  if (given.kind === 'missing') return { missing: missingLines(live, intended, platform) };
  if (given.kind === 'compliance') return { report: compliance(live, intended, given.rules?.features ?? [], platform) };
  const dialect = dialectFor(platform, {
    ...(vendor && { vendor }),
    ...(model && { model }),
    ...(soft && { version: soft }),
    sample: `${live}\n${intended}`,
  });
  const from = parse(live, dialect);
  const to = parse(intended, dialect, { like: from });
  if (mode === 'diff') return { diff: diffText(from, to, dialect) };
  const { commands } = planPatch(from, to, dialect, { scope: 'all' });
  const text = printCommands(phraseCommands(commands, from, to), dialect);
  return { commands: text === '' ? [] : text.trimEnd().split('\n') };
}
