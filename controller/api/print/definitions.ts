import type { AnyKind } from '../kinds.ts';

/** How a kind appears in a cluster and in the manual. */
export interface KindDefinition {
  plural: string;
  shortNames: readonly string[];
  /** Columns of `kubectl get`, between name and age. */
  columns: readonly { name: string; type: 'string' | 'integer' | 'date'; path: string; wide?: true }[];
  /** One sentence; the description of the CRD and the first line of the page. */
  summary: string;
  /** What a person needs to know beyond the table of fields. */
  notes: string;
}

const ready = { name: 'Ready', type: 'string', path: '.status.conditions[?(@.type=="Ready")].status' } as const;
const reason = { name: 'Reason', type: 'string', path: '.status.conditions[?(@.type=="Ready")].reason' } as const;

export const definitions: Record<AnyKind, KindDefinition> = {
  Device: {
    plural: 'devices',
    shortNames: ['dev'],
    columns: [
      ready,
      { name: 'Verdict', type: 'string', path: '.status.verdict' },
      { name: 'Differs', type: 'integer', path: '.status.differences' },
      { name: 'Reason', type: 'string', path: '.status.conditions[?(@.type=="Ready")].reason' },
      { name: 'Mode', type: 'string', path: '.status.mode' },
      { name: 'Held', type: 'string', path: '.status.held.by' },
      { name: 'Wanted', type: 'string', path: '.status.revision' },
      { name: 'Applied', type: 'string', path: '.status.appliedRevision' },
      { name: 'Platform', type: 'string', path: '.spec.platform', wide: true },
      { name: 'Lifecycle', type: 'string', path: '.spec.lifecycle', wide: true },
      { name: 'Version', type: 'string', path: '.status.version', wide: true },
      { name: 'NetBox', type: 'string', path: '.status.record', wide: true },
      { name: 'ASN', type: 'integer', path: '.spec.bgp.asn', wide: true },
      { name: 'Address', type: 'string', path: '.spec.management.address', wide: true },
    ],
    summary: 'One router or DHCP server: how it is reached, its interfaces, static routes, BGP instance or DHCP server.',
    notes: `Sessions are not written here: a [BGPSession](bgpsession.md) names its devices, so that both ends come from one object; a
[DHCPSubnet](dhcpsubnet.md) names the servers that serve it.
Removing a device from Git releases it: nothing on it is touched. To have its configuration removed, write \`lifecycle: Decommissioning\` first.`,
  },
  DeviceProfile: {
    plural: 'deviceprofiles',
    shortNames: ['devprof'],
    columns: [{ name: 'Platform', type: 'string', path: '.spec.platform' }],
    summary: 'What many devices share: timers, client classes and option sets of DHCP, raw sections, templates, what is owned exactly.',
    notes: 'A value on the Device or on the session wins over the profile.',
  },
  BGPSession: {
    plural: 'bgpsessions',
    shortNames: ['bgp'],
    columns: [
      ready,
      reason,
      { name: 'Type', type: 'string', path: '.spec.type' },
      { name: 'Relationship', type: 'string', path: '.spec.relationship' },
      { name: 'Admin', type: 'string', path: '.spec.adminState' },
      { name: 'Families', type: 'string', path: '.spec.families', wide: true },
    ],
    summary: 'One BGP session. The neighbors on both ends are rendered from it, so that they cannot disagree.',
    notes: `Each managed end says which of its addresses the session uses: \`interface\` for directly connected neighbors, \`loopback\` for those reached by
routing, \`address\` alone or to choose one of several. The AS numbers come from the devices; \`type\` says what the result must be, and a
disagreement is an error unless \`localAs\` says that it is meant.`,
  },
  RoutePolicy: {
    plural: 'routepolicies',
    shortNames: ['rpol'],
    columns: [{ name: 'Default', type: 'string', path: '.spec.default' }],
    summary: 'What happens to routes on import, export or origination: terms in order, and an explicit default.',
    notes: `Terms are tried in order. The first that matches decides, unless it says \`continue\`. Write \`sequence\` in all terms when the policy lives long:
a term that is added later then changes no other line on the device.`,
  },
  PrefixSet: {
    plural: 'prefixsets',
    shortNames: ['pset'],
    columns: [],
    summary: 'A named set of IPv4 and IPv6 prefixes.',
    notes: `A set that holds both versions becomes two lists on the device. An entry that an earlier one has already decided is an error, an empty
set as well. Long lists stand in a file of their own, \`entriesFile: irr/customer-a.txt\`, one entry per line:

\`\`\`
203.0.113.0/24 le 25
2001:db8:203::/48
\`\`\``,
  },
  CommunitySet: {
    plural: 'communitysets',
    shortNames: ['cset'],
    columns: [
      { name: 'Type', type: 'string', path: '.spec.type' },
      { name: 'Match', type: 'string', path: '.spec.match' },
    ],
    summary: 'A named set of communities of one type, for matching and for deleting.',
    notes: 'Put communities in quotes: readers of old YAML take 64500:10 for a number in base 60.',
  },
  PeerGroup: {
    plural: 'peergroups',
    shortNames: ['pgroup'],
    columns: [{ name: 'ASN', type: 'integer', path: '.spec.asn' }],
    summary: 'What many neighbors of a router have in common, as a group that stands on the router under its name.',
    notes: `An end of a [BGPSession](bgpsession.md) joins it with \`peerGroup\`. What the session and its end say goes before the group; a flag
that the group sets is not taken back by leaving it out. Joining and leaving reset the session: the plan says so.`,
  },
  BFDProfile: {
    plural: 'bfdprofiles',
    shortNames: ['bfdp'],
    columns: [],
    summary: 'Timers of Bidirectional Forwarding Detection, as a profile that stands on routers under its name.',
    notes:
      'A [BGPSession](bgpsession.md) names it in `bfd`. The router needs the daemon bfdd: without it FRR refuses the lines, and the change rolls back.',
  },
  ASPathSet: {
    plural: 'aspathsets',
    shortNames: ['aset'],
    columns: [],
    summary: 'A named set of AS paths, by regular expression.',
    notes: 'In the expressions `_` stands for a boundary between AS numbers: `^64496_` is a path that begins with AS 64496.',
  },
  RouteTest: {
    plural: 'routetests',
    shortNames: ['rtest'],
    columns: [],
    summary: 'What must be so with routes: prefixes that a neighbor gets, with which communities, or must never get.',
    notes: `\`plumb test\` and \`plumb check --all\` put the prefixes through every policy of the network, as [what a change does to
routes](../policy-effects.md) does, and say which test does not hold and why. Nothing of it reaches a device.`,
  },
  DHCPSubnet: {
    plural: 'dhcpsubnets',
    shortNames: ['dsub'],
    columns: [
      ready,
      reason,
      { name: 'Prefix', type: 'string', path: '.spec.prefix' },
      { name: 'ID', type: 'integer', path: '.spec.id' },
      { name: 'Servers', type: 'string', path: '.spec.servedBy' },
      { name: 'Used%', type: 'integer', path: '.status.addressesUsed' },
      { name: 'Network', type: 'string', path: '.spec.sharedNetwork', wide: true },
    ],
    summary: 'One subnet as DHCP servers should serve it: pools, options, boot files, reservations.',
    notes: `How to describe subnets, pools, reservations, boot files and a pair of servers, step by step: [DHCP](../dhcp.md).
Options go by their names in Kea; what the table of standard options and the definitions of the profile do not know is an error. Long lists
of reservations stand in a file of their own, \`reservationsFile: dhcp/office.csv\`, whose first line names the columns:

\`\`\`
hwAddress,addresses,hostname
02:00:5e:00:53:01,192.0.2.50,printer1
02:00:5e:00:53:02,192.0.2.51,printer2
\`\`\``,
  },
  ReconcilePolicy: {
    plural: 'reconcilepolicies',
    shortNames: ['recpol'],
    columns: [{ name: 'Mode', type: 'string', path: '.spec.mode' }],
    summary: 'What Plumbline may do to the devices it selects.',
    notes: `A device that no policy selects is only reported on. Of several that match, the strictest wins: Report before Approve before Enforce. What
Git says is never freer than the ceiling that the platform team sets; without a Fleet the ceiling is Approve.`,
  },
  ChangeWindow: {
    plural: 'changewindows',
    shortNames: ['window'],
    columns: [
      { name: 'Effect', type: 'string', path: '.spec.effect' },
      { name: 'Schedule', type: 'string', path: '.spec.schedule.cron' },
      { name: 'Zone', type: 'string', path: '.spec.schedule.timeZone' },
    ],
    summary: 'When devices may be changed, and when not.',
    notes: `A device that no Allow window selects may be changed at any time. Of those that select it, one must be open when a change begins; a change
that runs is finished. A Freeze in force wins, and so do the freezes of the Fleet. What corrects drift on its own obeys it too.`,
  },
  Fleet: {
    plural: 'fleets',
    shortNames: ['fleet'],
    columns: [
      ready,
      reason,
      { name: 'Revision', type: 'string', path: '.status.revision' },
      { name: 'Ceiling', type: 'string', path: '.spec.ceiling' },
      { name: 'Suspended', type: 'string', path: '.spec.suspend' },
      { name: 'Message', type: 'string', path: '.status.conditions[?(@.type=="Ready")].message', wide: true },
    ],
    summary: 'A network under watch: where its desired state comes from, and the ceiling of what may be done.',
    notes: `Written by the platform team in the cluster, never read from Git: a pull request can be stricter than the Fleet, not freer. One per
namespace; a second one is refused. A commit with errors changes nothing: the last good revision stays in force.`,
  },
  DriftReport: {
    plural: 'driftreports',
    shortNames: ['drift'],
    columns: [
      { name: 'Verdict', type: 'string', path: '.status.verdict' },
      { name: 'Differs', type: 'integer', path: '.status.total' },
      { name: 'Severity', type: 'string', path: '.status.worst' },
      { name: 'Since', type: 'date', path: '.status.since' },
      { name: 'NetBox', type: 'string', path: '.status.record' },
      { name: 'Acknowledged', type: 'string', path: '.spec.acknowledgement.owner' },
      { name: 'Who', type: 'string', path: '.status.who[0].who' },
    ],
    summary: 'What differs on one device, who moved, since when. Exists while there is something to report.',
    notes:
      'The first differences stand in the object; `plumb why DEVICE` prints all of them. `plumb ack DEVICE` says that somebody looks after it.',
  },
  ChangePlan: {
    plural: 'changeplans',
    shortNames: ['cplan'],
    columns: [
      { name: 'Phase', type: 'string', path: '.status.phase' },
      { name: 'Devices', type: 'integer', path: '.spec.devices' },
      { name: 'Groups', type: 'integer', path: '.spec.groupCount' },
      { name: 'Risk', type: 'string', path: '.spec.risk' },
      { name: 'Approved by', type: 'string', path: '.status.approvedBy' },
      { name: 'Confirmed', type: 'integer', path: '.status.confirmed' },
      { name: 'Message', type: 'string', path: '.status.conditions[?(@.type=="Ready")].message', wide: true },
    ],
    summary: 'A change that Plumbline proposes to devices, and what became of it.',
    notes: `Made by the operator; nothing is written to a device that no ChangePlan shows. \`plumb plan show NAME\` prints all of it, \`plumb approve\` and
\`plumb reject\` answer it, \`plumb pause\`, \`continue\` and \`stop\` steer it while it runs, \`plumb rollback\` takes it back.`,
  },
  ChangeApproval: {
    plural: 'changeapprovals',
    shortNames: ['approval'],
    columns: [
      { name: 'Plan', type: 'string', path: '.spec.plan' },
      { name: 'Decision', type: 'string', path: '.spec.decision' },
      { name: 'Approver', type: 'string', path: '.spec.approver' },
    ],
    summary: 'What a person says to a ChangePlan.',
    notes: `\`plumb approve\` and \`plumb reject\` write it. It names effects, not revisions: a later plan with the same effect for the same devices needs no second
one. The admission policy of the chart holds the approver to the user who asks; nobody edits it.`,
  },
};
