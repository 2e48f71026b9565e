import { describe, expect, it } from 'vitest';
import { dialectFor } from './dialects/index.ts';
import { parseIntended } from './intended.ts';
import { parse } from './parse.ts';
import { print } from './print.ts';
import { classify } from './ownership.ts';
import { checkSecretPlaces, redact } from './secrets.ts';

const frr = dialectFor('frr');
const canonical = (text: string): string => print(parse(text, frr));

describe('FRR text written by people', () => {
  it.each<{ name: string; written: string; printed: string }>([
    { name: 'drops MSDP timers that FRR has anyway', written: 'ip msdp timers 60 75 30\n', printed: '' },
    { name: 'drops the MSDP retry time that FRR has anyway', written: 'ip msdp timers 60 70 30\n', printed: 'ip msdp timers 60 70\n' },
    {
      name: 'neighbor lines directly under the instance mean the IPv4 unicast family',
      written: 'router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\n neighbor 192.0.2.1 route-map IN in\n network 198.51.100.7/24\n',
      printed:
        'router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\n address-family ipv4 unicast\n  neighbor 192.0.2.1 route-map IN in\n  network 198.51.100.0/24\n exit-address-family\nexit\n',
    },
    {
      name: 'what goes without saying is not said',
      written:
        'router bgp 65001\n bgp ebgp-requires-policy\n no bgp log-neighbor-changes\n neighbor 192.0.2.1 remote-as 65002\n address-family ipv4\n  neighbor 192.0.2.1 activate\n exit-address-family\n',
      printed: 'router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\nexit\n',
    },
    {
      name: 'a family that is on by default is printed where it is off, and the other way round',
      written:
        'router bgp 65001\n no bgp default ipv4-unicast\n neighbor 192.0.2.1 remote-as 65002\n address-family ipv4 unicast\n  neighbor 192.0.2.1 activate\n exit-address-family\n',
      printed:
        'router bgp 65001\n no bgp default ipv4-unicast\n neighbor 192.0.2.1 remote-as 65002\n address-family ipv4 unicast\n  neighbor 192.0.2.1 activate\n exit-address-family\nexit\n',
    },
    {
      name: 'lists without numbers get those that FRR gives',
      written:
        'ip prefix-list P permit 198.51.100.9/24 le 32 ge 25\nip prefix-list P deny any\nip community-list standard C permit 65000:1\nbgp as-path access-list A permit _65000_\n',
      printed:
        'ip prefix-list P seq 5 permit 198.51.100.0/24 ge 25 le 32\nip prefix-list P seq 10 deny any\nbgp community-list standard C seq 5 permit 65000:1\nbgp as-path access-list A seq 5 permit _65000_\n',
    },
    {
      name: 'a block of a newer version keeps its lines',
      written: 'router pim\n rp 192.0.2.1\n deeper\n  still deeper\nexit\naffinity-map red bit-position 1\n',
      printed: 'router pim\n rp 192.0.2.1\n deeper\n  still deeper\n exit\nexit\naffinity-map red bit-position 1\n',
    },
    {
      name: 'lines that no row knows and that are indented alike stand side by side',
      written: 'interface eth0\n new thing\n other thing\n ip pim\n',
      printed: 'interface eth0\n new thing\n other thing\n ip pim\nexit\n',
    },
    {
      name: 'groups stand ahead of their members, and what makes a member ahead of its other lines',
      written:
        'router bgp 65001\n neighbor 192.0.2.1 description a\n neighbor 192.0.2.1 peer-group G\n neighbor G peer-group\n neighbor G remote-as 65002\n',
      printed:
        'router bgp 65001\n neighbor G peer-group\n neighbor G remote-as 65002\n neighbor 192.0.2.1 peer-group G\n neighbor 192.0.2.1 description a\nexit\n',
    },
    {
      name: 'what a terminal prints around a configuration is none of it',
      written: 'r1# show running-config\nBuilding configuration...\n\nCurrent configuration:\n!\nhostname r1\n',
      printed: 'hostname r1\n',
    },
    {
      name: 'a prefix-list entry for everything has one form',
      written: 'ip prefix-list P seq 5 permit 0.0.0.0/0 le 32\nipv6 prefix-list P seq 5 permit ::/0 le 128\n',
      printed: 'ip prefix-list P seq 5 permit any\nipv6 prefix-list P seq 5 permit any\n',
    },
    { name: 'null0 has a capital', written: 'ip route 203.0.113.9/24 null0\n', printed: 'ip route 203.0.113.0/24 Null0\n' },
    {
      name: 'a mask is a length',
      written: 'ip route 203.0.113.0 255.255.255.0 192.0.2.1\n',
      printed: 'ip route 203.0.113.0/24 192.0.2.1\n',
    },
    {
      name: 'IPv6 addresses are short and in lower case',
      written: 'ipv6 route 2001:DB8:0:0::/64 2001:0DB8::0001\n',
      printed: 'ipv6 route 2001:db8::/64 2001:db8::1\n',
    },
    {
      name: 'multihop has a number',
      written: 'router bgp 65001\nneighbor 192.0.2.1 remote-as 65002\nneighbor 192.0.2.1 ebgp-multihop\n',
      printed: 'router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\n neighbor 192.0.2.1 ebgp-multihop 255\nexit\n',
    },
    {
      name: 'sections that nobody closed end where the next begins, indentation or not',
      written:
        'interface eth0\nip address 192.0.2.1/24\nrouter bgp 65001\nneighbor 192.0.2.2 remote-as 65002\naddress-family ipv6 unicast\nneighbor 192.0.2.2 activate\nroute-map A permit 10\nset metric 5\n',
      printed:
        'interface eth0\n ip address 192.0.2.1/24\nexit\nrouter bgp 65001\n neighbor 192.0.2.2 remote-as 65002\n address-family ipv6 unicast\n  neighbor 192.0.2.2 activate\n exit-address-family\nexit\nroute-map A permit 10\n set metric 5\nexit\n',
    },
    {
      name: 'short words are written out',
      written: 'int eth0\n ip addr 192.0.2.1/24\n',
      printed: 'interface eth0\n ip address 192.0.2.1/24\nexit\n',
    },
    {
      name: 'an unnumbered neighbor is one line',
      written: 'router bgp 65001\n neighbor eth0 interface\n neighbor eth0 remote-as external\n',
      printed: 'router bgp 65001\n neighbor eth0 interface remote-as external\nexit\n',
    },
    {
      name: 'continue is on-match',
      written: 'route-map A permit 10\n continue 30\n',
      printed: 'route-map A permit 10\n on-match goto 30\nexit\n',
    },
    {
      name: 'communities are sorted, each once',
      written: 'route-map A permit 10\n set community 65000:20 65000:3 65000:20 additive\n',
      printed: 'route-map A permit 10\n set community 65000:3 65000:20 additive\nexit\n',
    },
    {
      name: 'a later line with the same key wins, a negated one takes it back',
      written: 'route-map A permit 10\n set metric 5\n set metric 6\n set weight 9\n no set weight\n',
      printed: 'route-map A permit 10\n set metric 6\nexit\n',
    },
  ])('$name', ({ written, printed }) => expect(canonical(written)).toBe(printed));

  it('keeps lines that no row knows where they stand', () => {
    const text =
      'router bgp 65001\n frobnicate the widget 7\n address-family ipv4 unicast\n  widget 9\n exit-address-family\nexit\nfrobnicate all\n';
    expect(canonical(text)).toBe(text);
  });
});

