import type { CheckedState } from '../../api/index.ts';
import { isMap, type JsonMap, type JsonValue, mapsIn, type ServerFound, textOf } from '../../config/index.ts';
import { secretToken, unsetToken } from '../../lib/index.ts';
import type { Unit } from '../claims.ts';
import type { SecretUse } from '../compose/book.ts';
import type { DeviceWords } from '../compose/device.ts';
import type { Spec } from '../found.ts';
import { secretKey, slug } from '../names.ts';
import { createRegistry, type Registry } from '../registry.ts';
import { writeObject } from '../yaml-text.ts';
import { takeShared } from './classes.ts';
import { writeJson } from './json-text.ts';
import { type KeaOriginal, mapTexts } from './original.ts';
import { findPairs, pairUnit, takePair } from './pair.ts';
import { splitReservations } from './reservations-file.ts';
import { takeServer } from './server.ts';
import { takeSubnet } from './subnets.ts';
import type { Take } from './take.ts';

/** Files of the desired state, and what stands behind each. */
export interface KeaComposition {
  readonly files: ReadonlyMap<string, string>;
  readonly devices: readonly ComposedKea[];
  /** By path of a file: whose it is, and where in it which unit stands. */
  readonly places: ReadonlyMap<string, FilePlaces>;
  readonly secrets: readonly SecretUse[];
  readonly countOf: Readonly<Record<string, number>>;
}

export interface ComposedKea {
  readonly original: KeaOriginal;
  readonly sections: readonly KeaSection[];
  /** The token that stands for a reference in what is rendered. */
  readonly unsetOf: (token: string) => string;
}

export interface FilePlaces {
  readonly device: string;
  /** Blamed where nothing smaller is found; absent: nothing else can be. */
  readonly whole?: Unit;
  /** By place in the spec. */
  readonly units: ReadonlyMap<string, Unit>;
  /** Of a file of reservations: by its lines. */
  readonly rows?: readonly (Unit | undefined)[];
  /** Of a section: its server. */
  readonly root?: string;
}

export interface KeaSection {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly isTemplate: boolean;
  readonly left: JsonMap;
}

