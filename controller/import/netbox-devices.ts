import { DeviceSpec, type NetBoxFacts, type NetBoxObject } from '../api/index.ts';
import type { Spec } from './found.ts';

/** A device of NetBox as Git would have it. */
export interface NetBoxDevice {
  name: string;
  labels: Readonly<Record<string, string>>;
  spec: Spec & { interfaces: readonly Spec[] };
}

/** What of NetBox is not in what was made of it, and why. */
export interface LeftOut {
  what: string;
  why: string;
}

export interface NetBoxWish {
  /** Slugs. None: every site. */
  sites: readonly string[];
  /** Of devices without a platform in NetBox. Absent: they are left out. */
  platform?: string | undefined;
  /** Secret with the account that only reads. */
  credentials: string;
}

/** Kinds of NetBox that devices are made of: without one of them they would only look whole. */
export const neededToImport = [
  ...(['site', 'location', 'rack', 'deviceRole', 'deviceType', 'platform', 'tenant'] as const),
  ...(['device', 'interface', 'ipAddress', 'vrf'] as const),
];

/** Platforms of which a device can be made of what an inventory knows. */
const known = new Set(['frr']);
const shared = new Map([
  ['anycast', 'Anycast'],
  ['vip', 'Virtual'],
  ['vrrp', 'Virtual'],
  ['hsrp', 'Virtual'],
  ['glbp', 'Virtual'],
  ['carp', 'Virtual'],
]);

/** Makes devices of what NetBox records. Pure. What does not fit into the kinds is left out, and said. */
export function devicesOf(facts: NetBoxFacts, wish: NetBoxWish): { devices: readonly NetBoxDevice[]; left: readonly LeftOut[] } {
  const left: LeftOut[] = [];
  const ports = Map.groupBy(facts.objects['interface'] ?? [], ({ values }) => String(values['device']));
  const addresses = Map.groupBy(facts.objects['ipAddress'] ?? [], ({ values }) => String(values['interface']));
  const wanted = (facts.objects['device'] ?? []).filter(
    ({ values }) => wish.sites.length === 0 || wish.sites.includes(String(values['site'])),
  );
  const names = Map.groupBy(facts.objects['device'] ?? [], ({ values }) => String(values['name'] ?? '').toLowerCase());
  const devices = wanted.flatMap((device): NetBoxDevice[] => {
    const { values, key } = device;
    const name = String(values['name'] ?? '').toLowerCase();
    const platform = values['platform'] === null ? wish.platform : lastOf(values['platform']);
    const why =
      name === ''
        ? 'it has no name'
        : !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)
          ? 'its name is none in Git: lower-case letters, digits and hyphens, up to 63'
          : (names.get(name)?.length ?? 0) > 1
            ? `NetBox has ${names.get(name)?.length ?? 0} devices of this name`
            : platform === undefined
              ? 'it has no platform in NetBox; --platform gives one to such devices'
              : !known.has(platform)
                ? `its platform is ${platform}, and devices of ${[...known].join(', ')} can be made of an inventory`
                : undefined;
    if (why !== undefined || platform === undefined) {
      // Of those without a name only NetBox's own number tells which.
      left.push({ what: name === '' ? `${String(values['site'])} > device ${device.id}` : key, why: why ?? '' });
      return [];
    }
    if (!isSayable(values['serial'], 64)) left.push({ what: `${name}: serial`, why: unsayable });
    const own = ports.get(key) ?? [];
    const twins = twinNames([...own, ...own.flatMap((port) => addresses.get(port.key) ?? [])]);
    const interfaces = own.flatMap((port) => interfaceOf(name, port, addresses.get(port.key) ?? [], twins, left));
    const spec = {
      platform,
      lifecycle: 'Planned',
      credentials: { observe: { name: wish.credentials } },
      ...(isFitting(values['serial'], 64) && { serial: values['serial'] }),
      ...(interfaces.length > 0 && { interfaces }),
    };
    return [{ name, labels: labelsOf(name, values, left), spec: { ...spec, interfaces } }];
  });
  return { devices: devices.map((device) => withVrfs(fit(device, left))), left };
}

function interfaceOf(
  device: string,
  { values }: NetBoxObject,
  addresses: readonly NetBoxObject[],
  twins: ReadonlyMap<string, string>,
  left: LeftOut[],
): Spec[] {
  const name = String(values['name']);
  const isWorthIt = addresses.length > 0 || values['description'] !== null || values['mtu'] !== null || values['enabled'] === false;
  if (!isWorthIt) return []; // Git repeats no interface of which NetBox says nothing
  const { vrf, stray } = vrfOf(values, addresses, twins);
  if (stray !== undefined) left.push({ what: `${device} > ${name}: ${addresses.length > 0 ? 'addresses' : 'vrf'}`, why: stray });
  if (!isSayable(values['description'], 200)) left.push({ what: `${device} > ${name}: description`, why: unsayable });
  // Shared addresses may stand twice on one interface: nobody could say which of the objects is meant.
  const hosts = addresses.map((each) => String(each.values['address']).split('/')[0] ?? '');
  const twice = hosts.find((host, i) => hosts.indexOf(host) !== i);
  if (twice !== undefined)
    left.push({ what: `${device} > ${name}: addresses`, why: `NetBox has ${twice} more than once on this interface` });
  const role = addresses.map((each) => shared.get(String(each.values['role']))).find((each) => each !== undefined);
  const isLoopback = /^(lo|loopback|dummy)[0-9]*$/i.test(name);
  return [
    {
      name,
      ...((role ?? isLoopback) && { role: role ?? 'Loopback' }),
      ...(role === undefined && !isLoopback && values['mgmtOnly'] === true && { role: 'Management' }),
      ...(addresses.length > 0 &&
        stray === undefined &&
        twice === undefined && { addresses: addresses.map((each) => String(each.values['address'])) }),
      ...(isFitting(values['description'], 200) && { description: values['description'] }),
      ...(values['mtu'] !== null && { mtu: values['mtu'] }),
      ...(values['enabled'] === false && { enabled: false }),
      ...(vrf !== undefined && { vrf }),
    },
  ];
}

