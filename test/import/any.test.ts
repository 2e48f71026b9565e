import { array, assert, asyncProperty, constantFrom, string, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { importDevices } from '../../controller/import/index.ts';
import { frrConfigs } from '../engine/frr-configs.ts';

/** Holds each to its original itself, and throws where it cannot. */
const importOne = (text: string) =>
  importDevices({ originals: [{ device: 'r1', from: 'r1.conf', platform: 'frr', text }], words: new Map() });

it('takes any FRR configuration whole', { timeout: 300_000 }, async () => {
  await assert(
    asyncProperty(frrConfigs, async (text) => {
      const { accounts } = await importOne(text);
      expect(accounts[0]?.unowned.filter(({ why }) => !why.startsWith('says w'))).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

const words = constantFrom(
  'router bgp 64500',
  'neighbor 192.0.2.1',
  'remote-as 64501',
  'remote-as 1.1',
  'route-map A permit 10',
  'route-map A permit 0',
  'route-map A permit 99999',
  'match ip address prefix-list',
  'ip prefix-list A seq 5 permit',
  'ip prefix-list 7 seq 5 permit',
  'no',
  'any',
  'exit',
  'end',
  '{{ x }}',
  '{% if %}',
  '<secret:a/b>',
  '! plumbline:from Device/x y:1',
  'plumbline: x',
  '| ',
  'do show version',
  'interface eth0',
  'ip address 192.0.2.1/24',
  'ip address 192.0.2.0/24',
  'shutdown',
  'description',
  'password',
  'hostname',
  'address-family ipv4 unicast',
  'write',
  '\u0007',
  '\u2028',
  '__proto__',
  'constructor',
);

it('takes any text: what Git cannot hold is told, the rest is kept', { timeout: 300_000 }, async () => {
  const line = tuple(constantFrom('', ' ', '  ', '\t'), array(words, { maxLength: 4 }), string({ maxLength: 12 })).map(
    ([indent, some, rest]) => `${indent}${some.join(' ')} ${rest}`,
  );
  await assert(
    asyncProperty(array(line, { maxLength: 25 }), async (lines) => {
      const { accounts, files } = await importOne(lines.join('\n'));
      expect(accounts).toHaveLength(1);
      for (const [path, text] of files) if (path.startsWith('sections/')) expect(text).not.toContain('plumbline:');
    }),
    { numRuns: 25, examples: [[['password router bgp 64500', ' <secret:a/b>']]] },
  );
});

it('says of a block that nothing inside it is kept, and of each line why', async () => {
  const { accounts, files } = await importOne('interface eth0\n description <secret:a/b>\nhostname r1\n');
  expect(accounts[0]).toMatchObject({
    raw: 1,
    unowned: [1, 2].map((line) => ({ line, why: 'it holds words that only Plumbline writes' })),
  });
  expect([...files.values()].join('')).not.toContain('eth0');
});