/** Makes the files for these originals. Pure: the same for the same input, whatever the order. */
export function composeKea(
  originals: readonly KeaOriginal[],
  words: ReadonlyMap<string, DeviceWords>,
  existing: CheckedState | undefined,
  refused: ReadonlyMap<string, { has(unit: Unit): boolean }>,
): KeaComposition {
  const registry = createRegistry(existing);
  const files = new Map<string, string>();
  const places = new Map<string, FilePlaces>();
  const secrets: SecretUse[] = [];
  const countOf: Record<string, number> = {};
  const add = (kind: 'Device' | 'DeviceProfile' | 'DHCPSubnet', wishes: readonly string[], spec: Spec, found: FilePlaces): string => {
    const name = registry.add(kind, wishes, () => spec, []);
    const path = `${folders[kind]}/${name}.yaml`;
    const isNew = isNewIn(registry, kind, name);
    if (!isNew || files.has(path)) return name;
    const file = kind === 'DHCPSubnet' ? splitReservations(spec, `subnets/${name}.csv`) : undefined;
    if (file) {
      files.set(file.path, file.text);
      const rows = file.rows.map((at) => (at === undefined ? undefined : found.units.get(`reservations.${at}`)));
      places.set(file.path, { ...found, rows });
    }
    files.set(path, writeObject(kind, name, file?.rest ?? spec));
    // Reservations that stayed are others than they were by their number.
    const kept = file?.kept.map((at, i) => [`reservations.${i}`, found.units.get(`reservations.${at}`) ?? ''] as const) ?? [];
    places.set(path, { ...found, units: new Map([...found.units, ...kept]) });
    countOf[kind] = (countOf[kind] ?? 0) + 1;
    return name;
  };

  const found = findPairs(originals);
  /** What one of a pair cannot have, the other one has not either. */
  const refusedOf = (device: string) => {
    const both = [device, ...originals.flatMap(({ servers }) => servers.flatMap(({ root }) => found.get(`${device} ${root}`)?.peer ?? []))];
    return { has: (unit: Unit) => both.some((each) => refused.get(each)?.has(unit) ?? false) };
  };
  const pairOf = (device: string, root: ServerFound['root']) =>
    refusedOf(device).has(pairUnit(root)) ? undefined : found.get(`${device} ${root}`);
  /** Subnets of the other one of a pair, as text by their unit. */
  const taken = new Map<string, ReadonlyMap<Unit, string>>();
  const isSameIn = (peer: string, root: ServerFound['root'], unit: Unit, text: string): boolean => {
    const map = originals.find(({ device }) => device === peer)?.servers.find((each) => each.root === root)?.map ?? {};
    const key = `${peer} ${root}`;
    const texts =
      taken.get(key) ??
      new Map(takeSubnets({ ...map }, root, refusedOf(peer)).map((each) => [each.unit, JSON.stringify(each.spec)] as const));
    taken.set(key, texts);
    return texts.get(unit) === text;
  };

  const devices = originals
    .toSorted((a, b) => (a.device < b.device ? -1 : 1))
    .map((original): ComposedKea => {
      const { device } = original;
      const own = refusedOf(device);
      const book = createKeaBook(device);
      const deviceUnits = new Map<string, Unit>();
      const profileUnits = new Map<string, Unit>();
      const dhcp: Spec = {};
      const shared: Record<string, Spec[]> = {};
      const sections = original.servers.flatMap((server) => {
        const left = { ...server.map };
        const family = server.root === 'Dhcp4' ? 'ipv4' : 'ipv6';
        addShared(left, server.root, own, shared, profileUnits);
        const spec: Spec = {};
        const pair = pairOf(device, server.root);
        if (pair) {
          dhcp['hookDirectory'] = pair.hookDirectory;
          deviceUnits.set(`dhcp.${family}.highAvailability`, pairUnit(server.root));
          takePair(left, spec, pair, device, (token, key) => book.nameShared(token, `ha-${pair.primary}`, `${family}-${key}`));
        }
        takeServer({ left, spec, unit: server.root, path: `dhcp.${family}`, book: { refused: own, units: deviceUnits } });
        dhcp[family] = spec;
        for (const { spec: subnet, units, unit, wishes } of takeSubnets(left, server.root, own)) {
          const text = JSON.stringify(subnet);
          const isBoth = pair !== undefined && isSameIn(pair.peer, server.root, unit, text);
          if (isBoth && pair.peer < device) continue;
          const servedBy = isBoth ? [device, pair.peer] : [device];
          add('DHCPSubnet', [...wishes, slug(`${wishes.at(-1) ?? ''}-${device}`)], { ...subnet, servedBy }, { device, units, whole: unit });
        }
        return writeSections(device, server, left, book);
      });
      for (const { path, text, name } of sections) {
        files.set(path, text);
        places.set(path, { device, units: new Map(), root: name.startsWith('kea-dhcp4') ? 'Dhcp4' : 'Dhcp6' });
      }
      const profile =
        Object.keys(shared).length === 0
          ? undefined
          : add(
              'DeviceProfile',
              ['imported-kea', slug(`imported-${device}`)],
              { platform: 'kea', dhcp: shared },
              { device, units: profileUnits },
            );
      const word = words.get(device);
      add(
        'Device',
        [device],
        {
          platform: 'kea',
          ...(profile !== undefined && { profile }),
          ...(word?.management ? { management: word.management } : { lifecycle: 'Planned' }),
          credentials: { observe: { name: word?.credentials ?? 'kea-observe' } },
          dhcp,
          ...(sections.length > 0 && {
            sections: sections.map(({ name, path, isTemplate }) => ({ name, [isTemplate ? 'template' : 'file']: path })),
          }),
        },
        { device, units: deviceUnits },
      );
      secrets.push(...book.uses());
      return { original, sections, unsetOf: (token) => book.unsetOf(token) };
    });
  return { files, devices, places, secrets, countOf };
}

const folders = { Device: 'devices', DeviceProfile: 'profiles', DHCPSubnet: 'subnets' };

function isNewIn(registry: Registry, kind: string, name: string): boolean {
  for (const each of registry.all()) if (each.kind === kind && each.name === name) return each.isNew;
  return false;
}

/** Classes and definitions of this server behind those of the other one. */
function addShared(
  left: JsonMap,
  root: string,
  refused: { has(unit: Unit): boolean },
  shared: Record<string, Spec[]>,
  units: Map<string, Unit>,
): void {
  const spec: Spec = {};
  const own = new Map<string, Unit>();
  takeShared({ left, spec, unit: root, path: '', book: { refused, units: own } });
  for (const [place, unit] of own) {
    const [list = '', at = '', ...rest] = place.split('.');
    units.set(['dhcp', list, Number(at) + (shared[list]?.length ?? 0), ...rest].join('.'), unit);
  }
  for (const [list, members] of Object.entries(spec)) shared[list] = [...(shared[list] ?? []), ...(members as Spec[])];
}

interface TakenSubnet {
  spec: Spec;
  unit: Unit;
  units: Map<string, Unit>;
  wishes: readonly string[];
}

