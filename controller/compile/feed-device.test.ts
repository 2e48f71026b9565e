import { describe, expect, it } from 'vitest';
import { type DesiredObject, DeviceSpec, type RecordedDevice } from '../api/index.ts';
import { feedDevice, type Feeding } from './feed-device.ts';

const everything = { serial: 'NetBox', description: 'NetBox', mtu: 'NetBox', interfaces: 'NetBox' } as const;
const spec = (more: object = {}): DeviceSpec =>
  DeviceSpec.parse({
    platform: 'frr',
    lifecycle: 'Planned',
    credentials: { observe: { name: 'routers' } },
    interfaces: [{ name: 'eth0', addresses: ['192.0.2.1/31'] }],
    ...more,
  });
const device = (more: object = {}): DesiredObject<'Device'> => ({
  kind: 'Device',
  metadata: { name: 'edge1-fra', labels: {}, annotations: {} },
  spec: spec(more),
  position: { file: 'edge1.yaml', line: 1, col: 1 },
  locate: (path) => ({ file: 'edge1.yaml', line: path.length, col: 1 }),
});
const recorded: RecordedDevice = {
  serial: 'SN-1',
  interfaces: [
    { name: 'eth0', enabled: true, addresses: ['192.0.2.1/31'], description: 'to core', mtu: 9000 },
    { name: 'eth9', enabled: false, addresses: ['198.51.100.1/24'] },
  ],
};
const feed = (object: DesiredObject<'Device'>, more: Partial<Feeding> = {}) =>
  feedDevice(object, { authority: everything, recorded, last: { spec: object.spec, fields: [] }, ...more });

describe('what NetBox feeds into a device', () => {
  it('is what it has the word on and Git does not say', () => {
    const { object, fields, problems } = feed(device());
    expect(problems).toEqual([]);
    expect(fields).toEqual(['serial', 'interfaces/eth0/description', 'interfaces/eth0/mtu', 'interfaces/eth9']);
    expect(object.spec).toMatchObject({
      serial: 'SN-1',
      interfaces: [
        { name: 'eth0', description: 'to core', mtu: 9000 },
        { name: 'eth9', enabled: false, addresses: ['198.51.100.1/24'] },
      ],
    });
    expect(feed(device(), { authority: { ...everything, serial: 'Git', interfaces: 'Git' } }).fields).toEqual([
      'interfaces/eth0/description',
      'interfaces/eth0/mtu',
    ]);
  });

  it('is nothing where Git says the same, and an error with its place where Git says otherwise', () => {
    expect(feed(device({ serial: 'SN-1' })).fields).not.toContain('serial');
    const { problems } = feed(device({ interfaces: [{ name: 'eth0', description: 'to the core' }] }));
    expect(problems).toMatchObject([{ code: 'FactContradicted', at: { file: 'edge1.yaml', line: 3 } }]);
  });

  it('that vanished is an error, however often it is asked; until NetBox was read again it stands', () => {
    const before = feed(device());
    const last = { spec: before.object.spec, fields: before.fields };
    const gone = feed(device(), { recorded: { interfaces: [] }, last });
    expect(gone.problems.map(({ code }) => code)).toEqual(['FactVanished', 'FactVanished', 'FactVanished', 'FactVanished']);
    expect(feed(device(), { recorded: 'none', last: { spec: gone.object.spec, fields: gone.fields } }).problems).toHaveLength(4);
    expect(feed(device(), { recorded: undefined, last })).toEqual({
      ...before,
      object: { ...before.object, locate: expect.any(Function) },
    });
    // A person settled it in Git.
    const settled = device({ serial: 'SN-1', interfaces: [{ name: 'eth0', description: 'x', mtu: 1500 }, { name: 'eth9' }] });
    expect(feed(settled, { recorded: { interfaces: [] }, last })).toMatchObject({ fields: [], problems: [] });
  });

  it('that goes from an interface which stays is an error too, and what was known of it stands; another value is none', () => {
    const eth9 = { name: 'eth9', enabled: true, addresses: ['198.51.100.1/24', '2001:db8::1/64'], description: 'guests', mtu: 1500 };
    const first = feed(device(), { recorded: { interfaces: [eth9] } });
    const last = { spec: first.object.spec, fields: first.fields };
    const again = (now: object) =>
      feed(device(), { recorded: { interfaces: [{ name: 'eth9', enabled: true, addresses: [], ...now }] }, last });
    const gone = again({ addresses: ['198.51.100.1/24'] });
    expect(gone.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('interfaces/eth9/addresses, said "2001:db8::1/64"'),
      expect.stringContaining('interfaces/eth9/description, said "guests"'),
      expect.stringContaining('interfaces/eth9/mtu, said "1500"'),
    ]);
    expect(gone.object.spec.interfaces[1]).toMatchObject(eth9);
    const other = { ...eth9, addresses: ['198.51.100.2/24', '2001:db8::1/64'], description: 'visitors' };
    expect(again(other)).toMatchObject({ problems: [], object: { spec: { interfaces: [{}, other] } } });
  });

  it('is nothing, and an error, where nobody knows what it was', () => {
    expect(feed(device(), { recorded: undefined, last: undefined }).problems).toMatchObject([{ code: 'FactsUnread' }]);
  });

  it('that does not fit the kind is an error and not used', () => {
    const odd = { ...recorded, serial: 'x'.repeat(65) };
    const { object, problems } = feed(device(), { recorded: odd });
    expect(problems).toMatchObject([{ code: 'FactUnfit', message: expect.stringContaining('spec.serial') }]);
    expect(object.spec.serial).toBeUndefined();
  });
});
