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

  /** One field: what Git says, what NetBox says, and what it said before. */
  const pick = <T extends string | number>(
    field: string,
    git: T | undefined,
    told: T | undefined,
    before: T | undefined,
    path: ValuePath,
  ) => {
    if (told !== undefined && git !== undefined && git !== told)
      fail((context) => errors.FactContradicted({ device: name, field, git: String(git), netbox: String(told) }, context), path);
    const value = told ?? git;
    if (value !== undefined) {
      if (git === undefined) fields.push(field);
      return value;
    }
    if (before === undefined || !last?.fields.includes(field)) return undefined;
    // What vanished stays known as NetBox's: the next look must not take it for something that never was.
    fields.push(field);
    if (recorded !== undefined) fail((context) => errors.FactVanished({ device: name, field, was: String(before) }, context), path);
    return before;
  };

  const told = recorded === 'none' ? undefined : recorded;
  if (recorded === undefined && !last) {
    fail((context) => errors.FactsUnread({ device: name }, context), ['metadata', 'name']);
    return { object, fields, problems };
  }
  const { spec } = object;
  const serial = authority.serial === 'NetBox' ? pick('serial', spec.serial, told?.serial, last?.spec.serial, ['spec']) : spec.serial;
  const was = new Map(last?.spec.interfaces.map((each) => [each.name, each]));
  const ports = new Map(told?.interfaces.map((each) => [each.name, each]));
  const own = spec.interfaces.map((each, index): object => {
    const [now, before] = [ports.get(each.name), was.get(each.name)];
    const path = ['spec', 'interfaces', index];
    const at = `interfaces/${each.name}`;
    const description =
      authority.description === 'NetBox'
        ? pick(`${at}/description`, each.description, now?.description, before?.description, path)
        : each.description;
    const mtu = authority.mtu === 'NetBox' ? pick(`${at}/mtu`, each.mtu, now?.mtu, before?.mtu, path) : each.mtu;
    return { ...each, ...(description !== undefined && { description }), ...(mtu !== undefined && { mtu }) };
  });
  const written = new Set(spec.interfaces.map((each) => each.name));
  const others = authority.interfaces === 'NetBox' ? othersOf({ told, written, last, recorded, fail, fields, name }) : [];
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
  told: RecordedDevice | undefined;
  written: ReadonlySet<string>;
  last: Feeding['last'];
  recorded: Feeding['recorded'];
  fail: (problem: (context: { at: ReturnType<DesiredObject['locate']> }) => PlumblineError, path: ValuePath) => void;
  fields: string[];
  name: string;
}): readonly object[] {
  const { told, written, last, recorded, fail, fields, name } = given;
  const now = (told?.interfaces ?? []).filter((each) => !written.has(each.name));
  const known = new Set(now.map((each) => each.name));
  const isFed = (each: DeviceInterface) => last?.fields.includes(`interfaces/${each.name}`) && !written.has(each.name);
  const gone = (last?.spec.interfaces ?? []).filter((each) => isFed(each) && !known.has(each.name));
  if (recorded !== undefined) {
    for (const each of gone)
      fail(
        (context) => errors.FactVanished({ device: name, field: `interfaces/${each.name}`, was: each.name }, context),
        ['spec', 'interfaces'],
      );
  }
  const all = [...now, ...gone];
  fields.push(...all.map((each) => `interfaces/${each.name}`));
  return all;
}
