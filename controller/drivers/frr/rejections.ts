/**
 * How FRR says no, in the order in which the rows are tried. `from` is the recorded dialogue in `transcripts/` that proves the row.
 * vtysh's exit code decides that a line was refused; the rows only find the words that say why.
 */
export const rejections: readonly { says: RegExp; from: string }[] = [
  { says: /^% Unknown command: .*$/m, from: 'unknown-command.txt' },
  { says: /^% Command incomplete.*$/m, from: 'incomplete.txt' },
  { says: /^% Ambiguous command.*$/m, from: 'ambiguous.txt' },
  { says: /^Error description: .*$/m, from: 'configuration-failed.txt' },
  { says: /^% Configuration failed\.?.*$/m, from: 'configuration-failed.txt' },
  { says: /^BGP is already running; AS is \d+$/m, from: 'other-as.txt' },
  { says: /^\S+ is not running$/m, from: 'daemon-down.txt' },
  { says: /^Failure to communicate.*$/m, from: 'secret-refused.txt' },
  { says: /^%+ ?.*$/m, from: 'specify-remote-as.txt' },
];

/** The device's words for a refusal out of everything vtysh printed; echoed prompts are left out. */
export function explainRejection(output: string): string {
  for (const { says } of rejections) {
    const words = says.exec(output)?.[0];
    if (words !== undefined) return words.replace(/^% ?/, '').trim();
  }
  const last = output
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^[^ #]*# /.test(line))
    .at(-1);
  return last?.trim() ?? 'no words';
}
