import { existsSync, readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

/** What a process took so far. */
export interface Cost {
  /** Its own and that of its children that ended. */
  cpuSeconds: number;
  /** Resident at most, its children apart. */
  peakMiB: number;
}

/** Undefined when there is no such process. Linux only: proc(5). */
export function costOf(pid: number | undefined): Cost | undefined {
  const folder = `/proc/${pid}`;
  if (pid === undefined || !existsSync(`${folder}/status`)) return undefined;
  const [, peak = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`${folder}/status`, 'utf8')) ?? [];
  if (peak === '0') return undefined;
  // After the name in parentheses, fields 14 to 17: own time and that of children that ended, in ticks of 10 ms.
  const fields = readFileSync(`${folder}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
  return { cpuSeconds: ticks / 100, peakMiB: Number(peak) / 1024 };
}

/** Changes one object of a file of desired state that holds only this one. */
export function editObject(text: string, edit: (spec: Record<string, unknown>) => void): string {
  const object = parse(text) as { spec: Record<string, unknown> };
  edit(object.spec);
  return stringify(object);
}
