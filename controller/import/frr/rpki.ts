import { HostAddress } from '../../api/index.ts';
import type { Claims } from '../claims.ts';
import type { Spec } from '../found.ts';
import type { Original } from '../original.ts';

/** RPKI caches that are reached without SSH; undefined when there are others, or none. */
export function findRpki({ tree }: Original, claims: Claims): Spec | undefined {
  const node = tree.roots.find(({ text }) => text === 'rpki');
  const polling = /^rpki polling_period (\d+)$/;
  const caches = (node?.children ?? []).flatMap(({ text }) => {
    const [, address, port, preference] = /^rpki cache (\S+) (\d+) preference (\d+)$/.exec(text) ?? [];
    return HostAddress.safeParse(address).success ? [{ address, port: Number(port), preference: Number(preference) }] : [];
  });
  const period = node?.children.flatMap(({ text }) => polling.exec(text)?.[1] ?? [])[0];
  const known = caches.length + (period === undefined ? 0 : 1);
  if (!node || caches.length === 0 || known !== node.children.length || !claims.take('rpki', [node, ...node.children])) return undefined;
  return { caches, ...(period !== undefined && { pollingSeconds: Number(period) }) };
}
