import type { CommunityType, ExtraLineIntent, Family, NeighborFamilyIntent, SessionEndFamily } from '../api/index.ts';
import { type Compilation, familyOf, usePolicy } from './context.ts';

/** An intent without its owner. */
export type Described<T> = Omit<T, 'kind' | 'name' | 'source'>;

export function extraLines(lines: readonly string[] = []): ExtraLineIntent[] {
  return lines.map((line) =>
    line.startsWith('no ') ? { negated: true, text: line.slice(3).trimStart() } : { negated: false, text: line },
  );
}

const communityTypes: readonly CommunityType[] = ['Standard', 'Extended', 'Large'];

/** What a neighbor or a group does in one address family, from the options that are written for it. */
export function describeFamily(
  compilation: Compilation,
  address: string,
  addressFamily: Family,
  options: SessionEndFamily | undefined,
): Described<NeighborFamilyIntent> {
  const family = familyOf(addressFamily);
  const max = options?.maximumPrefixes;
  const sent = options?.sendCommunity ?? communityTypes;
  return {
    address,
    inherited: [],
    import: usePolicy(compilation, options?.import, family),
    export: usePolicy(compilation, options?.export, family),
    maximumPrefixes: max
      ? { limit: max.limit, thresholdPercent: max.thresholdPercent, action: max.action, restartMinutes: max.restartMinutes ?? null }
      : null,
    nextHopSelf: options?.nextHopSelf === true || options?.nextHopSelfForce === true,
    nextHopSelfForce: options?.nextHopSelfForce ?? false,
    routeReflectorClient: options?.routeReflectorClient ?? false,
    routeServerClient: options?.routeServerClient ?? false,
    allowAsIn: options?.allowAsIn ?? null,
    removePrivateAs: options?.removePrivateAs ?? null,
    asOverride: options?.asOverride ?? false,
    defaultOriginate: options?.defaultOriginate ?? false,
    defaultOriginatePolicy: usePolicy(compilation, options?.defaultOriginatePolicy, family),
    withheldCommunities: communityTypes.filter((type) => !sent.includes(type)),
    addPath: options?.addPath ?? null,
    softReconfiguration: options?.softReconfiguration ?? false,
    lines: extraLines(options?.lines),
  };
}

/** What a member does: what is said of it, and what its group says beside that. Raw lines of the group are the group's. */
export function inherit(
  own: Described<NeighborFamilyIntent>,
  group: Described<NeighborFamilyIntent> | undefined,
): Described<NeighborFamilyIntent> {
  if (!group) return own;
  const { address: _address, inherited: _inherited, lines: _lines, ...offered } = group;
  const isSaid = (field: string): boolean => !isUnsaid(own[field as keyof typeof own]);
  const taken = Object.entries(offered).filter(([field, value]) => !isUnsaid(value) && !isSaid(field) && !isSaid(partOf[field] ?? field));
  return { ...own, ...Object.fromEntries(taken), inherited: ['activate', ...taken.map(([field]) => field)] };
}

/** Fields that say more of another one: who says that one, says both. */
const partOf: Readonly<Record<string, string>> = { nextHopSelfForce: 'nextHopSelf', defaultOriginatePolicy: 'defaultOriginate' };

function isUnsaid(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}