describe('owners', () => {
  const text = `! plumbline:from Device/edge1 devices/edge1.yaml:3
router bgp 65001
 ! plumbline:from BGPSession/a sessions/a.yaml:1
 neighbor 192.0.2.1 remote-as 65002
 neighbor 192.0.2.1 description a
! plumbline:from Section/extra raw/extra.conf:1
! plumbline:ownership Exact
vrf red
 vni 100
exit-vrf
`;

  it('are known for every line, and Exact sections by their key', () => {
    const { owners, exact, problems } = parseIntended(text, frr);
    expect(problems).toEqual([]);
    expect(owners.get('router bgp')).toEqual({ owner: 'Device/edge1', file: 'devices/edge1.yaml', line: 3 });
    expect(owners.get('router bgp > neighbor 192.0.2.1 description')).toMatchObject({ owner: 'BGPSession/a' });
    expect([...exact]).toEqual(['vrf red']);
  });

  it('quarrel when two write one line, and both places are named', () => {
    const twice = `${text}! plumbline:from BGPSession/b sessions/b.yaml:7\nrouter bgp 65001\n neighbor 192.0.2.1 description b\n`;
    const [problem] = parseIntended(twice, frr).problems;
    expect(problem).toMatchObject({ code: 'ItemOwnedTwice', at: { file: 'sessions/b.yaml', line: 7 } });
    expect(problem?.message).toContain('sessions/a.yaml:1');
  });

  const marked = (...parts: string[]): string =>
    parts.map((part, i) => `! plumbline:from Owner/${i + 1} ${i + 1}.yaml:${i + 1}\n${part}`).join('\n');

  it.each(['!plumbline:', '!  plumbline:', '!\tplumbline:', '!! plumbline:', '!#plumbline:'])(
    'are named by the marker as it is printed and by nothing like it: %j',
    (start) => {
      const smuggled = `${start}from Owner/9 9.yaml:9\nrouter bgp 65001\n bgp router-id 192.0.2.1\nexit\n${start}ownership Exact\nvrf red\n vni 1\n`;
      const { owners, exact } = parseIntended(marked(smuggled), frr);
      expect(new Set([...owners.values()].map(({ owner }) => owner))).toEqual(new Set(['Owner/1']));
      expect(exact.size).toBe(0);
    },
  );

  const bgp =
    'router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\n address-family ipv4 unicast\n  neighbor 192.0.2.1 route-map OUT out\n';
  const map = 'route-map OUT permit 10\n set metric 5\nexit\nroute-map OUT deny 65535\nexit\n';
  it.each<{ name: string; first: string; second: string; codes: string[] }>([
    {
      name: 'quarrel when one takes a line of the other away',
      first: bgp,
      second: 'router bgp 65001\n address-family ipv4 unicast\n  no neighbor 192.0.2.1 route-map OUT out\n',
      codes: ['ItemTakenAway'],
    },
    {
      name: 'quarrel when one takes a term of the other away',
      first: map,
      second: 'no route-map OUT deny 65535\n',
      codes: ['ItemTakenAway'],
    },
    { name: 'quarrel when one takes away what others wrote inside', first: bgp, second: 'no router bgp 65001\n', codes: ['ItemTakenAway'] },
    {
      name: 'quarrel when one turns the title of a section',
      first: map,
      second: 'route-map OUT permit 65535\n',
      codes: ['ItemOwnedTwice'],
    },
    { name: 'quarrel when one adds a term to the other', first: map, second: 'route-map OUT permit 5\n', codes: ['ObjectOfAnother'] },
    {
      name: 'quarrel when one adds a line to a term of the other',
      first: map,
      second: 'route-map OUT permit 10\n set weight 7\n',
      codes: ['ObjectOfAnother'],
    },
    {
      name: 'quarrel when one adds an entry to a list of the other',
      first: 'ip prefix-list P seq 5 permit 198.51.100.0/24\n',
      second: 'ip prefix-list P seq 3 permit any\n',
      codes: ['ObjectOfAnother'],
    },
    {
      name: 'quarrel when the entry that one adds has no number',
      first: 'ip prefix-list P seq 5 permit 198.51.100.0/24\n',
      second: 'ip prefix-list P permit any\nip prefix-list Q permit any\n',
      codes: ['ObjectOfAnother'],
    },
    {
      name: 'say more of a neighbor together',
      first: bgp,
      second: 'router bgp 65001\n neighbor 192.0.2.1 solo\n no neighbor 192.0.2.1 shutdown\n',
      codes: [],
    },
  ])('$name', ({ first, second, codes }) => {
    const { problems } = parseIntended(marked(first, second, ''), frr);
    expect(problems.map(({ code }) => code)).toEqual(codes);
    for (const { at, message } of problems) {
      expect(at).toEqual({ file: '2.yaml', line: 2, col: 1 });
      expect(message).toContain('1.yaml:1');
    }
  });

  it('may take back and add to what they wrote themselves', () => {
    expect(parseIntended(marked(`${map}no route-map OUT deny 65535\nroute-map OUT permit 20\n`), frr).problems).toEqual([]);
  });

  it('share sections', () => {
    const shared =
      '! plumbline:from A/a a.yaml:1\nrouter bgp 65001\n! plumbline:from A/b b.yaml:1\nrouter bgp 65001\n bgp router-id 192.0.2.1\n';
    expect(parseIntended(shared, frr).problems).toEqual([]);
  });
});

