import type { AnyKind } from '../kinds.ts';

/** One complete example per kind, first thing on its page. A test holds all of them to the schema. */
export const examples: Record<AnyKind, string> = {
  Device: `
apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata:
  name: edge1-fra
  labels:
    site: fra
    role: edge
spec:
  platform: frr
  profile: router
  management:
    address: 10.255.0.1
    hostKeys: ['SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU']
  machineId: 0123456789abcdef0123456789abcdef
  credentials:
    observe:
      name: routers-observe
    apply:
      name: routers-apply
  interfaces:
    - name: lo
      role: Loopback
      addresses: [10.0.0.1/32, '2001:db8::1/128']
    - name: to-transit-a
      addresses: [192.0.2.1/31, '2001:db8:ffff:1::2/64']
  staticRoutes:
    - prefix: 198.51.100.0/24
      blackhole: true
  bgp:
    asn: 64500
    routerId: 10.0.0.1
    networks:
      - prefix: 198.51.100.0/24
        policy: originate
`,
  DeviceProfile: `
apiVersion: plumbline.dev/v1alpha1
kind: DeviceProfile
metadata:
  name: router
spec:
  platform: frr
  timers:
    keepaliveSeconds: 10
    holdSeconds: 30
  sections:
    - name: logging
      file: sections/logging.conf
`,
  BGPSession: `
apiVersion: plumbline.dev/v1alpha1
kind: BGPSession
metadata:
  name: transit-a-v4
spec:
  type: External
  relationship: Transit
  families: [ipv4-unicast]
  ends:
    - device: edge1-fra
      interface: to-transit-a
      families:
        ipv4-unicast:
          import: transit-in
          export: transit-out
          maximumPrefixes:
            limit: 1200000
    - external:
        name: transit-a
        asn: 64496
        address: 192.0.2.0
  auth:
    passwordRef:
      name: transit-a
      key: password
`,
  RoutePolicy: `
apiVersion: plumbline.dev/v1alpha1
kind: RoutePolicy
metadata:
  name: transit-out
spec:
  default: Deny
  terms:
    - name: own-space
      sequence: 10
      action: Permit
      match:
        prefixSet: own-space
      set:
        communities:
          delete: internal-marks
    - name: customers
      sequence: 20
      action: Permit
      match:
        communitySet: from-customers
      set:
        asPathPrepend: [64500, 64500]
`,
  PrefixSet: `
apiVersion: plumbline.dev/v1alpha1
kind: PrefixSet
metadata:
  name: customer-a
spec:
  entries:
    - prefix: 203.0.113.0/24
      le: 25
    - prefix: '2001:db8:203::/48'
`,
  CommunitySet: `
apiVersion: plumbline.dev/v1alpha1
kind: CommunitySet
metadata:
  name: from-customers
spec:
  type: Standard
  communities: ['64500:200', '64500:201']
`,
  PeerGroup: `
apiVersion: plumbline.dev/v1alpha1
kind: PeerGroup
metadata:
  name: customers
spec:
  type: External
  ttl: {gtsmHops: 1}
  families:
    ipv4-unicast: {import: customer-in, export: customer-out, maximumPrefixes: {limit: 1000, action: Warn}}
`,
  BFDProfile: `
apiVersion: plumbline.dev/v1alpha1
kind: BFDProfile
metadata:
  name: fast
spec:
  detectMultiplier: 3
  receiveMilliseconds: 150
  transmitMilliseconds: 150
`,
  ASPathSet: `
apiVersion: plumbline.dev/v1alpha1
kind: ASPathSet
metadata:
  name: customer-a
spec:
  entries:
    - regex: ^(64511_)+$
`,
  RouteTest: `
apiVersion: plumbline.dev/v1alpha1
kind: RouteTest
metadata:
  name: own-space
spec:
  prefixes: [198.51.100.0/24]
  announcedTo:
    - neighbor: transit-a
      asPath: [64500]
    - neighbor: customer-a
  neverTo:
    - neighbor: lab
`,
  DHCPSubnet: `
apiVersion: plumbline.dev/v1alpha1
kind: DHCPSubnet
metadata:
  name: office-fra
spec:
  family: IPv4
  id: 10
  prefix: 192.0.2.0/24
  servedBy: [dhcp1-fra, dhcp2-fra]
  relays: [192.0.2.1]
  options:
    - name: routers
      data: 192.0.2.1
    - name: domain-name-servers
      data: 198.51.100.53, 198.51.100.54
  lifetimes:
    validSeconds: 3600
  pools:
    - range: 192.0.2.100-192.0.2.199
  bootByClass:
    - clientClass: uefi
      nextServer: 198.51.100.10
      bootFile: ipxe.efi
  reservations:
    - hwAddress: 02:00:5e:00:53:01
      addresses: [192.0.2.50]
      hostname: printer1
`,
  ReconcilePolicy: `
apiVersion: plumbline.dev/v1alpha1
kind: ReconcilePolicy
metadata:
  name: approve-in-frankfurt
spec:
  selector:
    matchLabels:
      site: fra
  mode: Approve
  rollout:
    waves: [10, 50, 100]
    bakeSeconds: 300
  probes:
    pings:
      - to: 192.0.2.53
    commands:
      - command: show bgp vrf all summary
        expect: (?m)^Total number of neighbors [1-9]
  description: A person looks at every change
`,
  ChangeWindow: `
apiVersion: plumbline.dev/v1alpha1
kind: ChangeWindow
metadata:
  name: nights-in-frankfurt
spec:
  selector:
    matchLabels:
      site: fra
  effect: Allow
  schedule:
    cron: 0 22 * * 1-4
    timeZone: Europe/Berlin
    durationMinutes: 360
`,
  Fleet: `
apiVersion: plumbline.dev/v1alpha1
kind: Fleet
metadata:
  name: backbone
spec:
  git:
    url: ssh://git@git.example.net/network/desired-state.git
    branch: main
    secretRef:
      name: desired-state-read
  ceiling: Report
  reads:
    intervalSeconds: 300
  netbox:
    url: https://netbox.example.net
    secretRef:
      name: netbox
`,
  DriftReport: `
apiVersion: plumbline.dev/v1alpha1
kind: DriftReport
metadata:
  name: edge1-fra
spec:
  device: edge1-fra
  acknowledgement:
    owner: alex
    reason: transit-a is being moved to another port
    expires: '2030-01-02T06:00:00Z'
    digest: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
`,
  ChangePlan: `
apiVersion: plumbline.dev/v1alpha1
kind: ChangePlan
metadata:
  name: plan-5f2c1a9b7d30
spec:
  planId: plan-5f2c1a9b7d30
  plan: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  mode: Approve
  cause: Desired
  revision: main@sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709
  devices: 1
  sets: 1
  risk: low
  groupCount: 1
  groups:
    - effectDigest: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
      devices: 1
      examples: [edge1-fra]
      risk: low
      commands: ['router bgp 64500 > neighbor 192.0.2.2 description transit-a']
      total: 1
`,
  ChangeApproval: `
apiVersion: plumbline.dev/v1alpha1
kind: ChangeApproval
metadata:
  name: plan-5f2c1a9b7d30-alex
spec:
  plan: plan-5f2c1a9b7d30
  effectDigests: ['sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']
  decision: Approve
  approver: alex@example.net
  groups: [network-oncall]
`,
};
