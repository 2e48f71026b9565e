/** Run in the place of `child.ts` by `sandbox.test.ts`: tries what a process can do, and reports the code of each refusal. */
import { spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: string; name?: string };
  return code ?? name ?? 'unknown';
}

function attempt(work: () => unknown): string {
  try {
    work();
    return 'done';
  } catch (error) {
    return codeOf(error);
  }
}

const port = Number(process.argv[2]);
const socket = await new Promise<string>((resolve) => {
  try {
    connect(port, '127.0.0.1')
      .on('connect', () => resolve('done'))
      .on('error', (error) => resolve(codeOf(error)));
  } catch (error) {
    resolve(codeOf(error));
  }
});
const name = await lookup('localhost').then(() => 'done', codeOf);

process.send?.({
  environment: Object.keys(process.env),
  'read a file': attempt(() => readFileSync('/etc/passwd')),
  'write a file': attempt(() => writeFileSync('/tmp/plumbline-attack', '')),
  'list a folder': attempt(() => readdirSync('/')),
  'start a process': attempt(() => spawnSync('true')),
  'start a worker': attempt(() => new Worker('0', { eval: true })),
  'load an addon': attempt(() => process.dlopen({ exports: {} }, '/nowhere.node')),
  'run code from a string': attempt(() =>
    (Object.getPrototypeOf(attempt) as { constructor: (code: string) => unknown }).constructor('return 1'),
  ),
  'open a socket': socket,
  'look up a name': name,
});
