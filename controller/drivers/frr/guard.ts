import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GuardWords, writeGuard } from '../guard/index.ts';
import type { FrrDeps } from './deps.ts';
import { mask } from './mask.ts';
import { explainRejection } from './rejections.ts';

const script = writeGuard(readFileSync(join(import.meta.dirname, 'target/platform.sh'), 'utf8'));

/** The guard as FRR has it. */
export function guardOf({ pool, tokenOf }: FrrDeps): GuardWords {
  return { pool, script, explain: explainRejection, maskRest: (rest) => maskRest(rest, tokenOf) };
}

/** Lines of the rest are `-section > line`: they are masked as the configuration they come from. */
function maskRest(rest: readonly string[], tokenOf: (value: string) => string): string[] {
  return rest.map((line) => {
    const parts = line.slice(1).split(' > ');
    const { config } = mask(
      parts.map((part, depth) => ' '.repeat(depth) + part),
      tokenOf,
    );
    return `${line.slice(0, 1)}${config
      .trimEnd()
      .split('\n')
      .map((part) => part.trim())
      .join(' > ')}`;
  });
}
