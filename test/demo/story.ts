/** The files that the pull requests of the demo bring. */

export const ringSession = `# The two edges have a link of their own: with a session over it, London reaches the provider when a core is down.
apiVersion: plumbline.dev/v1alpha1
kind: BGPSession
metadata:
  name: edge1-fra-edge1-lon
spec:
  type: Internal
  transport: IPv4
  families: [ipv4-unicast, ipv6-unicast]
  description: between the edges
  ends:
    - device: edge1-fra
      interface: to-edge1-lon
      families:
        ipv4-unicast: {nextHopSelf: true}
        ipv6-unicast: {nextHopSelf: true}
    - device: edge1-lon
      interface: to-edge1-fra
      families:
        ipv4-unicast: {nextHopSelf: true}
        ipv6-unicast: {nextHopSelf: true}
`;

export const newImportPolicy = `# Like transit-in, and less preferred.
apiVersion: plumbline.dev/v1alpha1
kind: RoutePolicy
metadata:
  name: transit-in-backup
spec:
  default: Deny
  terms:
    - name: own-space
      sequence: 10
      action: Deny
      match: {prefixSet: own-space-and-longer}
    - name: not-in-the-internet
      sequence: 20
      action: Deny
      match: {prefixSet: bogons}
    - name: accept
      sequence: 30
      action: Permit
      match: {prefixSet: routable}
      set:
        localPreference: 70
        communities: {replace: ['64500:300']}
`;

/** Looks harmless in a review of text: it takes the management interface down. */
export const fatalSection = `interface mgmt0
 shutdown
exit
`;

/** The pool of the office, as its file has it, and the hardware address of a printer there. */
export const officePool = 'pools: [{range: 192.0.2.100 - 192.0.2.119}]';
export const printerAddress = '02:00:00:00:10:01';

/** A person looks at every change, and it goes out in steps. */
export const carefulRollout = `apiVersion: plumbline.dev/v1alpha1
kind: ReconcilePolicy
metadata:
  name: approve-everywhere
spec:
  selector: {}
  mode: Approve
  rollout:
    canary: 1
    waves: [100]
    bakeSeconds: 5
    onFailure: RollBack
`;

/** What goes to the provider first, as its policy has it. */
export const ownSpaceTerm = `    - name: own-space
      sequence: 10
      action: Permit
      match:
        communitySet: from-us
      set:
        communities:
          delete: internal-marks
`;

/** Harmless behind that term; ahead of it, nothing of ours is left. */
export const longerTerm = (sequence: number): string => `    - name: no-more-specifics
      sequence: ${sequence}
      action: Deny
      match:
        prefixSet: own-space-and-longer
`;

export const ownSpaceTest = `apiVersion: plumbline.dev/v1alpha1
kind: RouteTest
metadata:
  name: we-are-in-the-internet
spec:
  prefixes: [198.51.100.0/24]
  announcedTo:
    - neighbor: transit-a
`;
