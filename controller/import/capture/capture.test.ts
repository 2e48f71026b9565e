import { beforeAll, describe, expect, it } from 'vitest';
import { memorySource } from '../../../test/builders/memory-source.ts';
import { configOf, surveyedWith } from '../../../test/builders/surveyed.ts';
import type { CheckedState } from '../../api/index.ts';
import { loadSource } from '../../desired/index.ts';
import { systemClock } from '../../lib/index.ts';
import { overlay } from '../overlay.ts';
import { captureDrift } from './capture.ts';

const key = `SHA256:${'A'.repeat(43)}`;
const files: Record<string, string> = {
  'fleet/edge1.yaml': `# Edge of Frankfurt. Ask the transit team before changing it.
apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata: {name: edge1, labels: {site: fra}}
spec:
  platform: frr
  profile: edges
  management: { address: 192.0.2.1, hostKeys: ["${key}"] }
  credentials: { observe: { name: o } }
  interfaces:
    # towards the core
    - name: eth0
      description: "to core"     # cable 17
      addresses: [198.51.100.0/31]
    - {name: eth1, addresses: [203.0.113.8/31]} # transit
  staticRoutes:
    - {prefix: 10.9.0.0/16, blackhole: true} # our block
  bgp:
    asn: 64500
    routerId: 192.0.2.1
    networks:
      - prefix: 10.9.0.0/16
  sections:
    - name: ospf
      file: raw/edge1-ospf.conf
`,
  'fleet/core.yaml': `kind: Device
metadata: { name: core }
spec:
  platform: frr
  profile: edges
  management: { address: 192.0.2.2, hostKeys: ["${key}"] }
  credentials: { observe: { name: o } }
  interfaces: [{ name: eth0, addresses: [198.51.100.1/31] }]
  bgp: { asn: 64500, routerId: 192.0.2.2 }
`.replace('kind', 'apiVersion: plumbline.dev/v1alpha1\nkind'),
  'raw/edge1-ospf.conf': `router ospf
 ospf router-id 192.0.2.1
 passive-interface default
exit
`,
  'all.yaml': `apiVersion: plumbline.dev/v1alpha1
kind: DeviceProfile
metadata: { name: edges }
spec: { platform: frr, renderInterfaces: true }
---
# Our transit. NOC: +49 69 …
apiVersion: plumbline.dev/v1alpha1
kind: BGPSession
metadata: { name: transit }
spec:
  type: External
  relationship: Transit
  families: [ipv4-unicast]
  ends:
    - device: edge1
      interface: eth1
      families:
        ipv4-unicast: {import: transit-in, export: transit-out} # never without
    - external: {name: transit-a, asn: 64496, address: 203.0.113.9}
---
apiVersion: plumbline.dev/v1alpha1
kind: BGPSession
metadata: { name: core-edge1 }
spec:
  type: Internal
  families: [ipv4-unicast]
  ends:
    - { device: core, interface: eth0 }
    - { device: edge1, interface: eth0 }
---
apiVersion: plumbline.dev/v1alpha1
kind: PrefixSet
metadata: { name: customers }
spec:
  entries:
    - prefix: 10.9.0.0/16 # all of it
    - { prefix: 10.10.0.0/16, le: 24 }
---
apiVersion: plumbline.dev/v1alpha1
kind: RoutePolicy
metadata: { name: transit-in }
spec:
  default: Deny
  terms:
    - name: all # everything
      action: Permit
      set: { localPreference: 90 }
---
apiVersion: plumbline.dev/v1alpha1
kind: RoutePolicy
metadata: { name: transit-out }
spec:
  default: Deny
  terms:
    - name: customers
      action: Permit
      match: { prefixSet: customers }
`,
};

const source = memorySource(files);
let state: CheckedState;
let config: string;
beforeAll(async () => {
  state = await loadSource(source, systemClock);
  config = await configOf(state, 'edge1');
}, 60_000);

