import type { Router } from './router.ts';
import type { Clock } from '../../controller/lib/index.ts';

/** `show bgp vrf all summary json`: every neighbor of the running config in the families that it is activated in. */
export function printSummary(router: Router, clock: Clock): string {
  const asn = /^router bgp (\d+)/m.exec(router.running)?.[1];
  if (asn === undefined) return '{}\n';
  const remote = new Map<string, number>();
  for (const [, address = '', word = ''] of router.running.matchAll(/^ neighbor (\S+) remote-as (\S+)$/gm)) {
    remote.set(address, Number(word) || Number(asn));
  }
  const upMs = Math.floor(clock.monotonicMs() - router.bootedMs);
  const families: Record<string, object> = {};
  for (const [name, lines] of familiesOf(router.running)) {
    const peers: Record<string, object> = {};
    for (const [address, remoteAs] of remote) {
      if (!isActive(router.running, lines, name, address)) continue;
      const state = router.sessions?.[address] ?? 'Established';
      const counts =
        state === 'Established' ? { peerUptimeMsec: upMs, pfxRcd: 10, pfxSnt: 10 } : { peerUptimeMsec: 0, pfxRcd: 0, pfxSnt: 0 };
      peers[address] = { remoteAs, localAs: Number(asn), version: 4, ...counts, state, peerState: 'OK', idType: 'ipv4' };
    }
    if (Object.keys(peers).length > 0)
      families[name] = { as: Number(asn), vrfName: 'default', peerCount: Object.keys(peers).length, peers };
  }
  return `${JSON.stringify({ default: families }, undefined, 1)}\n`;
}

const frrNames: Readonly<Record<string, string>> = {
  'ipv4 unicast': 'ipv4Unicast',
  'ipv6 unicast': 'ipv6Unicast',
  'l2vpn evpn': 'l2VpnEvpn',
};

function familiesOf(config: string): Map<string, string> {
  const blocks = [...config.matchAll(/^ address-family (.+)\n((?: {2}.*\n)*)/gm)];
  return new Map([['ipv4Unicast', ''], ...blocks.map(([, words = '', lines = '']) => [frrNames[words] ?? words, lines] as const)]);
}

/** FRR activates ipv4-unicast by itself unless it is told not to. */
function isActive(config: string, lines: string, family: string, address: string): boolean {
  if (lines.includes(`  neighbor ${address} activate\n`)) return true;
  return (
    family === 'ipv4Unicast' &&
    !config.includes('\n no bgp default ipv4-unicast\n') &&
    !lines.includes(`  no neighbor ${address} activate\n`)
  );
}
