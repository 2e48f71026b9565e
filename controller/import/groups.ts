import { specOfFamily } from './family-spec.ts';
import type { FoundGroup, Spec } from './found.ts';
import type { NamesOfDevice } from './sessions.ts';

/** The spec of a PeerGroup that gives a device the lines that its group has. */
export function specOfGroup(
  found: FoundGroup,
  name: string,
  { policyOf, profileOf }: Pick<NamesOfDevice, 'policyOf' | 'profileOf'>,
  secret: { name: string; key: string } | undefined,
): Spec {
  const { group, remoteAs, description, bfd, timers, multihop, gtsmHops, updateSource, end, lines, families } = found;
  const ttl = gtsmHops !== undefined ? { gtsmHops } : multihop !== undefined ? { multihop } : undefined;
  const inFamilies = Object.fromEntries([...families].map(([family, each]) => [family, specOfFamily(each, policyOf)]));
  return {
    ...(name !== group && { nameOnDevice: group }),
    ...remoteAs,
    ...(description !== '' && { description }),
    ...(secret && { auth: { passwordRef: secret } }),
    ...(timers && { timers }),
    ...(ttl && { ttl }),
    ...(updateSource !== undefined && { updateSource }),
    ...end,
    ...(bfd !== undefined && { bfd: bfd === '' ? {} : { profile: profileOf(bfd) } }),
    ...(lines.length > 0 && { lines }),
    ...(families.size > 0 && { families: inFamilies }),
  };
}
