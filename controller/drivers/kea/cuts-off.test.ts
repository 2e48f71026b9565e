import { describe, expect, test } from 'vitest';
import type { JsonMap } from './answers.ts';
import { cutsOff } from './cuts-off.ts';

const live: JsonMap = {
  'control-socket': { 'socket-type': 'unix', 'socket-name': '/run/kea/kea4-ctrl-socket' },
  loggers: [{ name: 'kea-dhcp4', severity: 'INFO' }, { name: 'kea-dhcp4.leases' }],
};
const { 'control-socket': _socket, ...mute } = live;

describe('a configuration that cuts the server off', () => {
  test.each<{ name: string; next: JsonMap; says: string }>([
    { name: 'has no control socket', next: mute, says: '`control-socket` would be gone' },
    {
      name: 'has another control socket',
      next: { ...live, 'control-socket': { 'socket-type': 'unix', 'socket-name': '/x' } },
      says: 'would change',
    },
    {
      name: 'has HTTP sockets where it had none',
      next: { ...live, 'control-sockets': [{ 'socket-type': 'http', 'socket-port': 8000 }] },
      says: '`control-sockets` would change',
    },
    { name: 'has lost a logger', next: { ...live, loggers: [{ name: 'kea-dhcp4' }] }, says: 'logger kea-dhcp4.leases would be gone' },
    { name: 'has lost all loggers', next: { ...live, loggers: [] }, says: 'logger kea-dhcp4 would be gone' },
  ])('$name', ({ next, says }) => {
    expect(cutsOff(live, next, [])).toContain(says);
  });

  test('is not one whose logger the plan takes away, or whose keys stand in another order', () => {
    const commands = [{ path: ['Dhcp4'], text: 'no logger kea-dhcp4.leases' }];
    expect(cutsOff(live, { ...live, loggers: [{ name: 'kea-dhcp4' }] }, commands)).toBeUndefined();
    const turned = { 'socket-name': '/run/kea/kea4-ctrl-socket', 'socket-type': 'unix' };
    expect(cutsOff(live, { loggers: live['loggers'] ?? [], 'control-socket': turned }, [])).toBeUndefined();
  });

  test('loses an option 43 that Kea prints without its value, wherever it stands', () => {
    const option = { code: 43, space: 'dhcp4', 'csv-format': false, data: '' };
    const held = { ...live, subnet4: [{ id: 10, 'option-data': [option] }] };
    expect(cutsOff(held, held, [])).toContain('option 43 in subnet4 10');
    const told = { ...live, subnet4: [{ id: 10, 'option-data': [{ ...option, data: '0104AABBCCDD' }] }] };
    expect(cutsOff(held, told, [])).toBeUndefined();
    expect(cutsOff(live, { ...live, 'option-data': [{ ...option, space: 'vendor-1' }] }, [])).toBeUndefined();
  });
});
