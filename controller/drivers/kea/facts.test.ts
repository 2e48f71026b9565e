import { describe, expect, test } from 'vitest';
import { parseFacts } from './facts.ts';

const whole = [
  'machine-id 0123',
  'boot-id b-1',
  'hostname dhcp1-fra',
  'epoch 7',
  'change t-1 persisted plumb@host pid 12',
  'receipt {"revision":"r","itemsDigest":"i","effectDigest":"e","epoch":7}',
  'hold root 1795262400 mona: fibre work',
  'end facts',
];

describe('the facts of a server', () => {
  test('name the machine, the last change, its receipt and who holds it', () => {
    expect(parseFacts(`${whole.join('\n')}\n`, 'SHA256:x')).toMatchObject({
      hostname: 'dhcp1-fra',
      machineId: '0123',
      bootId: 'b-1',
      hostKey: 'SHA256:x',
      epoch: 7,
      lastChange: { token: 't-1', state: 'persisted', holder: 'plumb@host pid 12' },
      receipt: { revision: 'r', epoch: 7 },
      hold: { by: 'mona', reason: 'fibre work' },
    });
  });

  test('that are cut off, or name no machine, are none', () => {
    expect(parseFacts(whole.slice(0, -1).join('\n'), '')).toBeUndefined();
    expect(parseFacts(whole.slice(2).join('\n'), '')).toBeUndefined();
  });

  test('of a server that was never changed are whole all the same', () => {
    expect(parseFacts('boot-id b\nhostname h\nepoch 0\nend facts\n', '')).toEqual({
      hostname: 'h',
      bootId: 'b',
      hostKey: '',
      machineId: '',
      epoch: 0,
    });
  });
});
