import type { PlannedCommand } from '../../api/index.ts';
import { type Secret, secretToken } from '../../lib/index.ts';

/** Commands of one section that one run of vtysh takes. A command with a secret stands alone and never reaches an argument list. */
export interface Batch {
  kind: 'plain' | 'secret';
  /** Index of the first command in the request. */
  first: number;
  path: readonly string[];
  commands: readonly string[];
}

/** One vtysh starts in 30 ms; a list of arguments has an end. */
const maxCommands = 100;
const maxBytes = 48_000;

/** Lines of which we know that they open no block. Anything else may have moved vtysh, so the next command enters its section anew. */
const leaf =
  /^(no|ip|ipv6|neighbor|network|aggregate-address|redistribute|set|match|call|on-match|continue|description|bgp|timers|maximum-paths|distance|import|export|rd|rt|label|nexthop|advertise-all-vni|exit-vrf|hostname|log|service|maximum-prefix|mac|access-list|debug|password|enable|line) /;

/** Cuts commands, in order, into what the guard sends at once. */
export function toBatches(commands: readonly PlannedCommand[]): Batch[] {
  const batches: { kind: Batch['kind']; first: number; path: readonly string[]; commands: string[]; bytes: number }[] = [];
  let here: string | undefined;
  for (const [index, { path, text }] of commands.entries()) {
    const kind = isMasked(text) ? 'secret' : 'plain';
    const last = batches.at(-1);
    const wanted = path.join('\n');
    if (
      last &&
      kind === 'plain' &&
      last.kind === 'plain' &&
      here === wanted &&
      last.commands.length < maxCommands &&
      last.bytes + text.length < maxBytes
    ) {
      last.commands.push(text);
      last.bytes += text.length;
    } else {
      batches.push({ kind, first: index, path, commands: [text], bytes: text.length + wanted.length });
    }
    here = leaf.test(text) ? wanted : [...path, text].join('\n');
  }
  return batches.map(({ kind, first, path, commands }) => ({ kind, first, path, commands }));
}

function isMasked(line: string): boolean {
  return line.search(secretToken) >= 0;
}

/**
 * What the guard reads: `B kind first`, `P path line`, `C command`, `X`, one entry a line, with the values put in.
 * `missing` names the first token without a value; then nothing may be sent.
 */
export function printBatches(
  commands: readonly PlannedCommand[],
  reveal: (token: string, line: string) => Secret | undefined,
): { text: string } | { missing: string } {
  let missing: string | undefined;
  const fill = (line: string) =>
    line.replace(secretToken, (token) => {
      const value = reveal(token, line);
      if (value === undefined) missing ??= token;
      return value?.reveal() ?? '';
    });
  const text = toBatches(commands)
    .flatMap((batch) => [
      `B ${batch.kind} ${batch.first}`,
      ...batch.path.map((line) => `P ${line}`), // goes into arguments: a value never gets there
      ...batch.commands.map((line) => `C ${fill(line)}`),
      'X',
    ])
    .map((line) => `${line}\n`)
    .join('');
  return missing === undefined ? { text } : { missing };
}

/** The first line that is not one line: it would become a command of its own. */
export function findUnsafeLine(commands: readonly PlannedCommand[]): string | undefined {
  const control = /[\p{Cc}\u2028\u2029]/u;
  return commands.flatMap(({ path, text }) => [...path, text]).find((line) => control.test(line));
}
