import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Names one process of one boot of one machine. A pid alone comes back: the start time tells a new process from the one that died.
 * Where there is no /proc, boot and start time are `-` and only the pid is compared.
 */
export function processIdentity(pid = process.pid): string {
  return [hostname(), bootId(), pid, startTime(pid) ?? '-'].join('/');
}

/** Does the process that printed this identity still run? `undefined` when it ran on another machine and we cannot know. */
export function isProcessAlive(identity: string): boolean | undefined {
  const [host, boot, pid, started] = identity.split('/');
  if (host !== hostname()) return undefined;
  if (boot !== bootId()) return false;
  const now = startTime(Number(pid));
  if (started !== '-') return now === started;
  try {
    return process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '-';
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; undefined for a process that is gone or a zombie. */
function startTime(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // The name in field 2 may hold blanks and parentheses: fields are counted after its last closing one.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // no such process, or no /proc here
  }
}
