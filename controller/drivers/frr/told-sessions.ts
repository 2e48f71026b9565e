import { parseAddress } from '../../lib/index.ts';
import type { ToldLine } from '../told.ts';

/** Instances and their neighbors. A key of a baseline leaves the AS number of its instance out. */
const instance = /^router bgp(?: (\d+))?(?: vrf (\S+))?$/;

interface Instance {
  asn: string | undefined;
  /** By neighbor or peer group: the AS number, or `internal`, or `external`. */
  remoteAs: Map<string, string>;
  /** Neighbor to its group. */
  groups: Map<string, string>;
}

/** Neighbors with an address and an AS number. Undefined without BGP, and where the AS number of one may be any. */
export function tellSessions(lines: readonly ToldLine[]): readonly string[] | undefined {
  const instances = new Map<string, Instance>();
  const at = (vrf: string) => {
    const known = instances.get(vrf) ?? { asn: undefined, remoteAs: new Map<string, string>(), groups: new Map<string, string>() };
    instances.set(vrf, known);
    return known;
  };
  for (const { path, text } of lines) {
    const opened = path.length === 0 ? instance.exec(text) : null;
    if (opened) at(opened[2] ?? '').asn = opened[1];
    const inside = path.length === 1 ? instance.exec(path[0] ?? '') : null;
    const said = inside && /^neighbor (\S+) (remote-as|peer-group) (\S+)$/.exec(text);
    if (!said) continue;
    const [, neighbor = '', what, value = ''] = said;
    const into = at(inside[2] ?? '');
    (what === 'remote-as' ? into.remoteAs : into.groups).set(neighbor, value);
  }
  const told = [...instances].flatMap(([vrf, known]) =>
    neighborsOf(known).map((line) => line && `${line}${vrf === '' ? '' : ` vrf ${vrf}`}`),
  );
  return instances.size > 0 && told.every((line) => line !== undefined) ? told.sort() : undefined;
}

/** Undefined: the AS number of a neighbor is not said. */
function neighborsOf({ asn, remoteAs, groups }: Instance): (string | undefined)[] {
  return [...new Set([...remoteAs.keys(), ...groups.keys()])].flatMap((neighbor) => {
    const address = parseAddress(neighbor)?.text;
    if (address === undefined) return []; // a group, or a neighbor that is known by its interface
    const said = remoteAs.get(neighbor) ?? remoteAs.get(groups.get(neighbor) ?? '');
    const number = said === 'internal' ? asn : said;
    return [number !== undefined && /^\d+$/.test(number) ? `${address} AS${number}` : undefined];
  });
}
