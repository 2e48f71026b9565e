import type { DeviceVerdict } from '../api/index.ts';

/** 0 nothing differs, or all applied; 1 something differs, an error was found or nothing was applied; 2 anything is Unknown. */
export type ExitCode = 0 | 1 | 2;

/** Unknown wins over everything: a script that reads 0 or 1 may rely on every device having been seen. */
export function worstOf(codes: Iterable<ExitCode>): ExitCode {
  let worst: ExitCode = 0;
  for (const code of codes) if (code > worst) worst = code;
  return worst;
}

export function exitCodeOf(verdicts: readonly DeviceVerdict[]): ExitCode {
  return worstOf(verdicts.map(({ verdict }) => (verdict === 'Unknown' ? 2 : verdict === 'InSync' ? 0 : 1)));
}
