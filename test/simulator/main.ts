/**
 * `node test/simulator/main.ts FOLDER DEVICES [SESSIONS] [MODE]`: a simulated fleet as a process of its own, so that its cost is not in what is
 * measured. FOLDER gets `desired-state/`, `secrets/` and the keys; a second start there answers on the same port. The first line of output is
 * the fleet's facts as JSON. Then each line of input is `{"id": 1, "do": "edit", "args": ["r00000", ["hostname changed"]]}`, any function of
 * `Fleet`, and is answered by `{"id": 1, "result": …}` or `{"id": 1, "error": "…"}`. Ends with its input.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type FleetShape, writeDesiredState, writeSecrets } from './desired-state.ts';
import { createKeys, type Fleet, type FleetKeys, startFleet } from './fleet.ts';
import { heldConfigs } from './held-configs.ts';

interface Kept {
  keys: FleetKeys;
  port: number;
}

async function main(folder: string, shape: Pick<FleetShape, 'devices' | 'sessionsPerDevice' | 'mode'>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'fleet.json');
  const kept: Kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : { keys: createKeys(), port: 0 };
  const fleet = await startFleet(heldConfigs(shape), kept.keys, kept.port);
  const { port, hostKey } = fleet.facts;
  writeFileSync(file, JSON.stringify({ ...kept, port }), { mode: 0o600 });
  writeDesiredState(join(folder, 'desired-state'), { ...shape, port, hostKey });
  writeSecrets(join(folder, 'secrets'), { observe: kept.keys.accounts['plumb-observe'], apply: kept.keys.accounts['plumb-apply'] });
  process.stdout.write(`${JSON.stringify(fleet.facts)}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(fleet, line))}\n`);
  }
  await fleet.close();
}

async function answer(fleet: Fleet, line: string): Promise<object> {
  let id: unknown;
  try {
    const asked = JSON.parse(line) as { id: unknown; do: string; args?: unknown[] };
    ({ id } = asked);
    const work = (fleet as unknown as Record<string, unknown>)[asked.do]; // the caller is a test: a wrong name is its mistake, and said
    if (typeof work !== 'function') throw new Error(`a fleet has no function ${asked.do}`);
    return { id, result: (await (work as (...args: unknown[]) => Promise<unknown>)(...(asked.args ?? []))) ?? null };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

const [, , folder, devices, sessions, mode] = process.argv;
if (folder === undefined || !(Number(devices) > 0)) {
  process.stderr.write('usage: node test/simulator/main.ts FOLDER DEVICES [SESSIONS] [Report|Approve|Enforce]\n');
  process.exitCode = 2;
} else {
  await main(folder, {
    devices: Number(devices),
    ...(Number(sessions) > 0 && { sessionsPerDevice: Number(sessions) }),
    ...((mode === 'Report' || mode === 'Approve' || mode === 'Enforce') && { mode }),
  });
}
