import {
  type BfdProfileIntent,
  type BgpIntent,
  type CheckedState,
  type DesiredObject,
  type DeviceIntent,
  type DhcpIntent,
  type InterfaceIntent,
  type RpkiIntent,
  type SecretIntent,
  type SecretPlace,
  type SectionIntent,
  type StaticRouteIntent,
  type VrfIntent,
  templateNameOf,
} from '../api/index.ts';
import { digestOf, nearest, type PlumblineError } from '../lib/index.ts';
import { compileBgp } from './bgp.ts';
import { type Compilation, familyOf } from './context.ts';
import { compileDhcp } from './dhcp.ts';
import { compileDrains } from './drain.ts';
import { errors } from './errors.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { type CompiledNeighbors, compileNeighbors } from './neighbors.ts';
import { comparePrefixes, compareText } from './order.ts';
import { keepPolicies, keepSets } from './keeps.ts';
import { ownerOf } from './owner.ts';
import { compileRouteMaps } from './route-maps.ts';
import { trackSets } from './sets.ts';

/** An intent, or why there is none: half an intent would read as the wish to remove the other half. */
export interface CompiledDevice {
  device: string;
  intent: DeviceIntent | undefined;
  problems: readonly PlumblineError[];
  /** What it was compiled from: while `areInputsSame`, compiling again gives the same. */
  inputs: Inputs;
}

/** Compiles every device of a state, sorted by name. */
export function compileAll(state: CheckedState): CompiledDevice[] {
  return [...state.objects.Device.keys()].sort(compareText).map((name) => compileDevice(state, name));
}

/**
 * Compiles one device: pure, and the same for the same objects in any order. A device in lifecycle Decommissioning has an empty intent, so that
 * what we own on it is removed.
 */
export function compileDevice(state: CheckedState, deviceName: string): CompiledDevice {
  const desired = readInputs(state, deviceName);
  const device = desired.get('Device', deviceName);
  if (!device) {
    const close = nearest(deviceName, state.objects.Device.keys());
    const problem = errors.DeviceUnknown({ device: deviceName, ...(close === undefined ? {} : { nearest: close }) });
    return { device: deviceName, intent: undefined, problems: [problem], inputs: desired.inputs() };
  }
  const profile = device.spec.profile === undefined ? undefined : desired.get('DeviceProfile', device.spec.profile);
  const compilation: Compilation = {
    desired,
    device,
    profile: profile?.spec,
    problems: [],
    policyUses: new Map(),
    drains: new Map(),
    bfdProfiles: new Map(),
  };
  if (device.spec.profile !== undefined && !profile) reportMissing(compilation, `DeviceProfile ${device.spec.profile} does not exist`);

  const intent = device.spec.lifecycle === 'Decommissioning' ? emptyIntent(device) : fullIntent(compilation, profile);
  for (const problem of findTokens(device, intent)) compilation.problems.push(problem);
  const { problems } = compilation;
  return { device: deviceName, intent: problems.length === 0 ? intent : undefined, problems, inputs: desired.inputs() };
}

/** Digest of what an intent says, without the places it was written at: moving a document in a file changes nothing on a device. */
export function digestIntent(intent: DeviceIntent): string {
  return digestOf(JSON.parse(JSON.stringify(intent, (key, value: unknown) => (key === 'source' ? undefined : value))));
}

