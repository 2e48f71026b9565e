import {
  type DesiredObject,
  type DeviceInterface,
  DeviceSpec,
  type FleetNetBox,
  type RecordedDevice,
  type ValuePath,
} from '../api/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';

/** Which fields of a device NetBox has the word on. */
type Authority = FleetNetBox['authority'];

/** A device with what NetBox says of it. */
export interface FedDevice {
  object: DesiredObject<'Device'>;
  /** Fields that came from NetBox: `serial`, `interfaces/eth0/description`, `interfaces/eth9`. */
  fields: readonly string[];
  /** With an error among them nothing of the device is to be used. */
  problems: readonly PlumblineError[];
}

export interface Feeding {
  authority: Authority;
  /** None: NetBox has no such device, or it twice. Undefined: NetBox was never read; what it said before this process stands. */
  recorded: RecordedDevice | 'none' | undefined;
  /** The device as it was last published, with the fields that came from NetBox. Undefined: it never was. */
  last: { spec: DeviceSpec; fields: readonly string[] } | undefined;
}

/** True where NetBox has the word on anything. */
export function isFeeding(authority: Authority): boolean {
  return Object.values(authority).includes('NetBox');
}

/**
 * Fills what Git leaves to NetBox. A field has one home: one that both say, and differently, is an error; so is one that NetBox said and
 * says no more, for what vanished may be a slip, or a token that lost a right. Pure.
 */
export function feedDevice(object: DesiredObject<'Device'>, { authority, recorded, last }: Feeding): FedDevice {
  const { name } = object.metadata;
  const fields: string[] = [];
  const problems: PlumblineError[] = [];
  const fail = (problem: (context: { at: ReturnType<typeof object.locate> }) => PlumblineError, path: ValuePath) =>
    problems.push(problem({ at: object.locate(path) }));

  /** A value of NetBox that is not there any more: it stays known as NetBox's, or the next look would take it for one that never was. */
  const lose = (field: string, was: string, isTheirs: boolean, path: ValuePath) => {
    const facts = { device: name, field, was };
    if (!isTheirs) fail((context) => errors.FactUnfed(facts, context), path);
    else if (recorded !== undefined) fail((context) => errors.FactVanished(facts, context), path);
  };

  /** One field: whether NetBox has the word on it, what Git says, what NetBox says, and what it said before. */
  const pick = <T extends string | number>(given: {
    field: string;
    isTheirs: boolean;
    git: T | undefined;
    told: T | undefined;
    before: T | undefined;
    path: ValuePath;
  }) => {
    const { field, isTheirs, git, before, path } = given;
    const said = isTheirs ? given.told : undefined;
    if (said !== undefined && git !== undefined && git !== said)
      fail((context) => errors.FactContradicted({ device: name, field, git: String(git), netbox: String(said) }, context), path);
    const value = said ?? git;
    if (value !== undefined) {
      if (git === undefined) fields.push(field);
      return value;
    }
    if (before === undefined || !last?.fields.includes(field)) return undefined;
    fields.push(field);
    lose(field, String(before), isTheirs, path);
    return before;
  };

  const told = recorded === 'none' ? undefined : recorded;
  const isFed = isFeeding(authority);
  if (!isFed && (last?.fields.length ?? 0) === 0) return { object, fields, problems };
  if (recorded === undefined && !last) {
    fail((context) => errors.FactsUnread({ device: name }, context), ['metadata', 'name']);
    return { object, fields, problems };
  }
  const { spec } = object;
  const isTheirs = (field: keyof Authority) => authority[field] === 'NetBox';
  const serial = pick({
    field: 'serial',
    isTheirs: isTheirs('serial'),
    git: spec.serial,
    told: told?.serial,
    before: last?.spec.serial,
    path: ['spec'],
  });
  const was = new Map(last?.spec.interfaces.map((each) => [each.name, each]));
  const ports = new Map(told?.interfaces.map((each) => [each.name, each]));
  const own = spec.interfaces.map((each, index): object => {
    const [now, before] = [ports.get(each.name), was.get(each.name)];
    const at = `interfaces/${each.name}`;
    const ask = (field: 'description' | 'mtu') =>
      pick({
        field: `${at}/${field}`,
        isTheirs: isTheirs(field),
        git: each[field],
        told: now?.[field],
        before: before?.[field],
        path: ['spec', 'interfaces', index],
      });
    const [description, mtu] = [ask('description'), ask('mtu')];
    return { ...each, ...(description !== undefined && { description }), ...(mtu !== undefined && { mtu }) };
  });
  const others = othersOf({ authority, told, written: new Set(spec.interfaces.map((each) => each.name)), last, lose, fields });
  if (fields.length === 0 && problems.length === 0) return { object, fields, problems };
  const fed = DeviceSpec.safeParse({ ...spec, ...(serial !== undefined && { serial }), interfaces: [...own, ...others] });
  if (fed.success) return { object: { ...object, spec: fed.data }, fields, problems };
  for (const { path, message } of fed.error.issues.slice(0, 5)) {
    const place = path.map(String).join('.');
    fail((context) => errors.FactUnfit({ device: name, place, why: message }, context), ['spec']);
  }
  return { object, fields, problems };
}

/** Interfaces that Git does not list. */
function othersOf(given: {
  authority: Authority;
  told: RecordedDevice | undefined;
  written: ReadonlySet<string>;
  last: Feeding['last'];
  lose: (field: string, was: string, isTheirs: boolean, path: ValuePath) => void;
  fields: string[];
}): readonly object[] {
  const { authority, told, written, last, lose, fields } = given;
  const isTheirs = authority.interfaces === 'NetBox';
  const path = ['spec', 'interfaces'];
  const isFed = (each: DeviceInterface) => last?.fields.includes(`interfaces/${each.name}`) && !written.has(each.name);
  const before = new Map((last?.spec.interfaces ?? []).filter(isFed).map((each) => [each.name, each]));
  const now = isTheirs ? (told?.interfaces ?? []).filter((each) => !written.has(each.name)) : [];
  const known = new Set(now.map((each) => each.name));
  const gone = [...before.values()].filter((each) => !known.has(each.name));
  for (const each of gone) lose(`interfaces/${each.name}`, each.name, isTheirs, path);
  const all = [...now.map((each) => withWhatItHad(each, before.get(each.name), lose)), ...gone];
  fields.push(...all.map((each) => `interfaces/${each.name}`));
  return all;
}

/** All addresses of one IP version, the description or the MTU, gone from an interface that is there still: vanished, as the interface would be. */
function withWhatItHad(
  now: RecordedDevice['interfaces'][number],
  before: DeviceInterface | undefined,
  lose: (field: string, was: string, isTheirs: boolean, path: ValuePath) => void,
): RecordedDevice['interfaces'][number] {
  if (!before) return now;
  const say = (field: string, was: string) => lose(`interfaces/${now.name}/${field}`, was, true, ['spec', 'interfaces']);
  const isSix = (address: string) => address.includes(':');
  const lost = [true, false].flatMap((version) => {
    const had = before.addresses.filter((address) => isSix(address) === version);
    return had.length > 0 && !now.addresses.some((address) => isSix(address) === version) ? had : [];
  });
  if (lost.length > 0) say('addresses', lost.join(', '));
  const { description = before.description, mtu = before.mtu } = now;
  if (description !== now.description) say('description', String(description));
  if (mtu !== now.mtu) say('mtu', String(mtu));
  return {
    ...now,
    addresses: [...now.addresses, ...lost],
    ...(description !== undefined && { description }),
    ...(mtu !== undefined && { mtu }),
  };
}