/** What is captured of edge1 with this configuration, and what is captured once more of it with the files that came of it. */
async function capture(live: string) {
  const first = await captureDrift({ state, source, surveyed: [await surveyedWith(state, 'edge1', live)], secrets: undefined, news: true });
  const patched = overlay(source, first.files);
  const next = await loadSource(patched, systemClock);
  expect(next.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
  const surveyed = await surveyedWith(next, 'edge1', live);
  const second = await captureDrift({ state: next, source: patched, surveyed: [surveyed], secrets: undefined, news: true });
  expect(second.files.size).toBe(0);
  return { ...first, verdict: surveyed.verdict };
}

describe('what was changed on a router is written into Git', { timeout: 120_000 }, () => {
  it.each<{ name: string; was: string | RegExp; is: string; file: string; lines: readonly [was: string, is: string][] }>([
    {
      name: 'a description',
      was: ' description to core',
      is: ' description to core 2',
      file: 'fleet/edge1.yaml',
      lines: [['"to core" ', '"to core 2" ']],
    },
    {
      name: 'an address more',
      was: ' ip address 203.0.113.8/31',
      is: ' ip address 203.0.113.8/31\n ip address 203.0.113.12/31',
      file: 'fleet/edge1.yaml',
      lines: [['[203.0.113.8/31]', '[203.0.113.8/31, 203.0.113.12/31]']],
    },
    {
      name: 'an interface that was shut',
      was: ' description to core',
      is: ' description to core\n shutdown',
      file: 'fleet/edge1.yaml',
      lines: [['[198.51.100.0/31]\n', '[198.51.100.0/31]\n      enabled: false\n']],
    },
    {
      name: 'a static route more',
      was: /^ip route .*$/m,
      is: '$&\nip route 10.8.0.0/16 198.51.100.1',
      file: 'fleet/edge1.yaml',
      lines: [['# our block\n', '# our block\n    - {prefix: 10.8.0.0/16, nextHop: 198.51.100.1}\n']],
    },
    {
      name: 'a local preference',
      was: 'set local-preference 90',
      is: 'set local-preference 80',
      file: 'all.yaml',
      lines: [['localPreference: 90', 'localPreference: 80']],
    },
    {
      name: 'another AS number of a neighbor',
      was: 'neighbor 203.0.113.9 remote-as 64496',
      is: 'neighbor 203.0.113.9 remote-as 64497',
      file: 'all.yaml',
      lines: [['asn: 64496', 'asn: 64497']],
    },
    {
      name: 'a neighbor that was shut',
      was: 'neighbor 203.0.113.9 remote-as 64496',
      is: 'neighbor 203.0.113.9 remote-as 64496\n neighbor 203.0.113.9 shutdown',
      file: 'all.yaml',
      lines: [['address: 203.0.113.9}\n', 'address: 203.0.113.9}\n  adminState: Shutdown\n']],
    },
    {
      name: 'a line of a neighbor that no field says',
      was: 'neighbor 203.0.113.9 remote-as 64496',
      is: 'neighbor 203.0.113.9 remote-as 64496\n neighbor 203.0.113.9 advertisement-interval 7',
      file: 'all.yaml',
      lines: [['# never without\n', '# never without\n      lines: [ advertisement-interval 7 ]\n']],
    },
    {
      name: 'the neighbor of a session between two of ours, at this end alone',
      was: 'neighbor 198.51.100.1 remote-as 64500',
      is: 'neighbor 198.51.100.1 remote-as 64500\n neighbor 198.51.100.1 shutdown',
      file: 'all.yaml',
      lines: [['{ device: edge1, interface: eth0 }', '{ device: edge1, interface: eth0, lines: [shutdown] }']],
    },
    {
      name: 'an entry of a list',
      was: /^(ip prefix-list customers seq 20.*)$/m,
      is: '$1\nip prefix-list customers seq 30 permit 10.11.0.0/16',
      file: 'all.yaml',
      lines: [['le: 24 }\n', 'le: 24 }\n    - { prefix: 10.11.0.0/16 }\n']],
    },
    {
      name: 'an entry between two of a list',
      was: /^(ip prefix-list customers seq 20.*)$/m,
      is: 'ip prefix-list customers seq 15 permit 10.11.0.0/16\n$1',
      file: 'all.yaml',
      lines: [
        ['# all of it\n', '# all of it\n    - { prefix: 10.11.0.0/16, sequence: 15 }\n'],
        ['le: 24 }', 'le: 24, sequence: 20 }'],
      ],
    },
    {
      name: 'a line of a raw section',
      was: ' ospf router-id 192.0.2.1',
      is: ' ospf router-id 192.0.2.9',
      file: 'raw/edge1-ospf.conf',
      lines: [['router-id 192.0.2.1', 'router-id 192.0.2.9']],
    },
    {
      name: 'a line of a raw section that is gone',
      was: ' passive-interface default\n',
      is: '',
      file: 'raw/edge1-ospf.conf',
      lines: [[' passive-interface default\n', '']],
    },
    {
      name: 'a static route less',
      was: /^ip route .*\n/m,
      is: '',
      file: 'fleet/edge1.yaml',
      lines: [['staticRoutes:\n    - {prefix: 10.9.0.0/16, blackhole: true}', 'staticRoutes: []']],
    },
  ])('$name', async ({ was, is, file, lines }) => {
    const live = config.replace(was, is);
    expect(live).not.toBe(config);
    const { files: patched, left, verdict } = await capture(live);
    expect(left).toEqual([]);
    expect([...patched.keys()]).toEqual([file]);
    const want = lines.reduce((text, [before, after]) => text.replace(before, after), files[file] ?? '');
    expect(patched.get(file)).toBe(want);
    expect(verdict).toMatchObject({ verdict: 'InSync' });
  });

  it('as a session of its own where Git knows no such neighbor', async () => {
    const live = config
      .replace(/( neighbor 203.0.113.9 remote-as 64496\n)/, '$1 neighbor 203.0.113.13 remote-as 64499\n')
      .replace(/( {2}neighbor 203.0.113.9 activate\n)/, '$1  neighbor 203.0.113.13 activate\n');
    const { files: patched, left } = await capture(live);
    expect(left).toEqual([]);
    expect([...patched.keys()]).toEqual(['sessions/edge1-as64499.yaml']);
  });

  it('as lines of a section of its own where no kind says it, and a second time beside the first', async () => {
    const one = config.replace('router ospf\n', 'router ospf\n timers throttle spf 10 20 30\n');
    const first = await capture(one);
    expect(first.left).toEqual([]);
    expect(first.files.get('sections/edge1/captured.conf')).toBe('router ospf\n timers throttle spf 10 20 30\nexit\n');
    expect(first.files.get('fleet/edge1.yaml')).toBe(
      `${files['fleet/edge1.yaml']}    - {name: captured, file: sections/edge1/captured.conf}\n`,
    );
  });

  it('by the defaults of that router, where Git does not say its profile', async () => {
    // A router of this profile prints what others do without being told.
    const line = ' no bgp default show-hostname\n';
    const live = `frr defaults datacenter\n${config}`.replace(
      /^router bgp .*\n/m,
      (opener) => `${opener}${line} bgp ebgp-requires-policy\n`,
    );
    const surveyed = await surveyedWith(state, 'edge1', live);
    const adopted = { ...surveyed.compared?.facts.baseline };
    expect(adopted.unmanaged).toEqual([]);
    const { files: patched, left } = await captureDrift({ state, source, surveyed: [surveyed], secrets: undefined, news: true });
    expect(left).toEqual([]);
    expect(patched.get('sections/edge1/captured.conf')).toContain(line);
    expect(patched.get('fleet/edge1.yaml')).toContain('ebgpRequiresPolicy: true');
  });

  it('never where another device would get it too, and says what is left', async () => {
    const live = config.replace('neighbor 198.51.100.1 remote-as 64500', 'neighbor 198.51.100.1 remote-as 64510');
    const { files: patched, left } = await captureDrift({
      state,
      source,
      surveyed: [await surveyedWith(state, 'edge1', live)],
      secrets: undefined,
      news: true,
    });
    expect(patched.size).toBe(0);
    expect(left).toEqual([
      { device: 'edge1', line: 'neighbor 198.51.100.1 remote-as 64510', why: expect.stringContaining('BGPSession/core-edge1 (all.yaml:') },
    ]);
  });
});
