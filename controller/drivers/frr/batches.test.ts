import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlannedCommand } from '../../api/index.ts';
import { Secret } from '../../lib/index.ts';
import { findUnsafeLine, printBatches, toBatches } from './batches.ts';

const token = `<secret:hmac-${'1'.repeat(32)}>`;
const at = (path: string[], text: string): PlannedCommand => ({ path, text });
const bgp = ['router bgp 64501'];
const family = [...bgp, 'address-family ipv4 unicast'];

describe('commands cut into batches', () => {
  test.each<{ name: string; commands: PlannedCommand[]; shape: string[] }>([
    { name: 'none', commands: [], shape: [] },
    {
      name: 'leaves of one section stay together',
      commands: [at(bgp, 'bgp router-id 192.0.2.1'), at(bgp, 'no neighbor 192.0.2.9')],
      shape: ['0 plain 2'],
    },
    {
      name: 'another section is another batch',
      commands: [at(bgp, 'neighbor 192.0.2.9 remote-as 64502'), at(family, 'neighbor 192.0.2.9 activate')],
      shape: ['0 plain 1', '1 plain 1'],
    },
    {
      name: 'an opener and the lines in it stay together',
      commands: [
        at([], 'route-map RM permit 10'),
        at(['route-map RM permit 10'], 'set metric 5'),
        at(['route-map RM permit 10'], 'match ip address prefix-list PL'),
      ],
      shape: ['0 plain 3'],
    },
    {
      name: 'after an opener a line of the outer section enters it anew: in `vrf` an `ip route` is another one',
      commands: [at([], 'vrf BLUE'), at([], 'ip route 198.51.100.0/24 Null0')],
      shape: ['0 plain 1', '1 plain 1'],
    },
    {
      name: 'a secret stands alone',
      commands: [
        at(bgp, 'neighbor 192.0.2.9 remote-as 64502'),
        at(bgp, `neighbor 192.0.2.9 password ${token}`),
        at(bgp, 'neighbor 192.0.2.9 description x'),
      ],
      shape: ['0 plain 1', '1 secret 1', '2 plain 1'],
    },
    {
      name: 'no batch is longer than an argument list may be',
      commands: Array.from({ length: 250 }, (_, i) => at([], `ip prefix-list PL seq ${i + 1} permit 192.0.2.0/24`)),
      shape: ['0 plain 100', '100 plain 100', '200 plain 50'],
    },
  ])('$name', ({ commands, shape }) => {
    expect(toBatches(commands).map(({ first, kind, commands }) => `${first} ${kind} ${commands.length}`)).toEqual(shape);
  });

  test('every command is in exactly one batch, in order, at its own index', () => {
    const command = fc.record({
      path: fc.array(fc.constantFrom('router bgp 64501', 'address-family ipv4 unicast', 'route-map RM permit 10'), { maxLength: 2 }),
      text: fc.constantFrom(
        'vrf BLUE',
        'neighbor 192.0.2.9 activate',
        'set metric 5',
        `neighbor 192.0.2.9 password ${token}`,
        'unheard of',
      ),
    });
    fc.assert(
      fc.property(fc.array(command), (commands) => {
        const batches = toBatches(commands);
        expect(batches.flatMap((batch) => batch.commands)).toEqual(commands.map(({ text }) => text));
        for (const batch of batches) expect(commands[batch.first]?.path).toEqual(batch.path);
        expect(batches.filter(({ kind }) => kind === 'secret').every(({ commands }) => commands.length === 1)).toBe(true);
      }),
    );
  });
});

describe('batches as the guard reads them', () => {
  test('hold the values in place of the tokens', () => {
    const printed = printBatches([at(bgp, `neighbor 192.0.2.9 password ${token}`)], () => new Secret('$& $1 value'));
    expect(printed).toEqual({ text: 'B secret 0\nP router bgp 64501\nC neighbor 192.0.2.9 password $& $1 value\nX\n' });
  });

  test('never hold a value in a path, which goes into arguments', () => {
    const printed = printBatches([at([`key ${token}`], 'exit')], () => new Secret('value'));
    expect(JSON.stringify(printed)).not.toContain('value');
  });

  test('are not printed when a value is missing', () => {
    expect(printBatches([at(bgp, `neighbor 192.0.2.9 password ${token}`)], () => undefined)).toEqual({ missing: token });
  });
});

test.each([
  ['neighbor 192.0.2.9 description plain text, ünïcode and "quotes"', false],
  ['a\nb', true],
  ['a\rb', true],
  ['a\u2028b', true],
  ['\u0000', true],
  ['\u001b[31m', true],
])('%j is more than one line: %s', (text, unsafe) => {
  expect(findUnsafeLine([at([], text)]) !== undefined).toBe(unsafe);
  expect(findUnsafeLine([at([text], 'exit')]) !== undefined).toBe(unsafe);
});