/** Subnets in and outside of shared networks; what no field expresses stays where it was. */
function takeSubnets(left: JsonMap, root: ServerFound['root'], refused: { has(unit: Unit): boolean }): TakenSubnet[] {
  const key = root === 'Dhcp4' ? 'subnet4' : 'subnet6';
  const taken: TakenSubnet[] = [];
  const takeAll = (around: JsonMap, network: string | undefined): void => {
    const list = mapsIn(around[key]);
    const rest = list.flatMap((map): JsonMap[] => {
      const { id = 0, ...whole } = map;
      const unit = `${root} subnet ${textOf(id)}`;
      if (refused.has(unit)) return [{ id, ...whole }];
      const units = new Map<string, Unit>();
      const take: Take = { left: { ...map }, spec: {}, unit, path: '', book: { refused, units } };
      takeSubnet(take, network);
      taken.push({ spec: take.spec, unit, units, wishes: namesOf(map, network, list.length) });
      return Object.keys(take.left).length > 0 ? [{ id, ...take.left }] : [];
    });
    if (rest.length > 0) around[key] = rest;
    else delete around[key];
  };
  const networks = mapsIn(left['shared-networks']).flatMap((map): JsonMap[] => {
    const network = { ...map };
    const before = taken.length;
    takeAll(network, typeof map['name'] === 'string' ? map['name'] : '');
    return taken.length > before && Object.keys(network).every((each) => each === 'name') ? [] : [network];
  });
  if (networks.length > 0) left['shared-networks'] = networks;
  else delete left['shared-networks'];
  takeAll(left, undefined);
  return taken;
}

const longestName = 40;

/** Names for a subnet, the best first: what people call it, its shared network, its prefix. */
function namesOf(map: JsonMap, network: string | undefined, inNetwork: number): string[] {
  const context = isMap(map['user-context']) ? map['user-context'] : {};
  const said = [context['name'], map['comment'], context['comment'], context['description'], context['site']];
  const called = said
    .flatMap((each) => (typeof each === 'string' ? slug(each) : ''))
    .find((each) => /^[a-z]/.test(each) && each.length <= longestName);
  const prefix = slug(
    `subnet-${textOf(map['subnet'])
      .trim()
      .replace(/::(?=\/)/, '')
      .replaceAll(/[:./]+/g, '-')}`,
  );
  const shared = network !== undefined && inNetwork === 1 && /^[A-Za-z]/.test(network) ? slug(network) : '';
  return [called ?? '', shared, prefix].filter((each) => each !== '');
}

/** What is left of a server, as files: keys that hold secrets apart, in a template. */
function writeSections(device: string, { root }: ServerFound, left: JsonMap, book: KeaBook): KeaSection[] {
  const base = root === 'Dhcp4' ? 'kea-dhcp4' : 'kea-dhcp6';
  const [plain, keyed]: [JsonMap, JsonMap] = [{}, {}];
  for (const [key, value] of Object.entries(left)) (hasToken(value) ? keyed : plain)[key] = value;
  const sections: KeaSection[] = [];
  if (Object.keys(plain).length > 0) {
    const path = `sections/${device}/${base}.json`;
    sections.push({ name: base, path, text: `${writeJson({ [root]: plain })}\n`, isTemplate: false, left: { [root]: plain } });
  }
  if (Object.keys(keyed).length > 0) {
    const path = `sections/${device}/${base}-keys.njk`;
    const named = mapTexts(keyed, (text, at) => (isToken(text) ? book.nameToken(text, [base, ...at]) : text));
    // A text may look like a template; JSON has another way to write its braces.
    const text = writeJson({ [root]: named })
      .replaceAll(/\{(?=[{%#])/g, String.raw`\u007b`)
      .replaceAll(secretToken, (token) => book.templateOf(token));
    sections.push({ name: `${base}-keys`, path, text: `${text}\n`, isTemplate: true, left: { [root]: keyed } });
  }
  return sections;
}

function isToken(text: string): boolean {
  return text.replace(secretToken, '') === '' && text !== '';
}

function hasToken(value: JsonValue): boolean {
  let found = false;
  mapTexts(value, (text) => {
    found ||= isToken(text);
    return text;
  });
  return found;
}

type KeaBook = ReturnType<typeof createKeaBook>;

/** Which secret stands for which token. A value that a device uses twice is one secret. */
function createKeaBook(device: string) {
  const uses = new Map<string, SecretUse>();
  const keys = new Set<string>();
  return {
    nameToken(token: string, [base = '', ...path]: readonly string[]): string {
      if (uses.has(token)) return token;
      const wish = secretKey(`${base.replace('kea-', '')} ${path.join(' ')}`) || 'secret';
      let key = wish;
      for (let n = 2; keys.has(key); n++) key = `${wish}-${n}`;
      keys.add(key);
      uses.set(token, { name: slug(`device-${device}`), key, device, purpose: 'template', token });
      return token;
    },
    /** What several devices have under the same name: the password of a pair. */
    nameShared(token: string, name: string, key: string): { name: string; key: string } {
      const use = uses.get(token) ?? { name, key, device, purpose: 'dhcp-ha', token };
      uses.set(token, use);
      return { name: use.name, key: use.key };
    },
    templateOf(token: string): string {
      const use = uses.get(token);
      return use ? `{{ secret('${use.name}', '${use.key}') }}` : token;
    },
    unsetOf(token: string): string {
      const use = uses.get(token);
      return use ? unsetToken(use.name, use.key) : token;
    },
    uses: (): SecretUse[] => [...uses.values()],
  };
}
