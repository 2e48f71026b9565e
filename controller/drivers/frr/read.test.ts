import { expect, test } from 'vitest';
import { systemClock } from '../../lib/index.ts';
import type { Target } from '../contract.ts';
import type { SshPool } from '../transport/index.ts';
import { observe } from './read.ts';

const target: Target = { device: 'edge1', address: '192.0.2.1', hostKeys: [], observe: { user: 'plumb-observe' }, settleSeconds: 0 };

/** What a router answers whose guard says `before` when the read begins and `after` when it ends. */
function answersOf(before: string, after: string): SshPool {
  const changes = [before, after];
  const facts = () =>
    `machine-id m\nboot-id b\nhostname edge1\nuptime 1000.00\nticks 100\ndaemon zebra 10 100\nepoch 1\nchange ${changes.shift() ?? after}\nend facts\n`;
  const answers: Record<string, () => string> = {
    facts,
    startup: () => 'hostname edge1\n\n! end of startup\n',
    'show running-config no-header': () => 'frr version 8.4.4\nhostname unconfirmed\n!\nend\n\n',
  };
  return {
    exec: async (_target, _login, command) => ({ rc: 0, stdout: answers[command]?.() ?? '', stderr: '', hostKey: 'SHA256:key' }),
    keep: (_target, _login, work) => work(),
    close: async () => {},
  };
}

const read = (before: string, after: string) =>
  observe({ clock: systemClock, tokenOf: (value) => value, pool: answersOf(before, after) }, target, {}, AbortSignal.timeout(5_000));

test.each([
  { name: 'began', before: 't0 persisted plumb', after: 't1 applied plumb' },
  { name: 'went on', before: 't1 applied plumb', after: 't1 restored plumb' },
])('a read in which a change $name is not believed', async ({ before, after }) => {
  expect(await read(before, after)).toMatchObject({ state: 'Unknown', reason: 'DeviceSettling' });
});

test('a read without a change in between tells of the last one', async () => {
  expect(await read('t1 persisted plumb', 't1 persisted plumb')).toMatchObject({
    state: 'Read',
    lastChange: { token: 't1', state: 'persisted' },
  });
});
