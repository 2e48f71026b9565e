/**
 * Says what somebody typed without what must not be told. A log holds passwords, also ones with a spelling mistake in front of them, so
 * nothing is searched for secrets: a line is told up to the first word that is not known to be harmless.
 */
export function tellTyped(line: string, vocabulary: ReadonlySet<string>): string {
  const words = line.split(/\s+/);
  const end = words.findIndex((word, k) => (k > 0 && beforeSecret.test(words[k - 1] ?? '')) || !isHarmless(word, vocabulary));
  return end < 0 ? words.join(' ') : [...words.slice(0, end), '…'].join(' ');
}

/** Words of a masked running config: whoever may see the report has seen them. */
export function vocabularyOf(maskedConfig: string): ReadonlySet<string> {
  return new Set(maskedConfig.split(/\s+/).filter((word) => !word.startsWith('<secret:')));
}

/** What follows these words is a secret, whatever it looks like. */
const beforeSecret = /pass|key|secret|md5|auth|hmac|community$|user|encrypt/i;

const keywords = new Set(
  (
    'no ip ipv6 route router bgp ospf ospf6 isis interface vrf neighbor peer-group remote-as local-as description shutdown activate password ' +
    'timers connect update-source ebgp-multihop next-hop-self route-map prefix-list access-list as-path in out network aggregate-address ' +
    'redistribute connected static kernel address-family exit-address-family unicast multicast evpn l2vpn vpn maximum-prefix maximum-paths ' +
    'ibgp permit deny seq any le ge match set call continue on-match metric local-preference weight community large-community tag address ' +
    'next-hop interface default default-originate router-id log commands file syslog hostname bfd passive soft-reconfiguration inbound ' +
    'send-community allowas-in remove-private-AS cluster-id confederation graceful-restart route-reflector-client Null0 blackhole reject all ' +
    'external internal message-digest-key md5 key chain key-string authentication cost area mtu bandwidth enable write configure terminal'
  ).split(' '),
);

function isHarmless(word: string, vocabulary: ReadonlySet<string>): boolean {
  return keywords.has(word) || /^\d{1,10}$/.test(word) || /^[0-9a-fA-F]*[.:][0-9a-fA-F.:]*(\/\d{1,3})?$/.test(word) || vocabulary.has(word);
}
