import { homedir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/** Where what takes minutes to build is kept between runs. */
export function cacheRoot(): string {
  return process.env['PLUMBLINE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'plumbline');
}

/** Held by the kernel for this process, so that a killed one leaves no lock behind. `onWait` is told once when another has it. */
export async function lock(path: string, onWait: () => void): Promise<Disposable> {
  const database = new DatabaseSync(path, { timeout: 0 });
  for (let told = false; ; told = true) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return { [Symbol.dispose]: () => database.close() };
    } catch {
      if (!told) onWait();
      await delay(1_000);
    }
  }
}
