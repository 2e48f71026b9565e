import type { DesiredObject, Family, NeighborFamilyIntent, PeerGroupIntent } from '../api/index.ts';
import { useBfdProfile } from './bfd-profiles.ts';
import type { Compilation } from './context.ts';
import { describeFamily, type Described, extraLines } from './neighbor-family.ts';
import { compareText } from './order.ts';
import { ownerOf } from './owner.ts';

const families: readonly Family[] = ['ipv4-unicast', 'ipv6-unicast'];

/** A PeerGroup as one device has it. */
export interface UsedGroup {
  object: DesiredObject<'PeerGroup'>;
  intent: PeerGroupIntent;
  byFamily: Readonly<Partial<Record<Family, NeighborFamilyIntent>>>;
}

/** The peer groups that one BGP instance uses: asked for by name, then compiled once. */
export interface UsedGroups {
  use(name: string | undefined): UsedGroup | undefined;
  /** Sorted by name on the device. */
  all(): UsedGroup[];
}

export function trackGroups(compilation: Compilation): UsedGroups {
  const used = new Map<string, UsedGroup>();
  return {
    use(name) {
      if (name === undefined) return undefined;
      const known = used.get(name);
      if (known) return known;
      const object = compilation.desired.get('PeerGroup', name);
      if (!object) return undefined;
      const group = compileGroup(compilation, object);
      used.set(name, group);
      return group;
    },
    all: () => [...used.values()].sort((a, b) => compareText(a.intent.address, b.intent.address)),
  };
}

function compileGroup(compilation: Compilation, object: DesiredObject<'PeerGroup'>): UsedGroup {
  const { spec } = object;
  const address = spec.nameOnDevice ?? object.metadata.name;
  const byFamily = Object.fromEntries(
    families.flatMap((family) => {
      const options = spec.families[family];
      if (!options) return [];
      const owner = ownerOf(object, ['spec', 'families', family]);
      return [[family, { ...owner, ...describeFamily(compilation, address, family, options) }]];
    }),
  );
  return { object, intent: { ...ownerOf(object), ...describeGroup(compilation, object, address) }, byFamily };
}

function describeGroup(compilation: Compilation, object: DesiredObject<'PeerGroup'>, address: string): Described<PeerGroupIntent> {
  const { spec } = object;
  return {
    isGroup: true,
    address,
    remoteAsWord: spec.asn === undefined ? (spec.type?.toLowerCase() ?? null) : String(spec.asn),
    description: spec.description === '' ? null : spec.description,
    shutdown: false,
    passive: spec.passive,
    localAs: spec.localAs ?? null,
    bfd: spec.bfd ? { profile: useBfdProfile(compilation, object, spec.bfd.profile) } : null,
    password: spec.auth ? { secret: spec.auth.passwordRef } : null,
    multihop: spec.ttl?.multihop ?? null,
    gtsmHops: spec.ttl?.gtsmHops ?? null,
    updateSource: spec.updateSource ?? null,
    keepaliveSeconds: spec.timers?.keepaliveSeconds ?? null,
    holdSeconds: spec.timers?.holdSeconds ?? null,
    connectRetrySeconds: spec.timers?.connectRetrySeconds ?? null,
    lines: extraLines(spec.lines),
  };
}