describe('ownership', () => {
  it('tells a rogue neighbor in our instance from what nobody claims', () => {
    const live = parse(
      'router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\n neighbor 192.0.2.66 remote-as 65066\nexit\nip route 203.0.113.0/24 Null0\nroute-map IN permit 10\nexit\nroute-map IN deny 20\nexit\n',
      frr,
    );
    const intended = parse('router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\nexit\nroute-map IN permit 10\nexit\n', frr);
    const sorted = classify(live, intended, new Set(), frr);
    expect(sorted.foreign.map((item) => item.text)).toEqual(['route-map IN deny 20']);
    expect(sorted.strangers.map((item) => item.text)).toEqual(['neighbor 192.0.2.66 remote-as 65066']);
    expect(sorted.unmanaged.map((item) => item.text)).toEqual(['neighbor 192.0.2.66 remote-as 65066', 'ip route 203.0.113.0/24 Null0']);
  });
});

describe('lines of nobody in sections of Git', () => {
  const ours = 'router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\nexit\nroute-map IN permit 10\n set metric 5\nexit\n';
  const sorted = (more: string, before: readonly string[] = [], want = ours) =>
    classify(parse(`${ours}${more}`, frr), parse(want, frr), new Set(before), frr);

  it.each([
    ' no bgp ebgp-requires-policy',
    ' bgp listen range 198.51.100.0/24 peer-group X',
    ' address-family ipv4 unicast\n  network 0.0.0.0/0',
    ' address-family ipv6 unicast\n  redistribute connected',
  ])('let routes in or out: %j', (line) => {
    expect(sorted(`router bgp 65001\n${line}\n`).strangers.map(({ text }) => text)).toEqual([line.split('\n').at(-1)?.trim()]);
  });

  it('are ours inside a route-map that Git had and dropped', () => {
    const { foreign, unmanaged } = sorted(
      'route-map IN permit 10\n set weight 9\n',
      ['route-map IN 10'],
      'router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\n',
    );
    expect(foreign.map(({ text }) => text)).toContain('set weight 9');
    expect(unmanaged).toEqual([]);
  });
});

