import type { CheckedState } from '../api/index.ts';
import type { Source } from '../desired/index.ts';
import { parsePrefix } from '../lib/index.ts';
import { prepareDevices } from '../pipeline/index.ts';
import { createClaims } from './claims.ts';
import { findAll } from './frr/index.ts';
import type { FoundNeighbor, Spec } from './found.ts';
import { type Original, readOriginal } from './original.ts';
import { factsInGit } from './facts-in-git.ts';
import type { DeviceFacts } from './sessions.ts';

/** A session of Git whose other end may be one of the devices that are imported. */
export interface StandingSession {
  name: string;
  neighbor: FoundNeighbor;
  facts: DeviceFacts;
  /** Secret that it has. */
  secret: { name: string; key: string } | undefined;
  /** Fields that a configuration does not tell. */
  kept: Spec;
  /** The file with its document. */
  path: string;
  text: string;
}

/** What stands in Git and may be touched by an import. */
export interface Standing {
  sessions: readonly StandingSession[];
  /** Text of the devices whose sessions may be touched, as it is rendered now. */
  before: ReadonlyMap<string, string>;
}

/** Sessions with an external end whose address is one of an imported device, as their own device configures them. */
export async function findStanding(existing: CheckedState, base: Source, originals: readonly Original[]): Promise<Standing> {
  const addresses = new Set(originals.flatMap(addressesIn));
  const objects = [...existing.objects.BGPSession.values()].flatMap((object) => {
    const external = object.spec.ends.find((end) => end.external)?.external;
    const device = object.spec.ends.find((end) => end.device !== undefined)?.device;
    return external && device !== undefined && external.address !== undefined && addresses.has(external.address)
      ? [{ object, device, address: external.address }]
      : [];
  });
  const names = [...new Set(objects.map(({ device }) => device))];
  const { devices } = await prepareDevices(existing, names, undefined);
  const before = new Map(devices.flatMap(({ name, ready }) => (ready ? [[name, ready.rendered.text] as const] : [])));
  const found = new Map([...before].map(([device, text]) => [device, readBack(device, text)]));
  const texts = await readTexts(base, [...new Set(objects.map(({ object }) => object.position.file))]);
  const sessions = objects.flatMap(({ object, device, address }): StandingSession[] => {
    const neighbor = found.get(device)?.find((each) => each.address === address);
    const text = texts.get(object.position.file);
    if (!neighbor || text === undefined) return [];
    const { expect, auth } = object.spec;
    const kept = expect === 'Established' ? {} : { expect };
    const facts = factsInGit(existing, device);
    return [{ name: object.metadata.name, neighbor, facts, secret: auth?.passwordRef, kept, path: object.position.file, text }];
  });
  return { sessions, before };
}

function addressesIn({ entries }: Original): string[] {
  return entries.flatMap(({ text, path }) => {
    const written = path.length === 1 ? /^ipv?6? address (\S+)$/.exec(text)?.[1] : undefined;
    return parsePrefix(written ?? '')?.address.text ?? [];
  });
}

/** What a device says of its neighbors, from what Git makes of it. */
function readBack(device: string, text: string): FoundNeighbor[] {
  const lines = text.split('\n').filter((line) => !line.includes('plumbline:'));
  const original = readOriginal({ device, from: device, platform: 'frr', text: lines.join('\n') }, (value) => value);
  return [...findAll(original, createClaims(new Set())).neighbors];
}

async function readTexts(base: Source, paths: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const content of base.read(paths))
    if ('bytes' in content) texts.set(content.path, Buffer.from(content.bytes).toString('utf8'));
  return texts;
}
