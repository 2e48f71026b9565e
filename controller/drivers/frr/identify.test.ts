import { describe, expect, test } from 'vitest';
import { parseFacts } from './identify.ts';

const whole = `machine-id 0123456789abcdef0123456789abcdef
boot-id 11111111-2222-3333-4444-555555555555
hostname edge1-fra
uptime 1759.89
ticks 100
daemon bgpd 7474 137314
daemon staticd dead
daemon zebra 7454 175900
epoch 7
change t-1 applied plumb@host pid 12
receipt {"revision":"main@sha1:0","itemsDigest":"1","effectDigest":"2","epoch":7}
end facts
`;

describe('facts of the observer', () => {
  test('name the machine, its daemons with their age, and what the guard left', () => {
    expect(parseFacts(whole)).toEqual({
      machineId: '0123456789abcdef0123456789abcdef',
      bootId: '11111111-2222-3333-4444-555555555555',
      upSeconds: 1759,
      hostname: 'edge1-fra',
      daemons: [
        { name: 'bgpd', pid: 7474, upSeconds: 386 },
        { name: 'staticd', upSeconds: 0 },
        { name: 'zebra', pid: 7454, upSeconds: 0 },
      ],
      epoch: 7,
      lastChange: { token: 't-1', state: 'applied', holder: 'plumb@host pid 12' },
      receipt: { revision: 'main@sha1:0', itemsDigest: '1', effectDigest: '2', epoch: 7 },
    });
  });

  test.each([
    ['cut off', whole.slice(0, -12)],
    ['empty', ''],
    ['without a boot id', whole.replace(/^boot-id .*\n/m, '')],
    ['without the age of the daemons', whole.replace(/^uptime .*$/m, 'uptime ')],
    ['without a host name', whole.replace(/^hostname .*\n/m, '')],
  ])('that are %s are none', (_, text) => {
    expect(parseFacts(text)).toBeUndefined();
  });

  test.each([
    ['root 1795262400 mona: fibre work until six', { by: 'mona', reason: 'fibre work until six' }],
    ['mona 1795262400 fibre work', { by: 'mona', reason: 'fibre work' }],
    ['root 1795262400 ', { by: 'root', reason: 'no reason given' }],
    ['root 1795262400', { by: 'root', reason: 'no reason given' }],
    [' ', { by: 'unknown', reason: 'no reason given' }],
  ])('tell of a hold %j', (text, hold) => {
    expect(parseFacts(whole.replace('end facts', `hold ${text}\nend facts`))).toMatchObject({ hold });
  });

  test('tell who broke the glass and why, in words that cannot do harm', () => {
    const glass = { by: 'mona', reason: 'x'.repeat(2_000), at: 7 };
    const told = { revision: 'main@sha1:0', itemsDigest: '1', effectDigest: '2', epoch: 7 };
    const receiptOf = (more: object) =>
      parseFacts(whole.replace(/^receipt .*$/m, `receipt ${JSON.stringify({ ...more, ...told })}`))?.receipt;
    expect(receiptOf({ glass })).toEqual({ ...told, glass: { by: 'mona', reason: 'x'.repeat(500), at: 'not said' } });
    expect(receiptOf({ glass: { by: 'a\u001b[2Jb', reason: 'r', at: 't' } })?.glass?.by).toBe('a [2Jb');
    expect(receiptOf({ glass: 'yes' })).toEqual(told);
  });

  test.each(['{}', 'not json', '{"revision":1}', 'null'])('take a receipt %j for none', (receipt) => {
    expect(parseFacts(whole.replace(/^receipt .*$/m, `receipt ${receipt}`))).not.toHaveProperty('receipt');
  });
});
