import type { DesiredObject, DeviceBGP, ValuePath } from '../../api/index.ts';
import { nearest, parsePrefix, type PlumblineError } from '../../lib/index.ts';
import { errors } from './errors.ts';
import { findRepetitions, nameOf, placeOf, type Seen } from './input.ts';
import { between, type Rule, type SeenObject, within } from './rule.ts';

type Device = DesiredObject<'Device'>;

const identities = { Device: ['management', 'machineId', 'serial', 'assetTag', 'bgp', 'movedFrom'] } as const;
type Identified = SeenObject<'Device', typeof identities.Device>;

/** What must be unique in the network or on one device, and what a device says about itself. */
export const checkDevices: readonly Rule[] = [
  between({ Device: ['interfaces'] }, ({ objects }) => checkAddresses([...objects.Device.values()])),
  between(identities, ({ objects }) => checkIdentities([...objects.Device.values()])),
  between({ Device: ['movedFrom'] }, ({ objects }) => checkEarlierNames(objects.Device)),
  within('Device', checkEntries),
  within('Device', checkStaticRoutes),
  within('Device', checkRedistribution),
  within('Device', checkVrfs),
  between({ Device: ['profile', 'platform'], DeviceProfile: ['platform'] }, ({ objects }) =>
    [...objects.Device.values()].flatMap((device) => checkProfile(device, objects.DeviceProfile.get(device.spec.profile ?? ''))),
  ),
];

/** A device as far as its addresses go. */
export type Addressed = SeenObject<'Device', readonly ['interfaces']>;

/** One address, two interfaces. Anycast and Virtual may repeat what others have; link-local and 127/8 repeat by nature. */
function checkAddresses(devices: readonly Addressed[]): PlumblineError[] {
  const problems: PlumblineError[] = [];
  const addresses = devices.flatMap((object) =>
    addressesOf(object).flatMap((address, k) =>
      /^(127\.|169\.254\.|fe[89ab])/.test(address) ? [] : [[address, { object, address, k }] as const],
    ),
  );
  findRepetitions(addresses, ({ object, address, k }, earlier) => {
    const [again, first] = [placesOfAddresses(object)[k], placesOfAddresses(earlier.object)[earlier.k]];
    if (!again || !first) return;
    const facts = { object: nameOf(object), address, first: first.owner, where: placeOf(first) };
    problems.push(errors.DuplicateAddress(facts, { at: object.locate(again.path) }));
  });
  return problems;
}

/** Every address of a device in the default VRF that is not shared on purpose, canonical. Parsed once for each object: a commit asks all of them. */
function addressesOf(device: Addressed): readonly string[] {
  const known = parsedAddresses.get(device);
  if (known) return known;
  const parsed = placesOfAddresses(device).map(({ text }) => parsePrefix(text)?.address.text ?? text);
  parsedAddresses.set(device, parsed);
  return parsed;
}

const parsedAddresses = new WeakMap<Addressed, readonly string[]>();

/** The same addresses as they are written, with their places. */
function placesOfAddresses(object: Addressed): readonly (Seen & { text: string; owner: string })[] {
  return object.spec.interfaces.flatMap(({ name, role, addresses, vrf }, i) =>
    role === 'Anycast' || role === 'Virtual' || vrf !== undefined
      ? []
      : addresses.map((text, j) => ({
          object,
          path: ['spec', 'interfaces', i, 'addresses', j],
          text,
          owner: `${object.metadata.name} ${name}`,
        })),
  );
}

function checkIdentities(devices: readonly Identified[]): PlumblineError[] {
  const problems: PlumblineError[] = [];
  const rows: [what: string, path: ValuePath, valueOf: (device: Identified) => string | undefined][] = [
    ['the management address', ['spec', 'management', 'address'], ({ spec }) => spec.management && showEndpoint(spec.management)],
    ['the machine id', ['spec', 'machineId'], ({ spec }) => spec.machineId],
    ['the serial number', ['spec', 'serial'], ({ spec }) => spec.serial],
    ['the asset tag', ['spec', 'assetTag'], ({ spec }) => spec.assetTag],
    ['the router id', ['spec', 'bgp', 'routerId'], ({ spec }) => spec.bgp?.routerId],
    ['the earlier name', ['spec', 'movedFrom'], ({ spec }) => spec.movedFrom],
  ];
  for (const [what, path, valueOf] of rows) {
    const values = devices.flatMap((object) => {
      const value = valueOf(object);
      return value === undefined ? [] : [[value, { object, path, value }] as const];
    });
    findRepetitions(values, (again, first) => {
      const facts = { object: nameOf(again.object), what, value: again.value, first: nameOf(first.object), where: placeOf(first) };
      problems.push(errors.DuplicateIdentity(facts, { at: again.object.locate(path) }));
    });
  }
  return problems;
}

/** Whoever has a name now is no other device's past: when it goes one day, it is let go and not renamed. */
function checkEarlierNames(devices: ReadonlyMap<string, SeenObject<'Device', readonly ['movedFrom']>>): PlumblineError[] {
  return [...devices.values()].flatMap((device) => {
    const { movedFrom } = device.spec;
    const other = movedFrom === undefined ? undefined : devices.get(movedFrom);
    if (!other) return [];
    const facts = { object: nameOf(device), name: other.metadata.name, where: placeOf({ object: other, path: ['metadata', 'name'] }) };
    return [errors.EarlierNameStays(facts, { at: device.locate(['spec', 'movedFrom']) })];
  });
}

function showEndpoint({ address, port }: { address: string; port: number }): string {
  return port === 22 ? address : `${address} port ${port}`;
}

