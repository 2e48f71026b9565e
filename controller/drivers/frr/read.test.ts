import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../lib/index.ts';
import type { SshTarget } from '../contract.ts';
import type { SshPool } from '../transport/index.ts';
import { observe } from './read.ts';

const target: SshTarget = { device: 'edge1', address: '192.0.2.1', hostKeys: [], observe: { user: 'plumb-observe' }, settleSeconds: 0 };
/** Two seconds between two reads are none here. */
const clock: Clock = { ...systemClock, sleep: async () => undefined };

const showRunning = 'show running-config no-header';
const running = (...lines: string[]) => ['frr version 8.4.4', 'hostname edge1', ...lines, '!', 'end', '', ''].join('\n');
const startup = (...lines: string[]) => ['hostname edge1', ...lines, '', '! end of startup', ''].join('\n');
/** staticd is up for 20 s. */
const facts = (changes: Record<string, string> = {}) =>
  Object.entries({
    'machine-id': 'm',
    'boot-id': 'b',
    hostname: 'edge1',
    uptime: '1000.00',
    ticks: '100',
    'daemon zebra': '10 100',
    'daemon staticd': '11 98000',
    epoch: '1',
    change: 't1 persisted plumb',
    ...changes,
  })
    .map(([word, rest]) => `${word} ${rest}\n`)
    .concat('end facts\n')
    .join('');

/** What a router answers, by command; of several answers each is given once, the last one for ever. */
type Answers = Record<string, string | readonly string[]>;

async function read(answers: Answers, changes: Partial<SshTarget> = {}) {
  const asked: string[] = [];
  const left = new Map(
    Object.entries({ facts: facts(), 'show daemons': ' zebra staticd\n', startup: startup(), [showRunning]: running(), ...answers }).map(
      ([command, texts]) => [command, [texts].flat()],
    ),
  );
  const pool: SshPool = {
    exec: async (_target, _login, command) => {
      asked.push(command);
      const texts = left.get(command) ?? [];
      return { rc: 0, stdout: (texts.length > 1 ? texts.shift() : texts[0]) ?? '', stderr: '', hostKey: 'SHA256:key' };
    },
    keep: (_target, _login, work) => work(),
    close: async () => {},
  };
  const observed = await observe({ clock, tokenOf: (value) => value, pool }, { ...target, ...changes }, {}, AbortSignal.timeout(5_000));
  return { observed, reads: asked.filter((command) => command === showRunning).length };
}

describe('a read', () => {
  test('without a change in between tells of the last one', async () => {
    const { observed, reads } = await read({});
    expect(observed).toMatchObject({ state: 'Read', lastChange: { token: 't1', state: 'persisted' } });
    expect(reads).toBe(1);
  });

  const route = 'ip route 198.51.100.0/24 blackhole';
  test.each<{ name: string; answers: Answers; with?: Partial<SshTarget>; reason: string; says: string }>([
    {
      name: 'a change began in between',
      answers: { facts: [facts(), facts({ change: 't2 applied plumb' })] },
      reason: 'DeviceSettling',
      says: 'a change began',
    },
    {
      name: 'a change went on in between',
      answers: { facts: [facts({ change: 't2 applied plumb' }), facts({ change: 't2 restored plumb' })] },
      reason: 'DeviceSettling',
      says: 'a change began',
    },
    {
      name: 'a daemon restarted in between',
      answers: { facts: [facts(), facts({ 'daemon staticd': '12 99999' })] },
      reason: 'DeviceSettling',
      says: 'restarted during the read',
    },
    {
      name: 'the router restarted in between',
      answers: { facts: [facts(), facts({ 'boot-id': 'c' })] },
      reason: 'DeviceSettling',
      says: 'restarted during the read',
    },
    { name: 'a daemon is dead', answers: { facts: facts({ 'daemon staticd': 'dead' }) }, reason: 'DaemonDown', says: 'staticd' },
    { name: 'another machine answers', answers: {}, with: { machineId: 'n' }, reason: 'WrongDevice', says: 'machine id' },
    { name: 'it has no end', answers: { [showRunning]: running().replace('end\n', '') }, reason: 'PartialRead', says: 'no end' },
    {
      name: 'vtysh does not reach a daemon that runs',
      answers: { 'show daemons': ' zebra\n' },
      reason: 'PartialRead',
      says: 'does not reach staticd',
    },
    {
      name: 'a daemon was stopped whose lines are in the startup config',
      answers: { startup: startup('router bgp 64501') },
      reason: 'DaemonDown',
      says: 'bgpd',
    },
    {
      name: 'static routes of the startup config are missing and staticd is young',
      answers: { startup: startup(route) },
      with: { settleSeconds: 30 },
      reason: 'DeviceSettling',
      says: `staticd is up for 20 s and \`${route}\``,
    },
    {
      name: 'the router has just started and bgpd has not yet',
      answers: {
        facts: facts({ uptime: '12.00', 'daemon zebra': '10 1000', 'daemon staticd': '11 1050' }),
        startup: startup('router bgp 64501'),
      },
      with: { settleSeconds: 30 },
      reason: 'DeviceSettling',
      says: 'the router is up for 12 s, and bgpd does not run',
    },
    {
      name: 'the router has just started and the pid of a daemon is of the life before',
      answers: { facts: facts({ uptime: '12.00', 'daemon zebra': '10 1000', 'daemon staticd': 'dead' }) },
      with: { settleSeconds: 30 },
      reason: 'DeviceSettling',
      says: 'the router is up for 12 s, and staticd does not run',
    },
    {
      name: 'the router has just started and vtysh reaches nobody',
      answers: { facts: facts({ uptime: '12.00', 'daemon zebra': '10 1000', 'daemon staticd': '11 1050' }), 'show daemons': '\n' },
      with: { settleSeconds: 30 },
      reason: 'DeviceSettling',
      says: 'vtysh does not reach zebra',
    },
    {
      name: 'a daemon is young and a second read says something else',
      answers: { [showRunning]: [running(), running(route)] },
      with: { settleSeconds: 30 },
      reason: 'DeviceSettling',
      says: 'disagree',
    },
    {
      name: 'a line that ran is missing and a second read has it',
      answers: { startup: startup(route), [showRunning]: [running(), running(route)] },
      reason: 'DeviceSettling',
      says: 'disagree',
    },
  ])('is not believed when $name', async ({ answers, with: changes = {}, reason, says }) => {
    const { observed } = await read(answers, changes);
    expect(observed).toMatchObject({ state: 'Unknown', reason, message: expect.stringContaining(says) });
  });

  test('without a line of the startup config is believed when daemons are old and a second read agrees: a person removed it', async () => {
    const { observed, reads } = await read({ startup: startup(route) });
    expect(observed).toMatchObject({ state: 'Read', startupDiffers: true });
    expect(reads).toBe(2);
  });
});