function fullIntent(compilation: Compilation, profile: DesiredObject<'DeviceProfile'> | undefined): DeviceIntent {
  const { device } = compilation;
  const neighbors = compileNeighbors(compilation, undefined);
  for (const group of device.spec.keeps?.peerGroups ?? []) neighbors.groups.use(group);
  const bgp = compileBgp(compilation, { vrf: undefined, path: ['spec', 'bgp'] }, neighbors);
  const vrfs = compileVrfs(compilation);
  const instances = [bgp, ...vrfs.map(({ intent }) => intent.bgp)].filter((each) => each !== null);
  const sets = trackSets(compilation);
  keepPolicies(compilation);
  keepSets(compilation, sets);
  const routeMaps = compileRouteMaps(compilation, sets);
  const dhcp = compileDhcp(compilation);
  return {
    ...emptyIntent(device),
    exactContainers: [...(profile?.spec.exactContainers ?? [])].sort(compareText),
    templateOverrides: compileOverrides(device.spec.platform, profile?.spec.templates ?? {}),
    renderInterfaces: profile?.spec.renderInterfaces ?? false,
    interfaces: compileInterfaces(device),
    staticRoutes: compileStaticRoutes(device, undefined),
    ...sets.lists(),
    routeMaps: [...routeMaps, ...compileDrains(compilation)].sort((a, b) => compareText(a.routeMap, b.routeMap)),
    bgp,
    bfdProfiles: compileBfdProfiles(compilation),
    rpki: compileRpki(device),
    vrfs: vrfs.map(({ intent }) => intent),
    dhcp,
    sections: compileSections(compilation, profile),
    secrets: compileSecrets(instances, dhcp),
    sessions: [neighbors, ...vrfs.map((vrf) => vrf.neighbors)].flatMap(({ expectations }) => expectations),
  };
}

function emptyIntent(device: DesiredObject<'Device'>): DeviceIntent {
  return {
    ...ownerOf(device),
    device: device.metadata.name,
    platform: device.spec.platform,
    labels: device.metadata.labels,
    lifecycle: device.spec.lifecycle,
    exactContainers: [],
    templateOverrides: {},
    renderInterfaces: false,
    interfaces: [],
    staticRoutes: [],
    prefixLists: [],
    communityLists: [],
    asPathLists: [],
    routeMaps: [],
    bgp: null,
    bfdProfiles: [],
    rpki: null,
    vrfs: [],
    dhcp: null,
    sections: [],
    secrets: [],
    sessions: [],
  };
}

/** Keys are named below the platform's folder, as in `bgp.njk`; a full name is taken as it is. */
function compileOverrides(platform: string, templates: Readonly<Record<string, string>>): Record<string, string> {
  const named = Object.entries(templates).map(([builtin, file]): [string, string] => [
    builtin.startsWith(`${platform}/`) ? builtin : `${platform}/${builtin}`,
    templateNameOf(file),
  ]);
  return Object.fromEntries(named.sort(([a], [b]) => compareText(a, b)));
}

function compileInterfaces(device: DesiredObject<'Device'>): InterfaceIntent[] {
  return device.spec.interfaces
    .map((each, i) => ({
      ...ownerOf(device, ['spec', 'interfaces', i]),
      interface: each.name,
      vrf: each.vrf ?? null,
      role: each.role,
      description: each.description ?? null,
      mtu: each.mtu ?? null,
      enabled: each.enabled,
      addresses: [...each.addresses].sort(comparePrefixes).map((address) => ({ family: familyOf(address), address })),
    }))
    .sort((a, b) => compareText(a.interface, b.interface));
}

function compileBfdProfiles({ bfdProfiles }: Compilation): BfdProfileIntent[] {
  const profiles = [...bfdProfiles.values()].map((object): BfdProfileIntent => {
    const { nameOnDevice = object.metadata.name, minimumTtl = null, ...timers } = object.spec;
    return { ...ownerOf(object), profile: nameOnDevice, ...timers, minimumTtl };
  });
  return profiles.sort((a, b) => compareText(a.profile, b.profile));
}

function compileRpki(device: DesiredObject<'Device'>): RpkiIntent | null {
  const { rpki } = device.spec;
  if (!rpki) return null;
  const caches = rpki.caches.map((cache, i) => ({ ...ownerOf(device, ['spec', 'rpki', 'caches', i]), ...cache }));
  caches.sort((a, b) => a.preference - b.preference);
  return { ...ownerOf(device, ['spec', 'rpki']), caches, pollingSeconds: rpki.pollingSeconds };
}