type EntriesOfList = [what: string, list: ValuePath, key: string, values: readonly string[]];

function entriesOf(bgp: DeviceBGP | undefined, path: ValuePath): EntriesOfList[] {
  if (!bgp) return [];
  const sources = bgp.redistribute.map((each) => `${each.protocol} ${each.family}`);
  return [
    ['this network', [...path, 'networks'], 'prefix', bgp.networks.map((each) => each.prefix)],
    ['this aggregate', [...path, 'aggregates'], 'prefix', bgp.aggregates.map((each) => each.prefix)],
    ['this redistribution', [...path, 'redistribute'], 'protocol', sources],
    ['this range', [...path, 'listen', 'ranges'], 'prefix', (bgp.listen?.ranges ?? []).map((each) => each.prefix)],
  ];
}

/** Every route of a protocol goes into BGP only where somebody wrote so. */
function checkRedistribution(device: Device): PlumblineError[] {
  const object = nameOf(device);
  const ofInstance = (bgp: DeviceBGP | undefined, ...path: ValuePath): PlumblineError[] =>
    (bgp?.redistribute ?? []).flatMap(({ protocol, family, policy, unfiltered }, i) => {
      const at = { at: device.locate([...path, 'redistribute', i, ...(policy === undefined ? [] : ['unfiltered'])]) };
      if (policy === undefined) return unfiltered ? [] : [errors.RedistributionUnfiltered({ object, protocol, family }, at)];
      return unfiltered ? [errors.FieldWithoutEffect({ object, field: 'unfiltered', needs: 'an entry without policy' }, at)] : [];
    });
  return [
    ...ofInstance(device.spec.bgp, 'spec', 'bgp'),
    ...device.spec.vrfs.flatMap(({ bgp }, i) => ofInstance(bgp, 'spec', 'vrfs', i, 'bgp')),
  ];
}

/** Lists in which a name or a prefix may stand only once. */
function checkEntries(device: Device): PlumblineError[] {
  const { interfaces, staticRoutes, bgp, vrfs } = device.spec;
  const problems: PlumblineError[] = [];
  const rows: EntriesOfList[] = [
    ['the name of this interface', ['spec', 'interfaces'], 'name', interfaces.map((each) => each.name)],
    ['the name of this VRF', ['spec', 'vrfs'], 'name', vrfs.map((each) => each.name)],
    [
      'this route',
      ['spec', 'staticRoutes'],
      'prefix',
      staticRoutes.map((each) => [each.vrf, each.prefix, each.nextHop, each.interface].join(' ')),
    ],
    ...entriesOf(bgp, ['spec', 'bgp']),
    ...vrfs.flatMap((each, i) => entriesOf(each.bgp, ['spec', 'vrfs', i, 'bgp'])),
  ];
  for (const [what, list, key, values] of rows) {
    const items = values.map((value, i) => [value, { object: device, path: [...list, i, key] }] as const);
    findRepetitions(items, (again, first) => {
      problems.push(errors.DuplicateEntry({ object: nameOf(device), what, where: placeOf(first) }, { at: device.locate(again.path) }));
    });
  }
  return problems;
}

function checkStaticRoutes(device: Device): PlumblineError[] {
  const { interfaces, staticRoutes } = device.spec;
  const object = nameOf(device);
  const own = new Set(interfaces.flatMap((each) => each.addresses.map((text) => parsePrefix(text)?.address.text)));
  const names = new Set(interfaces.map((each) => each.name));
  return staticRoutes.flatMap((route, i) => {
    const problems: PlumblineError[] = [];
    if (route.nextHop !== undefined && own.has(route.nextHop)) {
      problems.push(errors.NextHopIsOwn({ object, address: route.nextHop }, { at: device.locate(['spec', 'staticRoutes', i, 'nextHop']) }));
    }
    if (route.interface !== undefined && !names.has(route.interface)) {
      problems.push(
        errors.UnlistedInterface({ object, name: route.interface }, { at: device.locate(['spec', 'staticRoutes', i, 'interface']) }),
      );
    }
    return problems;
  });
}

/** VRFs that interfaces and routes name stand in the list of the device. */
function checkVrfs(device: Device): PlumblineError[] {
  const candidates = device.spec.vrfs.map(({ name }) => name);
  return (['interfaces', 'staticRoutes'] as const).flatMap((list) =>
    device.spec[list].flatMap(({ vrf }, i) => {
      if (vrf === undefined || candidates.includes(vrf)) return [];
      const facts = { object: nameOf(device), device: device.metadata.name, name: vrf, suggestion: nearest(vrf, candidates) };
      const at = { at: device.locate(['spec', list, i, 'vrf']) };
      return [errors.UnknownVrf({ ...facts, candidates: candidates.join(', ') }, at)];
    }),
  );
}

function checkProfile(
  device: SeenObject<'Device', readonly ['profile', 'platform']>,
  profile: SeenObject<'DeviceProfile', readonly ['platform']> | undefined,
): PlumblineError[] {
  if (!profile || profile.spec.platform === device.spec.platform) return [];
  const facts = {
    object: nameOf(device),
    platform: device.spec.platform,
    profile: profile.metadata.name,
    profilePlatform: profile.spec.platform,
  };
  return [errors.PlatformDisagrees(facts, { at: device.locate(['spec', 'profile']) })];
}

/** The device that holds an address, if a managed one does and does not share it on purpose. */
export function indexAddresses(devices: Iterable<Addressed>): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const device of devices) for (const address of addressesOf(device)) owners.set(address, device.metadata.name);
  return owners;
}
