import { createInterface } from 'node:readline/promises';
import { stringify } from 'yaml';
import { colored, plain, type Style } from '../report/index.ts';

export type OutputFormat = 'text' | 'json' | 'yaml' | 'markdown';

/** Where a command speaks to a person or a script. Results go to standard output, progress and questions to standard error. */
export interface Terminal {
  readonly style: Style;
  write(text: string): void;
  /** One line that the next one replaces; nothing when nobody watches. */
  progress(text: string): void;
  /** What happened, kept on the screen, on standard error. */
  say(text: string): void;
  /** True only for a typed `yes`. False at once when nobody can answer. */
  confirm(question: string): Promise<boolean>;
}

/** `signal` takes back a question that nobody has answered yet. */
export function openTerminal(options: { color: boolean; signal?: AbortSignal }): Terminal {
  const watched = process.stderr.isTTY === true;
  let pending = false;
  const clear = (): void => {
    if (pending) process.stderr.write('\r\u001b[K');
    pending = false;
  };
  return {
    style: options.color && process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined ? colored : plain,
    write: (text) => {
      clear();
      process.stdout.write(text);
    },
    progress: (text) => {
      if (!watched) return;
      clear();
      process.stderr.write(text.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1)));
      pending = true;
    },
    say: (text) => {
      clear();
      process.stderr.write(text);
    },
    confirm: async (question) => {
      clear();
      if (process.stdin.isTTY !== true || !watched) return false;
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return (
          (await lines.question(`${question} Type yes to go on: `, { ...(options.signal && { signal: options.signal }) })).trim() === 'yes'
        );
      } catch (error) {
        // Ctrl-C and Ctrl-D at the prompt are an answer too.
        if ((error as Error).name !== 'AbortError') throw error;
        process.stderr.write('\n');
        return false;
      } finally {
        lines.close();
      }
    },
  };
}

/** Machine formats of one record. Text and Markdown are the business of `report`. */
export function printRecord(record: unknown, format: 'json' | 'yaml'): string {
  return format === 'json' ? `${JSON.stringify(record, null, 2)}\n` : stringify(JSON.parse(JSON.stringify(record)));
}