/** Sorted by name. A VRF that holds nothing of ours is left to the operating system. */
function compileVrfs(compilation: Compilation): { intent: VrfIntent; neighbors: CompiledNeighbors }[] {
  const { device } = compilation;
  const vrfs = device.spec.vrfs.map(({ name }, i) => {
    const neighbors = compileNeighbors(compilation, name);
    const bgp = compileBgp(compilation, { vrf: name, path: ['spec', 'vrfs', i, 'bgp'] }, neighbors);
    const staticRoutes = compileStaticRoutes(device, name);
    return { intent: { ...ownerOf(device, ['spec', 'vrfs', i]), vrf: name, staticRoutes, bgp }, neighbors };
  });
  return vrfs.sort((a, b) => compareText(a.intent.vrf, b.intent.vrf));
}

function compileStaticRoutes(device: DesiredObject<'Device'>, vrf: string | undefined): StaticRouteIntent[] {
  return device.spec.staticRoutes
    .flatMap((route, i) => (route.vrf === vrf ? [{ route, i }] : []))
    .map(({ route, i }) => ({
      ...ownerOf(device, ['spec', 'staticRoutes', i]),
      family: familyOf(route.prefix),
      prefix: route.prefix,
      nextHop: route.nextHop ?? null,
      interface: route.interface ?? null,
      blackhole: route.blackhole,
      distance: route.distance,
    }))
    .sort((a, b) => comparePrefixes(a.prefix, b.prefix) || compareText(`${a.nextHop} ${a.interface}`, `${b.nextHop} ${b.interface}`));
}

/** Sections of the profile, then those of the device, in the order they are written: a section may build on the one before. */
function compileSections(compilation: Compilation, profile: DesiredObject<'DeviceProfile'> | undefined): SectionIntent[] {
  return [profile, compilation.device].flatMap((object) => {
    if (!object) return [];
    return object.spec.sections.map((section, i): SectionIntent => {
      const { source } = ownerOf(object, ['spec', 'sections', i]);
      const text = section.file === undefined ? undefined : compilation.desired.file(section.file);
      if (section.file !== undefined && text === undefined)
        reportMissing(compilation, `the file ${section.file} of section ${section.name} is not there`);
      return {
        kind: 'Section',
        name: section.name,
        source,
        ownership: section.ownership,
        template: section.template === undefined ? null : templateNameOf(section.template),
        file: section.file ?? null,
        text: text ?? null,
      };
    });
  });
}

function compileSecrets(instances: readonly BgpIntent[], dhcp: DhcpIntent | null): SecretIntent[] {
  const byKey = new Map<string, SecretIntent>();
  const use = (password: SecretPlace | null | undefined, purpose: string): void => {
    if (password) byKey.set(`${password.secret.name}/${password.secret.key}`, { ref: password.secret, purpose });
  };
  for (const { peerGroups, neighbors } of instances)
    for (const { password } of [...peerGroups, ...neighbors]) use(password, 'bgp-password');
  for (const { leaseDatabase, highAvailability } of dhcp?.servers ?? []) {
    use(leaseDatabase?.password, 'dhcp-database');
    for (const { password } of highAvailability?.peers ?? []) use(password, 'dhcp-ha');
  }
  return [...byKey].sort(([a], [b]) => compareText(a, b)).map(([, secret]) => secret);
}

function reportMissing(compilation: Compilation, lacks: string): void {
  const { device } = compilation;
  const facts = { device: device.metadata.name, object: `Device/${device.metadata.name}`, lacks };
  compilation.problems.push(errors.IntentIncomplete(facts, { at: device.position }));
}

/** A token typed by hand would be replaced by the value of a secret nobody granted. */
function findTokens(device: DesiredObject<'Device'>, intent: DeviceIntent): PlumblineError[] {
  const problems: PlumblineError[] = [];
  if (!JSON.stringify(intent).includes('<secret:')) return problems;
  JSON.stringify(intent, (key, value: unknown) => {
    if (typeof value === 'string' && key !== 'text' && value.includes('<secret:')) {
      problems.push(errors.TokenInText({ device: device.metadata.name, path: key }, { at: device.position }));
    }
    return value;
  });
  return problems;
}
