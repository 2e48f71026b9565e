import type { ToldFacts, ToldInterface } from '../../api/index.ts';
import { parsePrefix } from '../../lib/index.ts';
import type { ToldLine } from '../told.ts';
import { tellSessions } from './told-sessions.ts';

/**
 * What FRR's configuration says of the router. Its interfaces are whole only where Plumbline renders them: elsewhere most of what they
 * hold belongs to the operating system, and the caller takes no notice of them.
 */
export function tellFrr(lines: readonly ToldLine[]): ToldFacts {
  const interfaces: Record<string, ToldInterface> = {};
  let asn: number | undefined;
  for (const { path, text } of lines) {
    asn ??= path.length === 0 ? asnOf(text) : undefined;
    const name = /^interface (\S+)/.exec(path[0] ?? '')?.[1];
    if (name === undefined || path.length !== 1) continue;
    interfaces[name] = withLine(interfaces[name] ?? { description: null, enabled: true, addresses: [] }, text);
  }
  const sessions = tellSessions(lines);
  return { ...(asn !== undefined && { asn }), ...(sessions && { sessions }), interfaces };
}

function withLine(known: ToldInterface, text: string): ToldInterface {
  const description = /^description (.+)$/.exec(text)?.[1];
  if (description !== undefined) return { ...known, description };
  if (text === 'shutdown') return { ...known, enabled: false };
  const address = parsePrefix(/^ipv?6? address (\S+)/.exec(text)?.[1] ?? '');
  return address ? { ...known, addresses: [...known.addresses, address.text] } : known;
}

/** The instance of the default VRF. */
function asnOf(text: string): number | undefined {
  const word = /^router bgp (\d+)$/.exec(text)?.[1];
  return word === undefined ? undefined : Number(word);
}
