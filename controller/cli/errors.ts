import { defineErrors } from '../lib/index.ts';

/** What goes wrong with the command line itself: files it names, options that do not go together, faults of our own. */
export const errors = defineErrors({
  FileUnusable: {
    message: (f: { path: string; doing: 'read' | 'written'; why: string }) => `${f.path}: cannot be ${f.doing}: ${f.why}`,
    next: 'Name a file that you may use, with its path from where you are.',
  },
  OutputLost: {
    message: (f: { why: string }) => `not all that was said could be written to standard output: ${f.why}`,
    next: 'What the command did is done; plumb drift and plumb why say how the devices stand.',
  },
  PlanUnreadable: {
    message: (f: { why: string }) => `is not a plan: ${f.why}`,
    next: 'Write it with plumb plan --out FILE, or with plumb plan -o json; do not edit it.',
  },
  NoSuchTest: {
    message: (f: { name: string; near: string | undefined }) => `no RouteTest is named "${f.name}"`,
    next: (f: { near: string | undefined }) =>
      f.near === undefined ? 'Write the name of a RouteTest, or none for all of them.' : `Write ${f.near}, if that is what you mean.`,
  },
  TableUnreadable: {
    message: (f: { why: string }) => `is not a BGP table: ${f.why}`,
    next: 'Save what the router prints for: show bgp ipv4 unicast json detail (or ipv6).',
  },
  ReadsUnreadable: {
    message: (f: { place: string; why: string }) => `${f.place} holds no saved reads: ${f.why}`,
    next: 'Save them where devices can be read, with plumb drift --save FILE; a server that wants a token gets that of PLUMB_LIVE_TOKEN.',
  },
  TokenTooShort: {
    message: (f: { variable: string; shortest: number }) => `the token in ${f.variable} has fewer than ${f.shortest} characters`,
    next: 'Take a random one, for example from: openssl rand -hex 24',
  },
  ArgumentRefused: {
    message: (f: { argument: string; why: string }) => `${f.argument} cannot be used: ${f.why}`,
    next: 'Write it as plumb up --help shows it. Nothing was begun.',
  },
  LogLevelUnknown: {
    message: (f: { found: string }) => `PLUMB_LOG is ${JSON.stringify(f.found)}, which is no level`,
    next: 'Write debug, info, warn or error, or leave it out: then it is info.',
  },
  /** Two operators on one store would each write what the other one takes back. */
  OperatorRuns: {
    message: (f: { folder: string }) => `another plumb up works on the store ${f.folder}`,
    next: 'End that one first, or give this one a store of its own with --store FOLDER. To look at what it knows: plumb status.',
  },
  NotInPlan: {
    message: (f: { devices: string; planned: string }) => `the plan changes nothing on ${f.devices}`,
    next: (f: { devices: string; planned: string }) => `Name devices of the plan (${f.planned}), or none for all of them.`,
  },
  /** The option takes all words that follow: without the name of a device that it swallowed, the command would be about every device. */
  NoNeighbor: {
    message: (f: { device: string }) => `--may-lose-routes takes neighbors, and ${f.device} is a device`,
    next: 'Name devices ahead of this option: plumb apply edge1-fra --may-lose-routes 192.0.2.1',
  },
  FilesMissing: {
    message: (f: { verb: string }) => `plumb config ${f.verb} compares two files`,
    next: (f: { verb: string }) =>
      `Name the running and the intended configuration: plumb config ${f.verb} running.conf wanted.conf; or pass --batch.`,
  },
  DeviceNameUnusable: {
    message: (f: { name: string }) => `${JSON.stringify(f.name)} is no name of a Device`,
    next: 'Write lower-case letters, digits and hyphens, up to 63: --name edge1-fra',
  },
  LiveAddressUnusable: {
    message: (f: { address: string; platform: string }) =>
      `--live ${f.address}: no address that leads to a device of platform ${f.platform}`,
    next: 'Write a name or an address, or for a DHCP server the URL of its API without a path: --live https://192.0.2.5:8000',
  },
  NothingToImport: {
    message: () => 'nothing is named that could be imported',
    next: 'Name files with running configurations: plumb import device r1.conf; or read a router: --live ADDRESS.',
  },
  PlatformNotImported: {
    message: (f: { platform: string }) => `--platform ${f.platform}: configurations of this platform cannot be imported`,
    next: 'Write frr for a router; kea-dhcp4, kea-dhcp6, or kea for both daemons, for a DHCP server.',
  },
  FileHoldsNothing: {
    message: (f: { file: string }) => `${f.file} holds no configuration`,
    next: 'Name a file with what `show running-config` prints, or the one that the router starts from. Nothing was written.',
  },
  GlassNeedsReason: {
    message: (f: { found: string }) => `--break-glass and --reason belong together, and ${f.found}`,
    next: 'Say why in one line: plumb apply edge1-fra --break-glass --reason "the API server is down and transit is lost"',
  },
  OptionsConflict: {
    message: (f: { option: string; with: string }) => `${f.option} means nothing together with ${f.with}`,
    next: 'Leave one of the two out.',
  },
  KindUnknown: {
    message: (f: { word: string; known: string }) => `${JSON.stringify(f.word)} is nothing that an operator publishes`,
    next: (f: { word: string; known: string }) => `Write one of ${f.known}.`,
  },
  NotWatched: {
    message: (f: { kind: string; name: string; where: string }) => `no operator watches ${f.kind} ${f.name} in ${f.where}`,
    next: 'Look with plumb get devices; for another place use --store FOLDER, or -n NAMESPACE in a cluster.',
  },
  NothingWatched: {
    message: (f: { where: string }) => `no operator watches a device in ${f.where}`,
    next: 'For another place use --store FOLDER, or -n NAMESPACE in a cluster.',
  },
  DevicesUnnamed: {
    message: () => 'no device is named',
    next: 'Name devices, select them by label (-l site=fra), or pass --all.',
  },
  NoFleet: {
    message: (f: { where: string }) => `there is no Fleet in ${f.where}`,
    next: 'Start plumb up, or apply a Fleet in the cluster and name its namespace with -n.',
  },
  NotAnswered: {
    message: (f: { what: string; seconds: number }) => `${f.what} was asked for, and no operator answered within ${f.seconds} s`,
    next: 'Look whether the operator runs: plumb logs. The request stays and is served when it comes back.',
  },
  PlanUnknown: {
    message: (f: { plan: string; where: string; names: string }) => `there is no ChangePlan ${f.plan} in ${f.where}`,
    next: (f: { plan: string; where: string; names: string }) =>
      f.names === '' ? 'None is open there: nothing waits for an answer.' : `Did you mean ${f.names}?`,
  },
  PlanEnded: {
    message: (f: { plan: string; phase: string; why: string; names: string }) =>
      `${f.plan} has ended: ${f.phase}${f.why === '' ? '' : `, ${f.why}`}`,
    next: (f: { plan: string; phase: string; why: string; names: string }) =>
      f.names === '' ? 'No later plan is open: nothing waits for an answer.' : `Look at what took its place: ${f.names}.`,
  },
  NothingConfirmed: {
    message: (f: { plan: string; phase: string }) => `${f.plan} confirmed nothing (${f.phase}), so there is nothing to take back`,
    next: 'To end a plan that has not begun: plumb reject, or plumb stop.',
  },
  GroupUnknown: {
    message: (f: { plan: string; text: string; found: number; known: string }) =>
      f.found > 1
        ? `${JSON.stringify(f.text)} begins ${f.found} effects of ${f.plan}`
        : `${f.plan} shows no effect ${JSON.stringify(f.text)}`,
    next: (f: { plan: string; text: string; found: number; known: string }) => `Write the first digits of one of them: ${f.known}.`,
  },
  ApprovalNotNeeded: {
    message: (f: { plan: string }) => `${f.plan} is enforced: it begins without an approval as soon as it may`,
    next: 'Reject it with plumb reject, or let it begin outside of change windows with --override-windows and --reason.',
  },
  OverrideUnexplained: {
    message: () => 'an override of change windows needs a reason',
    next: 'Say why it cannot wait: --override-windows --reason TEXT.',
  },
  DurationUnreadable: {
    message: (f: { text: string }) => `${JSON.stringify(f.text)} is no duration`,
    next: 'Write a number and s, m, h or d, for example 90s, 2h or 3d.',
  },
  NetBoxUnnamed: {
    message: () => 'no NetBox is named',
    next: 'Name it with --netbox https://netbox.example.net or PLUMB_NETBOX_URL, and give its token as PLUMB_NETBOX_TOKEN.',
  },
  Unexpected: {
    message: (f: { what: string }) => `this is a fault of Plumbline, not of your files: ${f.what}`,
    next: 'Nothing more is done. Run it again with PLUMB_DEBUG=1 to see where it happened, and send us what it prints.',
  },
});
