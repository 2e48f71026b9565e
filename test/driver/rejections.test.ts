import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, up } from '../lab/frr.ts';
import { skipped } from './setup.ts';

const folder = join(import.meta.dirname, '../../controller/drivers/frr/transcripts');
// A daemon that dies is not to be timed, and the guard writes the words about a secret: those stay as they were recorded.
const recorded = readdirSync(folder).filter((name) => !name.startsWith('daemon-died') && name !== 'secret-refused.txt');

/** Records the dialogues anew; `vitest -u` writes what another version of FRR says. */
describe.skipIf(skipped !== undefined)('what FRR says to a refused line', () => {
  let lab: Lab;

  beforeAll(async () => {
    const config = 'hostname r1\nrouter bgp 64501\n neighbor 10.0.1.2 remote-as 64502\n';
    lab = await up({ prefix: `rej${process.pid.toString(36)}`, links: [], routers: [{ name: 'r1', config, managed: false }] });
  });

  afterAll(async () => {
    await lab?.down();
  });

  /** Says the lines of a transcript to the router again; gives the transcript as it would be recorded now. */
  const record = async (path: string) => {
    const lines = readFileSync(path, 'utf8').match(/(?<=^> ).*$/gm) ?? [];
    const { rc, stdout } = await lab.inside('r1', ['sh', '-c', 'vtysh -E "$@" 2>&1', 'vtysh', ...lines.flatMap((line) => ['-c', line])]);
    return { rc, text: `${lines.map((line) => `> ${line}\n`).join('')}${stdout}` };
  };

  test.each(recorded)('%s', async (name) => {
    const { rc, text } = await record(join(folder, name));
    expect(rc).not.toBe(0);
    await expect(text).toMatchFileSnapshot(join(folder, name));
  });

  test('daemon-died.txt', async () => {
    await lab.killDaemon('r1', 'bgpd');
    const { rc, text } = await record(join(folder, 'daemon-died.txt'));
    expect(rc).not.toBe(0);
    await expect(text).toMatchFileSnapshot(join(folder, 'daemon-died.txt'));
  });
});
