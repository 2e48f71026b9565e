import { expect, test } from 'vitest';
import { systemClock } from '../../lib/index.ts';
import type { Target } from '../contract.ts';
import type { SshPool } from '../transport/index.ts';
import { observe } from './read.ts';

const target: Target = { device: 'edge1', address: '192.0.2.1', hostKeys: [], observe: { user: 'plumb-observe' }, settleSeconds: 0 };

/** What a router answers whose guard says `before` when the read begins and `after` when it ends. */
function answersOf(before: string, after: string, other: Record<string, string> = {}): SshPool {
  const changes = [before, after];
  const facts = () =>
    `machine-id m\nboot-id b\nhostname edge1\nuptime 1000.00\nticks 100\ndaemon zebra 10 100\ndaemon staticd 11 98000\nepoch 1\nchange ${changes.shift() ?? after}\nend facts\n`;
  const answers: Record<string, string> = {
    'show daemons': ' zebra staticd\n',
    startup: 'hostname edge1\n\n! end of startup\n',
    'show running-config no-header': 'frr version 8.4.4\nhostname unconfirmed\n!\nend\n\n',
    ...other,
  };
  const answer = (command: string) => (command === 'facts' ? facts() : (answers[command] ?? ''));
  return {
    exec: async (_target, _login, command) => ({ rc: 0, stdout: answer(command), stderr: '', hostKey: 'SHA256:key' }),
    keep: (_target, _login, work) => work(),
    close: async () => {},
  };
}

const read = (before: string, after: string, other?: Record<string, string>, settleSeconds = 0) =>
  observe(
    { clock: systemClock, tokenOf: (value) => value, pool: answersOf(before, after, other) },
    { ...target, settleSeconds },
    {},
    AbortSignal.timeout(5_000),
  );

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

test('a read without the static routes of the startup config is not believed while staticd is young', async () => {
  const startup = { startup: 'hostname edge1\nip route 198.51.100.0/24 blackhole\n\n! end of startup\n' };
  expect(await read('t1 persisted plumb', 't1 persisted plumb', startup, 30)).toMatchObject({
    reason: 'DeviceSettling',
    message: expect.stringContaining('staticd is up for 20 s and `ip route 198.51.100.0/24 blackhole`'),
  });
});

test('a read without the lines of a daemon that vtysh does not reach is not whole', async () => {
  expect(await read('t1 persisted plumb', 't1 persisted plumb', { 'show daemons': ' zebra\n' })).toMatchObject({
    reason: 'PartialRead',
    message: expect.stringContaining('staticd'),
  });
});
