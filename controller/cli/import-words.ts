import type { Account, Imported } from '../import/index.ts';
import { plural, printable, type Style } from '../report/index.ts';

/** The summary of an import, for people: what became of every line, what was written, and what is left to do. */
export function importText(imported: Imported, options: { source: string; dryRun?: boolean; secretsOut?: string }, style: Style): string {
  const { accounts, files, countOf, secrets, unchanged } = imported;
  const lines = unchanged.map((device) => `${style.strong(device)}: Git has it just so; nothing to do`);
  for (const account of accounts) lines.push(...describeAccount(account, style));
  if (files.size > 0) {
    const kinds = Object.entries(countOf).map(([kind, count]) => `${count} ${kind}`);
    const wrote = options.dryRun ? 'would write' : 'wrote';
    lines.push(
      `${wrote} ${plural(files.size, 'file')} below ${printable(options.source)}: ${kinds.join(', ')}; they give back each configuration with no difference`,
    );
  }
  if (imported.joined.length > 0) lines.push(`sessions of Git that got their other end: ${imported.joined.join(', ')}`);
  if (secrets.length > 0) lines.push(...describeSecrets(imported, options));
  const todo = nextSteps(imported);
  if (todo.length > 0) lines.push('next:', ...todo.map((each) => `  ${each}`));
  return `${lines.join('\n')}\n`;
}

const shownUnowned = 10;

function describeAccount({ device, from, modelled, raw, sections, unowned, notes = [] }: Account, style: Style): string[] {
  const total = modelled + raw + unowned.length;
  const lines = [
    `${style.strong(device)} (${printable(from)}): ${plural(total, 'line')}: ${modelled} modelled, ${raw} raw, ${unowned.length} unowned`,
  ];
  for (const note of notes) lines.push(`  note: ${printable(note)}`);
  for (const section of sections) lines.push(`  raw: ${section.lines} in ${section.path || 'the lines of objects'}`);
  // What the router does by itself is no loss; the rest comes first.
  const byWhy = Map.groupBy(unowned, ({ why }) => why);
  for (const [why, found] of byWhy) {
    lines.push(`  unowned: ${found.length}, because each ${printable(why)}`);
    for (const { line, text } of found.slice(0, shownUnowned)) lines.push(`    ${line}: ${printable(text)}`);
    if (found.length > shownUnowned) lines.push(`    and ${found.length - shownUnowned} more`);
  }
  return lines;
}

function describeSecrets({ secrets }: Imported, { secretsOut }: { secretsOut?: string }): string[] {
  const lines = ['secrets that the files name:'];
  for (const [ref, uses] of Map.groupBy(secrets, ({ name, key }) => `${name}/${key}`)) {
    const [first] = uses;
    const state = first?.value
      ? secretsOut === undefined
        ? ''
        : `, written to ${printable(secretsOut)}`
      : ', its value was not in the text';
    lines.push(`  ${ref}: ${first?.purpose} for ${uses.map(({ device }) => device).join(', ')}${state}`);
  }
  return lines;
}

function nextSteps({ files, accounts, secrets }: Imported): string[] {
  const steps: string[] = [];
  const texts = [...files.values()];
  const unknown = texts.filter((text) => text.includes('  relationship: Unknown\n')).length;
  const planned = texts.filter(
    (text) => text.startsWith('apiVersion') && text.includes('kind: Device\n') && text.includes('  lifecycle: Planned\n'),
  ).length;
  if (unknown > 0) steps.push(`say what the neighbor is to us in ${plural(unknown, 'session')} (relationship: Unknown)`);
  if (planned > 0) steps.push(`give ${plural(planned, 'device')} a management address and host keys, and take lifecycle: Planned out`);
  if (secrets.some(({ value }) => value === undefined)) steps.push('create the secrets');
  if (accounts.length > 0) steps.push('plumb check, then plumb drift: nothing differs; plumb adopt makes that the baseline');
  return steps;
}

/** The same for scripts. No value of a secret. */
export function importRecord({ files, accounts, secrets, unchanged, countOf, joined }: Imported): object {
  return {
    unchanged,
    devices: accounts,
    files: [...files.keys()].sort(),
    objects: countOf,
    joined,
    secrets: secrets.map(({ name, key, device, purpose, value }) => ({ name, key, device, purpose, known: value !== undefined })),
  };
}
