/**
 * How FRR says no, in the order in which the rows are tried. `from` is the recorded dialogue in `transcripts/` that proves the row.
 * vtysh's exit code decides that a line was refused; the rows only find the words that say why.
 */
export const rejections: readonly { says: RegExp; from: string }[] = [
  // Not at the beginning of a line: notices without a line end may stand before it.
  { says: /[a-z0-9]+ is not running$/m, from: 'daemon-died.txt' },
  // vtysh lost a daemon: it falls out of config mode, and what it says of the next line is beside the point.
  { says: /closing connection to \S+ because of an I\/O error!$/m, from: 'daemon-died-in-the-middle.txt' },
  { says: /connecting to \S+\.\.\.failed!$/m, from: 'daemon-died-unnoticed.txt' },
  { says: /^BGP is already running; AS is \d+$/m, from: 'other-as.txt' },
  // A northbound refusal: the reason stands some lines below `% Configuration failed.`
  { says: /^Error description: .*$/m, from: 'configuration-failed.txt' },
  { says: /^% .*$/m, from: 'unknown-command.txt' },
  // From the guard, which cuts off everything behind the fixed words of a line with a secret.
  { says: /^Failure to communicate.*$/m, from: 'secret-refused.txt' },
];

/** The device's words for a refusal out of everything vtysh printed; echoed prompts are left out. */
export function explainRejection(output: string): string {
  for (const { says } of rejections) {
    const words = says.exec(output)?.[0];
    if (words !== undefined) return words.replace(/^% |^Error description: /, '').trim();
  }
  const last = output
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^[^ #]*# /.test(line))
    .at(-1);
  return last?.trim() ?? 'no words';
}