describe('secrets', () => {
  const text = `password opensesame
router bgp 65001
 neighbor 192.0.2.1 remote-as 65002
 neighbor 192.0.2.1 password   open sesame
exit
interface eth0
 ip ospf message-digest-key 1 md5 opensesame
exit
key chain K
 key 1
  key-string opensesame
 exit
exit
`;
  const token = '<secret:hmac-0123456789abcdef0123456789abcdef>';

  it('are replaced wherever the dialect marks one, and nothing else is touched', () => {
    const { text: masked, values } = redact(text, frr, () => token);
    expect(masked).not.toContain('sesame');
    expect(values.map(({ value, line }) => [line, value])).toEqual([
      [1, 'opensesame'],
      [4, 'open sesame'],
      [7, 'opensesame'],
      [11, 'opensesame'],
    ]);
    expect(masked.replaceAll(token, 'X').split('\n')[3]).toBe(' neighbor 192.0.2.1 password   X');
    expect(redact(masked, frr, () => 'never').text).toBe(masked);
  });

  it('are found where a line says no, comes twice, or is spaced out', () => {
    const odd =
      'router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\n no neighbor 192.0.2.1 password sesame1\n neighbor 192.0.2.1 password sesame2\n neighbor 192.0.2.1 password sesame3   twice\n';
    const { text: masked, values } = redact(odd, frr, () => token);
    expect(masked).not.toContain('sesame');
    expect(values.map(({ line }) => line)).toEqual([3, 4, 5]);
  });

  it.each([
    'interface eth0\n ip ospf authentication-key 1 192.0.2.1\n',
    'interface eth0\n ip ospf message-digest-key 1 md5 sesame 192.0.2.1\n',
    'interface eth0\n ip nhrp authentication sesame\n',
    'router ospf\n area 1 virtual-link 192.0.2.9 message-digest-key 1 md5 sesame\n',
    'router ospf\n area 1 virtual-link 192.0.2.9 authentication message-digest message-digest-key 1 md5 sesame\n',
    'router ospf\n area 1 virtual-link 192.0.2.9 authentication-key sesame\n',
    'segment-routing\n traffic-eng\n  pcep\n   pce P\n    address ip 192.0.2.3\n    tcp-md5-auth sesame\n',
    'password sesame\npassword sesame\n',
    'widget key md5 sesame 192.0.2.1\n',
    'widget authentication-key 7 sesame\n',
    'widget password 8 sesame\n',
  ])('are hidden beside addresses and in lines that no row knows: %j', (written) => {
    const { text: masked, values } = redact(written, frr, () => token);
    expect(masked).not.toContain('sesame');
    expect(masked.includes('192.0.2.1\n')).toBe(written.includes('192.0.2.1\n'));
    expect(values.length).toBeGreaterThan(0);
    expect(values.reduce((line, { value }) => line.replace(token, value), masked)).toBe(written);
    const problems = (text: string): string[] => checkSecretPlaces(parse(text, frr), frr).map(({ code }) => code);
    expect([problems(written), problems(masked)]).toEqual([['SecretInClear'], []]);
  });

  it('may stand only there, and only as references', () => {
    const problems = checkSecretPlaces(
      parse(
        `router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\n neighbor 192.0.2.1 password clear\n neighbor 192.0.2.1 description ${token}\n`,
        frr,
      ),
      frr,
    );
    expect(problems.map(({ code }) => code)).toEqual(['SecretInClear', 'SecretOutOfPlace']);
    expect(problems.map(({ message }) => message).join()).not.toContain('clear"');
    expect(
      checkSecretPlaces(parse(`router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\n neighbor 192.0.2.1 password ${token}\n`, frr), frr),
    ).toEqual([]);
  });
});
