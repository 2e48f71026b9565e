import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FleetShape } from './desired-state.ts';
import type { Fleet, FleetFacts } from './fleet.ts';

/** A fleet in a process of its own, and where it put what a controller needs. */
export interface FleetProcess extends Fleet {
  pid: number;
  /** The desired state; not a Git repository yet. */
  desiredState: string;
  secrets: string;
}

/** Starts `main.ts` on a folder, which may be one of an earlier run: then keys and port are the same again. */
export async function startFleetProcess(
  folder: string,
  { devices, sessionsPerDevice, mode }: Pick<FleetShape, 'devices' | 'sessionsPerDevice' | 'mode'>,
): Promise<FleetProcess> {
  const argv = [join(import.meta.dirname, 'main.ts'), folder, String(devices), String(sessionsPerDevice ?? ''), mode ?? ''];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let asked = 0;
  const facts = await new Promise<FleetFacts>((resolve, reject) => {
    child.once('close', (code) => {
      const error = new Error(`the simulator ended with ${code ?? 'a signal'}`);
      reject(error);
      for (const each of waiting.values()) each.reject(error);
    });
    let first = true;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { id: number; result?: never; error?: string };
      if (first) {
        first = false;
        resolve(said as unknown as FleetFacts);
        return;
      }
      const each = waiting.get(said.id);
      waiting.delete(said.id);
      if (said.error === undefined) each?.resolve(said.result as never);
      else each?.reject(new Error(said.error));
    });
  });
  const ask =
    (name: string) =>
    <Result>(...args: unknown[]): Promise<Result> =>
      new Promise((resolve, reject) => {
        const id = ++asked;
        waiting.set(id, { resolve, reject });
        child.stdin.write(`${JSON.stringify({ id, do: name, args })}\n`);
      });
  return {
    facts,
    pid: child.pid ?? 0,
    desiredState: join(folder, 'desired-state'),
    secrets: join(folder, 'secrets'),
    edit: ask('edit'),
    save: ask('save'),
    setFault: ask('setFault'),
    setSession: ask('setSession'),
    killDaemon: ask('killDaemon'),
    respawnEmpty: ask('respawnEmpty'),
    loadStartup: ask('loadStartup'),
    reboot: ask('reboot'),
    killGuard: ask('killGuard'),
    running: ask('running'),
    startup: ask('startup'),
    replace: ask('replace'),
    hold: ask('hold'),
    changes: ask('changes'),
    counts: ask('counts'),
    close: async () => {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
  };
}
