import type { DesiredObject } from '../../api/index.ts';
import { parsePrefix, type PlumblineError } from '../../lib/index.ts';
import { errors } from './dhcp-errors.ts';
import { type CheckInput, nameOf } from './input.ts';

type Subnet = DesiredObject<'DHCPSubnet'>;

/** Ids that stood for another prefix, and prefixes that had another id, in the revision before. A prefix that grows or shrinks keeps its id. */
export function checkMovedIds({ objects, before }: CheckInput): PlumblineError[] {
  if (!before) return [];
  const [byId, byPrefix] = [new Map<string, Subnet>(), new Map<string, Subnet>()];
  for (const subnet of before.subnets.values()) {
    for (const key of keysOf(subnet)) {
      byId.set(`${key} ${subnet.spec.id}`, subnet);
      byPrefix.set(`${key} ${subnet.spec.prefix}`, subnet);
    }
  }
  return [...objects.DHCPSubnet.values()].flatMap((subnet) => {
    const { id, prefix } = subnet.spec;
    for (const key of keysOf(subnet)) {
      const sameId = byId.get(`${key} ${id}`);
      const samePrefix = byPrefix.get(`${key} ${prefix}`);
      const was =
        samePrefix && samePrefix.spec.id !== id
          ? String(samePrefix.spec.id)
          : sameId && !sharesAddresses(sameId.spec.prefix, prefix)
            ? sameId.spec.prefix
            : undefined;
      if (was === undefined) continue;
      const facts = { object: nameOf(subnet), id, prefix, before: was, revision: before.revision };
      return [errors.SubnetIdMoved(facts, { at: subnet.locate(['spec', 'id']) })];
    }
    return [];
  });
}

function keysOf({ spec }: Subnet): string[] {
  return spec.servedBy.map((device) => `${device} ${spec.family}`);
}

function sharesAddresses(a: string, b: string): boolean {
  const [one, other] = [parsePrefix(a), parsePrefix(b)];
  return one !== undefined && other !== undefined && one.version === other.version && one.first <= other.last && other.first <= one.last;
}
