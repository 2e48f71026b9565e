import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Check, Driver, Target } from '../../controller/drivers/index.ts';
import { Secret } from '../../controller/lib/index.ts';
import type { Lab } from '../lab/frr.ts';
import { tryRun } from '../lab/shell.ts';
import { createKeys, startFleet } from '../simulator/fleet.ts';
import { addressOf } from '../simulator/identity.ts';
import { createDriver, limit, skipped, targetOf, upLab } from './setup.ts';

const hasPing = (await tryRun(['sh', '-c', 'command -v ping'])).rc === 0;
if (!hasPing) process.stderr.write('skipped, pings from routers: ping is not installed\n');

/** The answers of a router to checks, which come from Git: whoever writes them there must not get anything else out of it. */
describe.skipIf(skipped !== undefined)('a check on a real router', () => {
  let lab: Lab;
  let driver: Driver;

  beforeAll(async () => {
    lab = await upLab('chk');
    driver = createDriver();
    await lab.established('r1', 1);
  });
  afterAll(async () => {
    await driver?.close();
    await lab?.down();
  });

  const ask = async (...checks: Check[]) => {
    const answer = await driver.probe(targetOf(lab, 'r1'), limit(), checks);
    return answer.outcome === 'Probed' ? answer.checks : answer.error.code;
  };
  const show = (command: string, matches: (output: string) => boolean): Check => ({ what: 'show', command, matches });

  test('is answered each in its place, with no word of the output', async () => {
    const seen: string[] = [];
    const finds = (word: string) => (output: string) => (seen.push(output), output.includes(word));
    expect(
      await ask(
        show('show bgp summary', finds('10.0.1.2')),
        show('show ip route 192.0.2.2/32', finds('no such word')),
        show('show version', finds('FRRouting')),
      ),
    ).toEqual([{ holds: true }, { holds: false, why: 'the output does not match' }, { holds: true }]);
    expect(seen).toHaveLength(3);
  });

  test.runIf(hasPing)('pings from the router, from the address that is asked for', async () => {
    expect(
      await ask(
        { what: 'ping', to: '10.0.1.2' },
        { what: 'ping', to: '192.0.2.2', from: '192.0.2.1' },
        { what: 'ping', to: '10.0.1.2', from: '203.0.113.9' }, // not an address of the router
        { what: 'ping', to: '198.51.100.77' }, // no route
        { what: 'ping', to: '::1' },
      ),
    ).toEqual([{ holds: true }, { holds: true }, { holds: false, why: 'no answer' }, { holds: false, why: 'no answer' }, { holds: true }]);
  });

  const marker = () => join(lab.router('r1').dir, 'marker');
  const evil = [
    'show version\nconfigure terminal\nhostname taken',
    'show version -c write',
    "show version' -c 'write",
    'show version | include FRR',
    'show version; touch MARKER',
    'show version $(touch MARKER)',
    'show version `touch MARKER`',
    'show version > MARKER',
    'configure terminal',
    'write',
    'facts',
    'startup',
    'history 99999',
    'show running-config\r\nwrite',
    'show \u2028version',
    '',
  ];

  test.each(evil)('%j reaches neither vtysh nor a shell', async (words) => {
    writeFileSync(join(lab.router('r1').dir, 'started'), lab.startupConfig('r1'));
    const output: string[] = [];
    const [answer] = (await ask(show(words.replaceAll('MARKER', marker()), (text) => (output.push(text), true)))) as [
      { holds: boolean; why: string },
    ];
    // "-c write" is nothing but words that no show command of vtysh has.
    expect(answer).toEqual({ holds: false, why: expect.stringMatching(/no plain command|ended with 1/) });
    expect(output).toEqual([]);
    expect(existsSync(marker())).toBe(false);
    expect(await lab.vtysh('r1', 'show running-config no-header')).not.toContain('taken');
  });

  test.each(['-f 10.0.1.2', '10.0.1.2 -f', 'r2', '10.0.1.2;id', '$(id)', '10.0.1.2 192.0.2.1 192.0.2.1', ''])(
    'ping %j is not sent',
    async (to) => {
      expect(await ask({ what: 'ping', to })).toMatchObject([{ holds: false, why: expect.stringContaining('no plain command') }]);
    },
  );

  test('is checked once more by the router, whoever holds the key of the observer', async () => {
    for (const words of [
      'ping -f 10.0.1.2',
      'ping 10.0.1.2 -f',
      'ping $(id)',
      'ping',
      'ping a b c',
      'ping 10.0.1.2;id',
      'show version;id',
    ]) {
      const ran = await lab.inside('r1', ['env', `SSH_ORIGINAL_COMMAND=${words}`, 'sh', join(lab.facts.dir, 'plumb-observe')]);
      expect([words, ran.rc, ran.stdout]).toEqual([words, 77, '']);
    }
  });
});

test('a check with an endless output ends at its limit, and the connection lives on', async () => {
  const keys = createKeys();
  const lists = Array.from({ length: 2_000 }, (_, i) => `ip prefix-list L${i} seq 5 permit 198.51.100.0/24\n`).join('');
  const fleet = await startFleet([{ name: 'r1', config: `frr version 8.4.4\n${lists}!\n` }], keys);
  const driver = createDriver();
  const target: Target = {
    device: 'r1',
    address: addressOf(0),
    port: fleet.facts.port,
    hostKeys: [keys.hostKey],
    observe: { user: 'plumb-observe', privateKey: new Secret(keys.accounts['plumb-observe']) },
  };
  const show = (command: string): Check => ({ what: 'show', command, matches: () => true });
  const answer = await driver.probe(target, limit(), [show('show running-config no-header'), show('show daemons')]);
  expect(answer).toMatchObject({ checks: [{ holds: false, why: 'its output is longer than 64 KiB' }, { holds: true }] });
  await driver.close();
  await fleet.close();
});
