import { Prefix } from '../../api/index.ts';
import type { Claims } from '../claims.ts';
import type { FoundGroup, FoundItem } from '../found.ts';
import type { Instance } from './peers.ts';

/** Neighbors that come by themselves. Each range names its group, as the device does. */
export interface Listening {
  limit?: number;
  ranges: readonly (FoundItem & { group: string })[];
}

/** Ranges whose group is modelled and says who its members are. */
export function findListening({ node, prefix }: Instance, groups: ReadonlyMap<string, FoundGroup>, claims: Claims): Listening {
  const ranges = node.children.flatMap((line) => {
    const [, range, group = ''] = /^bgp listen range (\S+) peer-group (\S+)$/.exec(line.text) ?? [];
    const unit = `${prefix}listen ${range}`;
    if (!groups.get(group)?.remoteAs || !Prefix.safeParse(range).success || !claims.take(unit, [line])) return [];
    return [{ unit, spec: { prefix: range }, group }];
  });
  const line = node.children.find(({ text }) => /^bgp listen limit \d+$/.test(text));
  const limit = Number(line?.text.split(' ')[3]);
  const isTaken = line !== undefined && limit >= 1 && limit <= 65_535 && claims.take(`${prefix}bgp listen`, [line]);
  return { ...(isTaken && { limit }), ranges };
}
