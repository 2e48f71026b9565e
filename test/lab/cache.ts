import { homedir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/** Where what takes minutes to build is kept between runs. */
export function cacheRoot(): string {
  return process.env['PLUMBLINE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'plumbline');
}

/** Held by the kernel for this process, so that a killed build leaves no lock behind. */
export async function lock(path: string, say: (line: string) => void): Promise<Disposable> {
  const database = new DatabaseSync(path, { timeout: 0 });
  for (let told = false; ; told = true) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return { [Symbol.dispose]: () => database.close() };
    } catch {
      if (!told) say('another process is building them; waiting for it');
      await delay(1_000);
    }
  }
}