/** The VRF of an interface, which a router has in one with all that it holds; or why its addresses cannot be said. */
function vrfOf(
  port: NetBoxObject['values'],
  addresses: readonly NetBoxObject[],
  twins: ReadonlyMap<string, string>,
): { vrf?: string; stray?: string } {
  const own = vrfName(port['vrf']);
  const vrf = own ?? vrfName(addresses[0]?.values['vrf']);
  const why = [vrf, ...addresses.map(({ values }) => vrfName(values['vrf']))].map((each) => twins.get(each ?? '')).find((each) => each);
  if (why !== undefined) return { stray: why };
  const stray = addresses.find(({ values }) => {
    const name = vrfName(values['vrf']);
    return name !== vrf && !(own !== undefined && name === undefined);
  });
  const said = { ...(own !== undefined && isVrf(own) && { vrf: own }) };
  if (stray)
    return {
      ...said,
      stray: `${String(stray.values['address'])} is in ${sayVrf(stray.values['vrf'])}, and the rest of the interface in ${sayVrf(vrf)}`,
    };
  if (vrf === undefined) return {};
  return isVrf(vrf) ? { vrf } : { stray: `${sayVrf(vrf)} has a name that no router takes` };
}

/** Names that stand for several VRFs on one device, and why nothing in them can be said: a router has one of a name, and would have them as one. */
function twinNames(objects: readonly NetBoxObject[]): ReadonlyMap<string, string> {
  const keys = new Set(objects.flatMap(({ values }) => (typeof values['vrf'] === 'string' ? [values['vrf']] : [])));
  const byName = Map.groupBy(keys, (key) => vrfName(key) ?? '');
  byName.delete('');
  return new Map(
    [...byName].flatMap(([name, same]) => {
      const why = `NetBox has ${same.length} VRFs ${name} on this device, ${same.toSorted().join(' and ')}: a router has one of a name`;
      return same.length > 1 ? [[name, why] as const] : [];
    }),
  );
}

/** What routers have without a name, NetBox may have as a VRF of that name. */
function vrfName(key: unknown): string | undefined {
  const name = typeof key === 'string' ? lastOf(key) : 'default';
  return name === 'default' ? undefined : name;
}

function isVrf(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(name);
}

function sayVrf(key: unknown): string {
  return typeof key === 'string' ? `VRF ${key}` : 'no VRF';
}

/** Takes out what the kind does not take: the list of addresses, another field of an interface, or an interface. */
function fit(device: NetBoxDevice, left: LeftOut[]): NetBoxDevice {
  const parsed = DeviceSpec.safeParse(device.spec);
  if (parsed.success) return device;
  const issue = parsed.error.issues.find(({ path }) => path[0] === 'interfaces' && typeof path[1] === 'number');
  if (!issue) return device;
  return fit(without(device, Number(issue.path[1]), String(issue.path[2] ?? 'name'), issue.message, left), left);
}

/** VRFs are listed before an interface is in one. */
function withVrfs(device: NetBoxDevice): NetBoxDevice {
  const names = [...new Set(device.spec.interfaces.flatMap(({ vrf }) => (typeof vrf === 'string' ? [vrf] : [])))].sort();
  return names.length === 0 ? device : { ...device, spec: { ...device.spec, vrfs: names.map((name) => ({ name })) } };
}

/** The device without a field of an interface; without the interface where it is the name. */
export function without(device: NetBoxDevice, index: number, field: string, why: string, left: LeftOut[]): NetBoxDevice {
  const { interfaces } = device.spec;
  const each = interfaces[index];
  const isWhole = each === undefined || field === 'name' || !(field in each);
  left.push({ what: `${device.name} > ${String(each?.['name'])}${isWhole ? '' : `: ${field}`}`, why });
  const rest = isWhole
    ? interfaces.toSpliced(index, 1)
    : interfaces.with(index, Object.fromEntries(Object.entries(each).filter(([name]) => name !== field)));
  return { ...device, spec: { ...device.spec, interfaces: rest } };
}

/** Labels that are compared with NetBox: slugs, and the name of a rack where a label can hold it. */
function labelsOf(device: string, values: NetBoxObject['values'], left: LeftOut[]): Record<string, string> {
  const names = { site: 'site', location: 'location', rack: 'rack', role: 'role', tenant: 'tenant', 'device-type': 'type' };
  const pairs = Object.entries(names).flatMap(([label, field]) => {
    const value = values[field] === null ? '' : lastOf(values[field]);
    if (/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(value)) return [[label, value] as const];
    if (value !== '')
      left.push({ what: `${device}: ${label} ${value}`, why: 'no label can hold it: letters, digits, -, _ and ., up to 63' });
    return [];
  });
  return Object.fromEntries(pairs);
}

function lastOf(key: unknown): string {
  return String(key).split(' > ').at(-1) ?? '';
}

// oxlint-disable-next-line no-control-regex -- what a line must not hold
const unfit = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const unsayable = 'it is longer than Git takes, or more than one line of letters';

/** What NetBox does not say is nothing to be left out. */
function isSayable(value: unknown, length: number): boolean {
  return value === null || value === undefined || isFitting(value, length);
}

/** One line that Git takes as it stands. */
function isFitting(value: unknown, length: number): boolean {
  return typeof value === 'string' && value.trim() === value && value !== '' && value.length <= length && !unfit.test(value);
}
