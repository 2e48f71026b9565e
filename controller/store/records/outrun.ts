import { PlumblineError } from '../../lib/index.ts';

const codes: ReadonlySet<string> = new Set(['Conflict', 'AlreadyExists', 'NotFound']);

/** Far more than there are writers. */
const mostRounds = 100;

/** Another process wrote, made or forgot the record between our look and our write. */
export function isOutrun(error: unknown): boolean {
  return error instanceof PlumblineError && codes.has(error.code);
}

/**
 * Reads, decides and writes; again when somebody else was faster, which means that somebody made progress. Not for ever: what stands in
 * front of an API server may call everything a conflict, and nobody makes progress then.
 */
export async function untilNotOutrun<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let round = 1; ; round++) {
    try {
      return await work();
    } catch (error) {
      if (round >= mostRounds || !isOutrun(error)) throw error;
    }
  }
}
