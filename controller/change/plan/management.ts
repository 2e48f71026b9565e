import { BlockList, isIP } from 'node:net';
import type { PlannedCommand } from '../../api/index.ts';

/** How we reach a device. */
export interface ManagementPath {
  /** The address we connect to. Absent: Git does not say, and nobody connects. */
  address?: string;
  /** Interfaces that Git marks as the way to the device: behind a relay they do not hold the address we connect to. Default: none. */
  interfaces?: readonly string[];
  /** The address the device sees us come from; absent: only its default routes count as the way back. */
  ours?: string;
}

/**
 * The commands that may cut us off: those that name the address we connect to, those in the section of the interface that holds it,
 * and static routes that lead back to us. `live` are the items of the device as it is.
 */
export function touchesManagement(
  commands: readonly PlannedCommand[],
  live: readonly { path: readonly string[]; text: string }[],
  { address, interfaces = [], ours }: ManagementPath,
): readonly PlannedCommand[] {
  const names = (line: string) =>
    address !== undefined && line.split(/\s+/).some((word) => word === address || word.startsWith(`${address}/`));
  // The innermost section that holds the address is the interface, whatever the platform calls it.
  const sections = new Set(live.filter(({ path, text }) => path.length > 0 && names(text)).map(({ path }) => path.join('\n')));
  const standsThere = (path: readonly string[]) => path.some((_, depth) => sections.has(path.slice(0, depth + 1).join('\n')));
  const isOurDoor = (path: readonly string[], text: string) =>
    [...path, text].some((line) => /^(no )?interfaces?\b/.test(line) && line.split(/\s+/).some((word) => interfaces.includes(word)));
  return commands.filter(
    ({ path, text }) =>
      names(text) || path.some(names) || isOurDoor(path, text) || (isInterface(path) && standsThere(path)) || isWayBack(text, ours),
  );
}

/** `router bgp` names addresses of neighbors too: only a section that begins with an interface word carries the address itself. */
function isInterface(path: readonly string[]): boolean {
  return /^interfaces?\b/.test(path[0] ?? '');
}

/** A static route whose prefix covers us. `route` as a word of its own: a route-map is none. */
function isWayBack(text: string, ours: string | undefined): boolean {
  const words = text.split(/\s+/);
  if (!words.includes('route') && !words.includes('static')) return false;
  return words.some((word) => {
    const [network = '', length] = word.split('/');
    if (length === undefined || isIP(network) === 0) return false;
    return Number(length) === 0 || (ours !== undefined && covers(network, Number(length), ours));
  });
}

function covers(network: string, length: number, address: string): boolean {
  const version = isIP(network);
  if (version !== isIP(address) || !Number.isInteger(length) || length < 0 || length > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(address, family);
}
