import { errors } from '../errors.ts';

/** How long a writer waits for another process. Writes take milliseconds, so this much means that something is stuck. */
export const busyMs = 5_000;

/**
 * What SQLite threw, as an error that says what to do: a full disk or a file that is damaged is no fault of Plumbline.
 * What did not come from SQLite is handed back as it is.
 */
export function explain(cause: unknown, folder: string): unknown {
  const code = (cause as { errcode?: number }).errcode;
  if (code === undefined) return cause;
  const primary = code & 0xff; // the bits above say more of the same
  if (primary === 5) return errors.StoreBusy({ folder, seconds: busyMs / 1000 }, { cause }); // BUSY
  const why = (cause as Error).message;
  if (primary === 26 || primary === 11) return errors.StoreDamaged({ folder, what: why }, { cause }); // NOTADB, CORRUPT
  return errors.StoreUnusable({ folder, why }, { cause });
}
