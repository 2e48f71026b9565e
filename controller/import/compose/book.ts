import type { Node } from '../../config/index.ts';
import type { FoundLines, FoundNeighbor } from '../found.ts';
import { secretKey, slug } from '../names.ts';
import type { Original } from '../original.ts';

export interface SecretUse {
  name: string;
  key: string;
  device: string;
  purpose: 'bgp-password' | 'dhcp-ha' | 'template';
  token: string;
}

/** Which secret stands for which token. A value that a device uses twice is one secret. */
export type Book = ReturnType<typeof createBook>;

export function createBook() {
  const bySession = new Map<Node, SecretUse>();
  const byToken = new Map<string, SecretUse>();
  const names = new Set<string>();

  function useOf(device: string, token: string, purpose: SecretUse['purpose'], wish: { name: string; key: string }): SecretUse {
    const id = `${device} ${purpose} ${token}`;
    const known = byToken.get(id);
    if (known) return known;
    let { key } = wish;
    for (let number = 2; names.has(`${wish.name}/${key}`); number++) key = `${wish.key}-${number}`;
    names.add(`${wish.name}/${key}`);
    const use = { name: wish.name, key, device, purpose, token };
    byToken.set(id, use);
    return use;
  }

  const tokenOf = new Map<string, string>();

  return {
    /** The secret that a group of a device will have; groups of several devices share it when its value is the same. */
    ofGroup(name: string, { device, password = '' }: Pick<FoundLines, 'device' | 'password'>): { name: string; key: string } {
      const known = byToken.get(`${device} bgp-password ${password}`);
      if (known) return { name: known.name, key: known.key };
      const wish = { name: `bgp-${name}`, key: 'password' };
      const isOther = (tokenOf.get(`${wish.name}/${wish.key}`) ?? password) !== password;
      return isOther ? { ...wish, key: `password-${device}` } : wish;
    },
    /** The secret that the session will have; nothing is remembered. */
    ofSession(name: string, ends: readonly FoundNeighbor[]): { name: string; key: string } {
      const known = ends.flatMap(({ device, password }) => byToken.get(`${device} bgp-password ${password}`) ?? [])[0];
      return known ? { name: known.name, key: known.key } : { name: `bgp-${name}`, key: 'password' };
    },
    /** The ends use this secret from now on. */
    keepRef(wish: { name: string; key: string }, ends: readonly Pick<FoundLines, 'device' | 'password' | 'nodes'>[]): void {
      names.add(`${wish.name}/${wish.key}`);
      for (const { device, password, nodes } of ends) {
        if (password === undefined) continue;
        tokenOf.set(`${wish.name}/${wish.key}`, password);
        const id = `${device} bgp-password ${password}`;
        const use = { ...wish, device, purpose: 'bgp-password' as const, token: password };
        if (!byToken.has(id)) byToken.set(id, use);
        for (const node of nodes) if (node.text.includes(password)) bySession.set(node, use);
      }
    },
    ofRaw({ device, entryOf }: Original, node: Node, token: string): { name: string; key: string } {
      const entry = entryOf.get(node);
      const before = node.text.slice(0, node.text.indexOf(token));
      const around = (entry?.path ?? []).map((text) => text.replace(/^(router|interface) /, '')).join(' ');
      const use = useOf(device, token, 'template', { name: slug(`device-${device}`), key: secretKey(`${around} ${before}`) || 'secret' });
      bySession.set(node, use);
      return use;
    },
    find: (device: string, node: Node, token: string): { name: string; key: string } =>
      bySession.get(node) ?? byToken.get(`${device} template ${token}`) ?? { name: 'unknown', key: 'unknown' },
    uses: (): SecretUse[] => [...byToken.values()],
  };
}
