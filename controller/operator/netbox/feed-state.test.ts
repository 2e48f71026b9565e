import { expect, it } from 'vitest';
import { createFakeClock } from '../../../test/kube/fake-clock.ts';
import { stateOf } from '../../../test/builders/state.ts';
import { DeviceSpec, FleetSpec } from '../../api/index.ts';
import { feedState } from './feed-state.ts';

const spec = { platform: 'frr', lifecycle: 'Planned', credentials: { observe: { name: 'routers' } } };

const facts = { url: 'https://nb.example.net', version: '4.7.3', at: '', objects: {} };
const before = { spec: DeviceSpec.parse({ ...spec, serial: 'SN-1' }), fields: ['serial'] };

it('a device that gets another name does not silently lose what NetBox fed it under the old one', () => {
  const text = JSON.stringify({ kind: 'Device', name: 'edge2', spec: { ...spec, movedFrom: 'edge1' } });
  const { fed } = feedState(stateOf(text), {
    wanted: FleetSpec.shape.netbox.parse({ url: 'https://nb.example.net', secretRef: { name: 'nb' }, authority: { serial: 'NetBox' } }),
    facts,
    lastOf: (name) => (name === 'edge1' ? before : undefined),
    clock: createFakeClock(),
  });
  expect(fed.get('edge2')?.problems.map(({ code }) => code)).toEqual(['FactVanished']);
});

it.each([
  { name: 'the Fleet names no NetBox any more', netbox: undefined },
  { name: 'NetBox has the word on nothing any more', netbox: {} },
  {
    name: 'the device is none of those that NetBox is asked for',
    netbox: { authority: { serial: 'NetBox' }, selector: { matchLabels: { site: 'fra' } } },
  },
])('what NetBox gave is not dropped without a word where $name', ({ netbox }) => {
  const wanted = netbox && FleetSpec.shape.netbox.parse({ url: 'https://nb.example.net', secretRef: { name: 'nb' }, ...netbox });
  const feed = (more: object) =>
    feedState(stateOf(JSON.stringify({ kind: 'Device', name: 'edge1', spec: { ...spec, ...more } })), {
      wanted,
      facts,
      lastOf: () => before,
      clock: createFakeClock(),
    });
  const { fed, state } = feed({});
  expect(fed.get('edge1')).toMatchObject({
    fields: ['serial'],
    problems: [{ code: 'FactUnfed', message: expect.stringContaining('"SN-1"') }],
  });
  expect(state.objects.Device.get('edge1')?.spec.serial).toBe('SN-1');
  // A person wrote into Git what it should be.
  expect(feed({ serial: 'SN-2' }).fed.size).toBe(0);
});
