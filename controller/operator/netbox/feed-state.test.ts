import { expect, it } from 'vitest';
import { createFakeClock } from '../../../test/kube/fake-clock.ts';
import { stateOf } from '../../../test/builders/state.ts';
import { DeviceSpec, type DeviceStatus, FleetSpec } from '../../api/index.ts';
import { feedState } from './feed-state.ts';

const spec = { platform: 'frr', lifecycle: 'Planned', credentials: { observe: { name: 'routers' } } };

it('a device that gets another name does not silently lose what NetBox fed it under the old one', () => {
  const text = JSON.stringify({ kind: 'Device', name: 'edge2', spec: { ...spec, movedFrom: 'edge1' } });
  const before = { spec: DeviceSpec.parse({ ...spec, serial: 'SN-1' }), status: { fed: ['serial'] } as unknown as DeviceStatus };
  const { fed } = feedState(stateOf(text), {
    wanted: FleetSpec.shape.netbox.parse({ url: 'https://nb.example.net', secretRef: { name: 'nb' }, authority: { serial: 'NetBox' } }),
    facts: { url: 'https://nb.example.net', version: '4.7.3', at: '', objects: {} },
    mirrorOf: (name) => (name === 'edge1' ? before : undefined),
    clock: createFakeClock(),
  });
  expect(fed.get('edge2')?.problems.map(({ code }) => code)).toEqual(['FactVanished']);
});
