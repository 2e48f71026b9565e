import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { whyNoPrometheus } from '../../lab/prometheus.ts';
import { run } from '../../lab/shell.ts';
import { type Firing, rulesFile, type Series, whyOtherwise, whyToldOtherwise } from './promtool.ts';

const missing = whyNoPrometheus();
if (missing !== undefined) process.stderr.write(`skipped, the rules of alerts/: ${missing}\n`);

const day = 24 * 60;

function print(name: string, labels: Readonly<Record<string, string>>): string {
  return `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(', ')}}`;
}

/** The info series of a device; its reason is its verdict unless told. */
function device(name: string, labels: Readonly<Record<string, string>> = {}): string {
  const verdict = labels['verdict'] ?? 'InSync';
  return print('plumbline_device_info', {
    device: name,
    site: 'fra',
    lifecycle: 'Active',
    held: 'false',
    verdict,
    reason: verdict,
    ...labels,
  });
}

function drift(name: string, labels: Readonly<Record<string, string>> = {}): string {
  return print('plumbline_drift_lines', { device: name, site: 'fra', reason: 'Drifted', severity: 'warning', who: 'mona', ...labels });
}

const leader = { job: 'plumbline', instance: '192.0.2.1:9440' };
/** A running operator of which nothing else is to be said. */
const healthy: Series = {
  [print('plumbline_build_info', leader)]: '1x3000',
  'plumbline_git_revision_info{fleet="core"}': '1x3000',
};
const drifted = device('edge1', { verdict: 'Drifted' });
const unknown = (name: string, site = 'fra') => device(name, { site, verdict: 'Unknown', reason: 'Unreachable' });
const since = (name: string) => `plumbline_not_ready_since_timestamp_seconds{device="${name}"}`;
const fleet = (labels: Readonly<Record<string, string>>) => print('plumbline_fleet_info', { fleet: 'core', ready: 'False', ...labels });

interface Case {
  name: string;
  given: Series;
  /** What fires at a minute. Nothing else does. */
  fires: Readonly<Record<number, Firing>>;
  /** Instead of a healthy operator. */
  operator?: Series;
  /** Minutes that a value of `given` lasts. Default: one. */
  step?: number;
}

const drifts: readonly Case[] = [
  {
    name: 'a rogue neighbor pages at once, and is no ticket beside',
    given: { [drifted]: '1x30', [drift('edge1', { severity: 'critical' })]: '2x30' },
    fires: { 0: ['DriftCritical edge1 page'], 10: ['DriftCritical edge1 page'] },
  },
  {
    name: 'a changed description is a ticket after five minutes',
    given: { [drifted]: '1x30', [drift('edge1')]: '1x30' },
    fires: { 4: [], 6: ['Drift edge1 ticket'] },
  },
  {
    name: 'it resolves when the device was put back',
    given: { [drifted]: '1x10 stale', [drift('edge1')]: '1x10 stale', [device('edge1')]: '_x10 1x20' },
    fires: { 10: ['Drift edge1 ticket'], 12: [] },
  },
  {
    name: 'one alert stays one when somebody else is found to have done it',
    given: { [drifted]: '1x30', [drift('edge1', { who: 'unknown' })]: '1x10 stale', [drift('edge1')]: '_x11 1x20' },
    fires: { 10: ['Drift edge1 ticket'], 11: ['Drift edge1 ticket'], 12: ['Drift edge1 ticket'] },
  },
  {
    name: 'critical drift of a held device is a ticket: somebody is at it',
    given: {
      [device('edge1', { verdict: 'Drifted', reason: 'Held', held: 'true' })]: '1x30',
      [drift('edge1', { severity: 'critical' })]: '1x30',
    },
    fires: { 4: [], 6: ['Drift edge1 ticket'] },
  },
  {
    name: 'what is acknowledged alerts nobody, until it expires',
    given: {
      [drifted]: '1x90',
      [drift('edge1', { severity: 'critical' })]: '1x90',
      'plumbline_differences{device="edge1", site="fra", verdict="New", severity="warning"}': '1x90',
      'plumbline_acknowledged{device="edge1"}': '1x80 stale',
    },
    fires: { 10: [], 70: [], 82: ['DriftCritical edge1 page'] },
  },
  ...['Planned', 'Maintenance', 'Drained'].map((lifecycle) => ({
    name: `nothing of a device that is ${lifecycle}`,
    given: {
      [device('edge1', { verdict: 'Drifted', lifecycle })]: '1x30',
      [drift('edge1', { severity: 'critical' })]: '1x30',
      [device('edge2', { site: 'lon', verdict: 'Unknown', reason: 'Unreachable', lifecycle })]: '1x30',
      [since('edge2')]: '0x30',
      'plumbline_differences{device="edge1", site="fra", verdict="New", severity="warning"}': '1x90',
    },
    fires: { 10: [], 29: [] },
  })),
  {
    name: 'a device that is being decommissioned alerts like any other',
    given: { [device('edge1', { verdict: 'Drifted', lifecycle: 'Decommissioning' })]: '1x30', [drift('edge1')]: '1x30' },
    fires: { 6: ['Drift edge1 ticket'] },
  },
  {
    name: 'both moved is a ticket of its own kind',
    given: { [device('edge1', { verdict: 'Diverged' })]: '1x30', [drift('edge1', { reason: 'Diverged' })]: '1x30' },
    fires: { 4: [], 6: ['Diverged edge1 ticket'] },
  },
  {
    name: 'drift of a device that went dark stands, and so does that it is dark',
    given: { [unknown('edge1')]: '1x30', [device('edge2')]: '1x30', [since('edge1')]: '0x30', [drift('edge1')]: '1x30' },
    fires: { 20: ['Drift edge1 ticket', 'DeviceUnknown edge1 ticket'] },
  },
  {
    name: 'a new line that nobody claims is a ticket after an hour',
    given: { [device('edge1')]: '1x90', 'plumbline_differences{device="edge1", site="fra", verdict="New", severity="warning"}': '3x90' },
    fires: { 58: [], 61: ['NewLines edge1 ticket'] },
  },
  {
    name: 'a merge that waits for a day is a ticket, one that is held is not',
    step: 10,
    given: {
      [device('edge1', { verdict: 'Pending' })]: '1x150',
      [device('edge2', { verdict: 'Pending', reason: 'Held', held: 'true' })]: '_x100 1x50',
      [since('edge1')]: '0x150',
      [since('edge2')]: '0x150',
    },
    fires: { [day]: [], [day + 10]: ['ChangeWaiting edge1 ticket'] },
  },
  {
    name: 'a first contact that nobody adopts for a day is a ticket',
    step: 10,
    given: { [device('edge1', { verdict: 'Unadopted' })]: '1x150', [device('edge2')]: '1x150', [since('edge1')]: '0x150' },
    fires: { [day]: [], [day + 10]: ['DeviceUnadopted edge1 ticket'] },
  },
  {
    name: 'a hold that nobody ended for a day is a ticket, whatever the device does meanwhile',
    step: 10,
    given: {
      [device('edge1', { held: 'true' })]: '1x70 stale',
      [device('edge1', { held: 'true', verdict: 'Pending', reason: 'Held' })]: '_x71 1x100',
    },
    fires: { [day - 10]: [], [day + 10]: ['HoldForgotten edge1 ticket'] },
  },
];

const reads: readonly Case[] = [
  {
    name: 'a site of which no device is known pages once',
    given: { [unknown('edge1')]: '1x60', [unknown('edge2')]: '1x60', [since('edge1')]: '0x60', [since('edge2')]: '0x60' },
    fires: { 4: [], 6: ['SiteDark fra page'], 30: ['SiteDark fra page'] },
  },
  {
    name: 'a device alone is a ticket after a quarter of an hour',
    given: { [unknown('edge1')]: '1x60', [device('edge2')]: '1x60', [since('edge1')]: '0x60' },
    fires: { 15: [], 16: ['DeviceUnknown edge1 ticket'] },
  },
  {
    name: 'a device without a site is never a dark site',
    given: { [unknown('edge1', '')]: '1x60', [since('edge1')]: '0x60' },
    fires: { 16: ['DeviceUnknown edge1 ticket'] },
  },
  {
    name: 'a site that comes back device by device is quiet about the last ones for a while',
    given: {
      [unknown('edge1')]: '1x20 stale',
      [device('edge1')]: '_x21 1x60',
      [unknown('edge2')]: '1x80',
      [since('edge1')]: '0x20 stale',
      [since('edge2')]: '0x80',
    },
    fires: { 20: ['SiteDark fra page'], 22: [], 34: [], 37: ['DeviceUnknown edge2 ticket'] },
  },
  {
    name: 'devices that are suspended, invalid or leaving make no site dark and none bright',
    given: {
      [unknown('edge1')]: '1x30',
      [device('edge2', { verdict: 'Unknown', reason: 'Suspended' })]: '1x30',
      [device('edge3', { verdict: 'Unknown', reason: 'ApprovalRequired' })]: '1x30',
      [device('edge4', { site: 'lon', verdict: 'Unknown', reason: 'Suspended' })]: '1x30',
      [since('edge2')]: '0x30',
    },
    fires: { 6: ['SiteDark fra page'], 29: ['SiteDark fra page'] },
  },
  {
    name: 'when most sites are dark it is our own view that is, said before any of them',
    given: {
      [unknown('a', 'fra')]: '1x30',
      [unknown('b', 'lon')]: '1x30',
      [unknown('c', 'ams')]: '1x30',
      [device('d', { site: 'par' })]: '1x30',
    },
    fires: { 2: [], 4: ['FleetDark - page'], 6: ['FleetDark - page', 'SiteDark ams page', 'SiteDark fra page', 'SiteDark lon page'] },
  },
  {
    name: 'a device that Git cannot be rendered for is a ticket, not Unknown',
    given: { [device('edge1', { verdict: 'Unknown', reason: 'Invalid' })]: '1x30', [since('edge1')]: '0x30' },
    fires: { 4: [], 6: ['DeviceInvalid edge1 ticket'], 29: ['DeviceInvalid edge1 ticket'] },
  },
  {
    name: 'stopped logins are said at once and until they go on',
    given: { plumbline_logins_stopped: '0x5 1x5 0x5' },
    fires: { 5: [], 6: ['LoginsStopped - ticket'], 12: [] },
  },
  {
    name: 'a device of which nothing can be published is a ticket after five minutes, whoever tells it',
    given: { 'plumbline_device_unpublished{device="edge1"}': '1x20 stale', 'plumbline_device_unpublished{device="edge2"}': '1x3 stale' },
    fires: { 4: [], 6: ['DeviceUnpublished edge1 ticket'], 22: [] },
  },
  {
    name: 'sessions and subnets of which nothing can be published are one ticket after five minutes',
    given: { plumbline_mirrors_unpublished: '0x2 3x12 0x10' },
    fires: { 6: [], 10: ['MirrorsUnpublished - ticket'], 17: [] },
  },
  {
    name: 'devices that nobody reads any more are one ticket; a dark one is not among them',
    given: {
      [device('edge1')]: '1x60',
      [device('edge2')]: '1x60',
      [unknown('edge3')]: '1x60',
      [device('edge4')]: '1x60',
      'plumbline_last_read_timestamp_seconds{device="edge1"}': '0+60x60',
      'plumbline_last_read_timestamp_seconds{device="edge2"}': '0x60',
      'plumbline_last_read_timestamp_seconds{device="edge3"}': '0x60',
      'plumbline_read_interval_seconds{fleet="core"}': '300x60',
    },
    // edge4 was not read by this process at all.
    fires: { 4: [], 6: ['StaleReads - ticket'], 40: ['StaleReads - ticket'] },
  },
  {
    name: 'devices that are read in time are not',
    given: {
      [device('edge1')]: '1x60',
      'plumbline_last_read_timestamp_seconds{device="edge1"}': '0x5 300x5 600x5 900x20',
      'plumbline_read_interval_seconds{fleet="core"}': '300x60',
    },
    fires: { 10: [], 20: [], 30: [] },
  },
];

const git: readonly Case[] = [
  {
    name: 'a revision that is not taken is a ticket after ten minutes',
    given: { [fleet({ reason: 'Invalid' })]: '1x60' },
    fires: { 9: [], 11: ['FleetNotReady core ticket'] },
  },
  { name: 'a Fleet that is Ready is none', given: { [fleet({ ready: 'True', reason: 'InForce' })]: '1x60' }, fires: { 30: [] } },
  {
    name: 'devices that wait to be released are told once',
    given: { [fleet({ reason: 'ApprovalRequired' })]: '1x60', 'plumbline_releases_waiting{fleet="core"}': '12x20 0x20' },
    fires: { 4: [], 6: ['ReleasesWaiting core ticket'], 30: [] },
  },
  {
    name: 'a source that nobody asks is a ticket, one that is suspended is not',
    given: {
      [fleet({ ready: 'True', reason: 'InForce' })]: '1x60',
      'plumbline_git_last_fetch_timestamp_seconds{fleet="core"}': '0x60',
      'plumbline_git_interval_seconds{fleet="core"}': '60x60',
      'plumbline_git_last_fetch_timestamp_seconds{fleet="other"}': '0x60',
      'plumbline_git_interval_seconds{fleet="other"}': '60x60',
      [fleet({ fleet: 'other', ready: 'Unknown', reason: 'Suspended' })]: '1x60',
    },
    fires: { 13: [], 14: ['GitStale core ticket'] },
  },
  {
    name: 'a NetBox that cannot be read for half an hour is a ticket, whatever the reason, and none of a Fleet that is suspended',
    given: {
      'plumbline_netbox_info{fleet="core", version="4.7.3", reason="ok"}': '1x9 stale',
      'plumbline_netbox_info{fleet="core", version="4.7.3", reason="NetBoxUnreachable"}': '_x9 1x15 stale',
      'plumbline_netbox_info{fleet="core", version="4.7.3", reason="NetBoxForbidden"}': '_x25 1x40',
      'plumbline_netbox_info{fleet="other", version="", reason="NetBoxUnreachable"}': '1x60',
      [fleet({ fleet: 'other', ready: 'Unknown', reason: 'Suspended' })]: '1x60',
    },
    fires: { 38: [], 42: ['NetBoxUnread core ticket'] },
  },
  {
    name: 'what NetBox knows and Git does not is a ticket after an hour; what it does not know yet is one of the site after a day',
    step: 10,
    given: {
      [device('edge1')]: '1x200',
      [device('edge2')]: '1x200',
      'plumbline_record_differences{device="edge1", site="fra", record="Ahead", severity="warning"}': '1x30 stale',
      'plumbline_record_differences{device="edge1", site="fra", record="Behind", severity="info"}': '2x200',
      'plumbline_record_differences{device="edge2", site="fra", record="Missing", severity="info"}': '1x200',
    },
    fires: { 50: [], 70: ['RecordDisputed edge1 ticket'], 400: [], 1500: ['RecordBehind fra ticket'] },
  },
  {
    name: 'what NetBox says otherwise is no ticket while somebody looks after it',
    step: 10,
    given: {
      [device('edge1')]: '1x200',
      'plumbline_record_differences{device="edge1", site="fra", record="Conflict", severity="warning"}': '1x200',
      'plumbline_record_differences{device="edge1", site="fra", record="Behind", severity="info"}': '2x200',
      'plumbline_record_acknowledged{device="edge1"}': '1x30 stale',
    },
    fires: { 200: [], 380: ['RecordDisputed edge1 ticket'] },
  },
  {
    name: 'a Fleet that is suspended for a day is a ticket',
    step: 10,
    given: {
      [fleet({ ready: 'Unknown', reason: 'Suspended' })]: '1x150',
      'plumbline_fleet_since_timestamp_seconds{fleet="core"}': '0x150',
    },
    fires: { [day]: [], [day + 10]: ['FleetSuspended core ticket'] },
  },
];

const of = (name: string, labels: Readonly<Record<string, string>> = {}) => print(name, { ...leader, ...labels });
const other = { job: 'cert-manager', instance: '192.0.2.9:9402' };
const lease = (instance: string) => print('leader_election_master_status', { name: 'plumbline', namespace: 'net', instance });

const operators: readonly Case[] = [
  {
    name: 'another replica takes over: what fires goes on firing',
    operator: {
      [print('plumbline_build_info', { instance: 'a' })]: '1x10 stale',
      [print('plumbline_build_info', { instance: 'b' })]: '1x60',
      'plumbline_git_revision_info{fleet="core", instance="a"}': '1x10 stale',
      'plumbline_git_revision_info{fleet="core", instance="b"}': '_x13 1x60',
    },
    given: {
      [device('edge1', { verdict: 'Drifted', instance: 'a' })]: '1x10 stale',
      [device('edge1', { verdict: 'Drifted', instance: 'b' })]: '_x13 1x60',
      [drift('edge1', { instance: 'a' })]: '1x10 stale',
      [drift('edge1', { instance: 'b' })]: '_x13 1x60',
    },
    fires: { 10: ['Drift edge1 ticket'], 11: ['Drift edge1 ticket'], 12: ['Drift edge1 ticket'], 14: ['Drift edge1 ticket'] },
  },
  {
    name: 'two that tell of the same device for a moment are one alert',
    given: {
      [device('edge1', { verdict: 'Drifted', instance: 'a' })]: '1x30',
      [device('edge1', { verdict: 'Drifted', reason: 'Held', held: 'true', instance: 'b' })]: '1x30',
      [drift('edge1', { instance: 'a', who: 'unknown' })]: '1x30',
      [drift('edge1', { instance: 'b' })]: '1x30',
      [device('edge2', { verdict: 'Unknown', reason: 'Unreachable', instance: 'a' })]: '1x30',
      [device('edge2', { verdict: 'Unknown', reason: 'Unreachable', held: 'true', instance: 'b' })]: '1x30',
      [since('edge2')]: '0x30',
    },
    fires: { 10: ['Drift edge1 ticket'], 20: ['Drift edge1 ticket', 'DeviceUnknown edge2 ticket'] },
  },
  {
    name: 'when none answers, that is a ticket, and what was known stands for a day',
    step: 5,
    operator: {
      [print('plumbline_build_info', leader)]: '1x2 stale',
      'plumbline_git_revision_info{fleet="core"}': '1x2 stale',
    },
    given: {
      [drifted]: '1x2 stale',
      [drift('edge1', { severity: 'critical' })]: '1x2 stale',
      [device('edge2', { verdict: 'Unknown', reason: 'Invalid' })]: '1x2 stale',
    },
    fires: {
      15: ['DriftCritical edge1 page', 'DeviceInvalid edge2 ticket'],
      20: ['DriftCritical edge1 page', 'DeviceInvalid edge2 ticket', 'OperatorDown - ticket'],
      [day]: ['DriftCritical edge1 page', 'DeviceInvalid edge2 ticket', 'OperatorDown - ticket'],
      [day + 20]: ['OperatorDown - ticket'],
    },
  },
  {
    name: 'a device that was released while somebody leads is gone at once',
    given: { [drifted]: '1x10 stale', [drift('edge1')]: '1x10 stale' },
    fires: { 10: ['Drift edge1 ticket'], 11: [] },
  },
  {
    name: 'a lease without a holder is a ticket, one that was handed over is not',
    given: { [lease('a')]: '1x10 0x60', [lease('b')]: '0x11 1x20 0x60' },
    fires: { 12: [], 20: [], 33: [], 35: ['NoLeader plumbline ticket'] },
  },
  {
    name: 'so is a lease of which every replica is gone, for six hours',
    step: 5,
    given: { [lease('a')]: '1x2 stale' },
    fires: { 10: [], 20: ['NoLeader plumbline ticket'], 400: [] },
  },
  {
    name: 'leases of other operators are no business of ours',
    given: { [print('leader_election_master_status', { name: 'cert-manager', namespace: 'net' })]: '0x60' },
    fires: { 30: [] },
  },
  {
    name: 'baselines that the store lost are one ticket',
    given: { 'plumbline_artifacts_lost{device="edge1"}': '1x30', 'plumbline_artifacts_lost{device="edge2"}': '1x30' },
    fires: { 1: ['ArtifactsLost - ticket'] },
  },
  {
    name: 'a store that was swapped for an empty one is a ticket',
    given: Object.fromEntries(
      ['edge1', 'edge2', 'edge3'].flatMap((name) => [
        [device(name), '1x10 stale'],
        [device(name, { verdict: 'Unadopted' }), '_x11 1x60'],
      ]),
    ),
    fires: { 15: [], 18: ['BaselinesLost - ticket'] },
  },
  {
    name: 'first contacts with new devices are not',
    given: {
      [device('edge1', { verdict: 'Unadopted' })]: '1x60',
      [device('edge2', { verdict: 'Unadopted' })]: '1x60',
      [device('edge3')]: '1x60',
    },
    fires: { 30: [] },
  },
  {
    name: 'reconciliations that fail are a ticket, those of other operators are not',
    given: {
      [of('controller_runtime_reconcile_errors_total', { controller: 'device' })]: '0+2x60',
      [of('controller_runtime_reconcile_total', { controller: 'device', result: 'success' })]: '0+10x60',
      [print('controller_runtime_reconcile_errors_total', { ...other, controller: 'certificates' })]: '0+9x60',
      [print('controller_runtime_reconcile_total', { ...other, controller: 'certificates' })]: '0+10x60',
    },
    fires: { 3: [], 20: ['ReconcileErrors device ticket'] },
  },
  {
    name: 'one in a hundred is not',
    given: {
      [of('controller_runtime_reconcile_errors_total', { controller: 'device' })]: '0+1x60',
      [of('controller_runtime_reconcile_total', { controller: 'device', result: 'success' })]: '0+100x60',
    },
    fires: { 30: [] },
  },
  {
    name: 'a worker that does not come to an end is a ticket',
    given: {
      [of('workqueue_longest_running_processor_seconds', { name: 'device' })]: '0+60x60',
      [print('workqueue_longest_running_processor_seconds', { ...other, name: 'orders' })]: '0+60x60',
    },
    fires: { 15: [], 18: ['WorkerStuck device ticket'] },
  },
  {
    name: 'a watch that breaks again and again is a ticket, one that ends in order is not',
    given: {
      'plumbline_kube_watch_restarts_total{resource="devices", why="error"}': '0+1x60',
      'plumbline_kube_watch_restarts_total{resource="fleets", why="ended"}': '0+1x60',
    },
    fires: { 8: [], 20: ['WatchStalled devices ticket'] },
  },
  {
    name: 'an API server that refuses is a ticket; conflicts and what is not there are not refusals',
    given: {
      [of('rest_client_requests_total', { code: '200', method: 'GET' })]: '0+60x30',
      [of('rest_client_requests_total', { code: '409', method: 'PUT' })]: '0+60x30',
      [of('rest_client_requests_total', { code: '404', method: 'GET' })]: '0+60x30',
      [of('rest_client_requests_total', { code: '429', method: 'PUT' })]: '0x10 0+60x30',
    },
    fires: { 10: [], 25: ['ApiRefuses - ticket'] },
  },
];

const pool = (metric: 'leases' | 'pool_size', server = 'dhcp1', labels = {}) =>
  print(`plumbline_dhcp_${metric}`, { device: server, family: 'IPv4', id: '10', subnet: 'office', of: 'address', ...labels });
const dhcp1 = { [device('dhcp1')]: '1x300', [pool('pool_size')]: '100x300' };

const dhcp: readonly Case[] = [
  {
    name: 'a pool without an address pages after five minutes, and resolves with the first free one',
    given: { ...dhcp1, [pool('leases')]: '100x20 99x60' },
    fires: { 4: [], 6: ['DHCPPoolExhausted office page'], 22: [] },
  },
  {
    name: 'a pair that counts the same leases pages once',
    given: {
      ...dhcp1,
      [device('dhcp2')]: '1x60',
      [pool('pool_size', 'dhcp2')]: '100x60',
      [pool('leases')]: '100x60',
      [pool('leases', 'dhcp2')]: '100x60',
    },
    fires: { 10: ['DHCPPoolExhausted office page'] },
  },
  {
    name: 'a pool that will be full within four hours is a ticket, and none when it is full',
    given: { ...dhcp1, [pool('leases')]: '76+0.2x119 100x60' },
    fires: { 10: [], 60: ['DHCPPoolFilling office ticket'], 130: ['DHCPPoolExhausted office page'] },
  },
  { name: 'a pool that is nearly full and stays so is nothing', given: { ...dhcp1, [pool('leases')]: '95x300' }, fires: { 120: [] } },
  { name: 'a pool that fills fast from nothing is nothing yet', given: { ...dhcp1, [pool('leases')]: '0+1x60' }, fires: { 40: [] } },
  {
    name: 'a subnet that is not in Git, and a server in maintenance, are nothing',
    given: {
      [device('dhcp1', { lifecycle: 'Maintenance' })]: '1x60',
      [device('dhcp3')]: '1x60',
      [pool('pool_size')]: '100x60',
      [pool('leases')]: '100x60',
      [pool('pool_size', 'dhcp3', { subnet: '' })]: '100x60',
      [pool('leases', 'dhcp3', { subnet: '' })]: '100x60',
    },
    fires: { 30: [] },
  },
];

const plan = (labels: Readonly<Record<string, string>> = {}) =>
  print('plumbline_plan_info', {
    plan: 'p1',
    mode: 'Approve',
    cause: 'Desired',
    phase: 'Running',
    reason: 'Running',
    risk: 'low',
    ...labels,
  });
const planSince = (name = 'p1', more = {}) => print('plumbline_plan_since_timestamp_seconds', { plan: name, ...more });
const inPlan = (name: string, state: string, labels = {}) =>
  print('plumbline_device_plan_info', { device: name, plan: 'p1', state, ...labels });
const hold = (name: string, where: string) => print('plumbline_held_until_timestamp_seconds', { device: name, where });
const failed = (reason: string) => plan({ phase: 'Failed', reason });
const heldBy = () => device('edge1', { verdict: 'Drifted', reason: 'Held', held: 'true', mode: 'Enforce' });

/** Two operators of one namespace, each for its own devices: what one says must not stand in for the other. */
const north = { namespace: 'net', region: 'site=fra' };
const south = { namespace: 'net', region: 'site=nyc' };
const leads = (place: Readonly<Record<string, string>>, from: { job: string; instance: string }, values: string): Series => ({
  [print('plumbline_build_info', { ...from, ...place })]: '1x3000',
  [print('plumbline_git_revision_info', { fleet: 'core', ...place })]: values,
});
const pods = [leader, { job: 'plumbline', instance: '192.0.2.2:9440' }] as const;
const both = { ...leads(north, pods[0], '1x3000'), ...leads(south, pods[1], '1x3000') };
const inBoth = (metric: string, values: string): Series =>
  Object.fromEntries([north, south].map((place) => [print(metric, { fleet: 'core', ...place }), values]));
const inRegion = (place: Readonly<Record<string, string>>, metric: string, more: Readonly<Record<string, string>>) =>
  print(metric, { ...more, ...place });

const regions: readonly Case[] = [
  {
    name: 'what a plan left stands while the operator of its region does not lead, and goes with it where one does',
    operator: { ...leads(north, pods[0], '1x10 stale'), ...leads(south, pods[1], '1x3000') },
    given: {
      [plan({ phase: 'Failed', reason: 'ApplyFailed', ...north })]: '1x10 stale',
      [plan({ plan: 'p9', phase: 'Failed', reason: 'ApplyFailed', ...south })]: '1x10 stale',
    },
    fires: { 10: ['PlanFailed p1 ticket', 'PlanFailed p9 ticket'], 60: ['PlanFailed p1 ticket'] },
  },
  {
    name: 'drift stands while the operator of its region does not lead, though the other one does',
    operator: { ...leads(north, pods[0], '1x10 stale'), ...leads(south, pods[1], '1x3000') },
    given: {
      [device('edge1', { verdict: 'Drifted', ...north })]: '1x10 stale',
      [drift('edge1', north)]: '1x10 stale',
      [device('edge9', { site: 'nyc', ...south })]: '1x100',
    },
    fires: { 10: ['Drift edge1 ticket'], 60: ['Drift edge1 ticket'] },
  },
  {
    name: 'what is put back is put back in the region that still has a leader',
    operator: both,
    given: { [device('edge1', { verdict: 'Drifted', ...north })]: '1x10 stale', [drift('edge1', north)]: '1x10 stale' },
    fires: { 10: ['Drift edge1 ticket'], 12: [] },
  },
  {
    name: 'a device that went over to another region alerts once',
    operator: both,
    given: {
      [device('edge1', { verdict: 'Drifted', ...north })]: '1x10 stale',
      [drift('edge1', north)]: '1x10 stale',
      [device('edge1', { verdict: 'Drifted', ...south })]: '_x8 1x60',
      [drift('edge1', south)]: '_x8 1x60',
    },
    fires: { 30: ['Drift edge1 ticket'] },
  },
  {
    name: 'a source that one region does not look at any more is a ticket, though the other one does',
    operator: both,
    given: {
      ...inBoth('plumbline_git_interval_seconds', '60x60'),
      [inRegion(north, 'plumbline_fleet_info', { fleet: 'core', ready: 'True', reason: 'InForce' })]: '1x60',
      [inRegion(south, 'plumbline_fleet_info', { fleet: 'core', ready: 'True', reason: 'InForce' })]: '1x60',
      [inRegion(north, 'plumbline_git_last_fetch_timestamp_seconds', { fleet: 'core' })]: '0x60',
      [inRegion(south, 'plumbline_git_last_fetch_timestamp_seconds', { fleet: 'core' })]: '0+60x60',
    },
    fires: { 10: [], 15: ['GitStale core ticket'] },
  },
  {
    name: 'an operator of one region that does not keep up is a ticket, though the other one does',
    operator: both,
    given: {
      ...inBoth('plumbline_read_interval_seconds', '300x60'),
      [device('edge1', north)]: '1x60',
      [device('edge9', { site: 'nyc', ...south })]: '1x60',
      [inRegion(north, 'plumbline_last_read_timestamp_seconds', { device: 'edge1' })]: '0x60',
      [inRegion(south, 'plumbline_last_read_timestamp_seconds', { device: 'edge9' })]: '0+60x60',
    },
    fires: { 10: [], 30: ['StaleReads - ticket'] },
  },
  {
    name: 'reconciliations that fail in a small region are not lost among those of a large one',
    operator: both,
    given: {
      [of('controller_runtime_reconcile_errors_total', { controller: 'device', ...north })]: '0+2x60',
      [of('controller_runtime_reconcile_total', { controller: 'device', result: 'error', ...north })]: '0+2x60',
      [print('controller_runtime_reconcile_total', { ...pods[1], controller: 'device', result: 'success', ...south })]: '0+1000x60',
    },
    fires: { 3: [], 20: ['ReconcileErrors device ticket'] },
  },
];

const changes: readonly Case[] = [
  {
    name: 'a change whose end nobody saw is one page of its plan, also while its devices are dark',
    given: {
      [plan({ reason: 'OutcomeUnknown' })]: '1x30 stale',
      [unknown('edge1')]: '1x60',
      [device('edge2')]: '1x60',
      [inPlan('edge1', 'OutcomeUnknown')]: '1x30 stale',
      [print('plumbline_change_open_since_timestamp_seconds', { device: 'edge1', state: 'OutcomeUnknown' })]: '0x30 stale',
    },
    fires: { 0: [], 2: ['OutcomeUnknown p1 page'], 29: ['OutcomeUnknown p1 page'], 33: [] },
  },
  {
    name: 'one of no plan is a page of its device; one that is at work is none',
    given: {
      [print('plumbline_change_open_since_timestamp_seconds', { device: 'edge1', state: 'OutcomeUnknown' })]: '0x30',
      [print('plumbline_change_open_since_timestamp_seconds', { device: 'edge2', state: 'AtWork' })]: '0x30',
    },
    fires: { 0: [], 2: ['OutcomeUnknown edge1 page'] },
  },
  {
    name: 'a change that was not taken back whole is one page, and what differs on its devices is not told beside',
    given: {
      [failed('RollbackIncomplete')]: '1x30 stale',
      [drifted]: '1x60',
      [drift('edge1', { severity: 'critical' })]: '1x60',
      [inPlan('edge1', 'RollbackIncomplete')]: '1x30 stale',
    },
    // Whoever settled the plan and left the drift is told of that.
    fires: { 0: ['RollbackIncomplete p1 page'], 29: ['RollbackIncomplete p1 page'], 33: ['DriftCritical edge1 page'] },
  },
  {
    name: 'devices of which some are new and others old are the same page',
    given: {
      [failed('RollbackIncomplete')]: '1x30',
      [inPlan('edge1', 'PartiallyApplied')]: '1x30',
      [inPlan('edge2', 'PartiallyApplied')]: '1x30',
    },
    fires: { 1: ['RollbackIncomplete p1 page'] },
  },
  {
    name: 'a device that stays drained is a page of its own, and its plan is none beside',
    given: {
      [failed('RollbackIncomplete')]: '1x60',
      [drifted]: '1x60',
      [drift('edge1')]: '1x60',
      [inPlan('edge1', 'DrainStuck')]: '1x60',
      [inPlan('edge1', 'Waiting', { plan: 'p2' })]: '_x20 1x60',
      [plan({ plan: 'p2', phase: 'Proposed', reason: 'ApprovalRequired' })]: '_x20 1x60',
    },
    fires: { 0: ['DrainStuck edge1 page'], 50: ['DrainStuck edge1 page'] },
  },
  {
    name: 'a device that stays drained does not hide another one of which half is left',
    given: {
      [failed('RollbackIncomplete')]: '1x60',
      [device('edge1', { verdict: 'Drifted' })]: '1x60',
      [inPlan('edge1', 'DrainStuck')]: '1x60',
      [inPlan('edge2', 'RollbackIncomplete')]: '1x60',
    },
    fires: { 1: ['DrainStuck edge1 page', 'RollbackIncomplete p1 page'] },
  },
  {
    name: 'a device that is Drained in Git may stay drained',
    given: {
      [failed('RollbackIncomplete')]: '1x60',
      [device('edge1', { verdict: 'Drifted', lifecycle: 'Drained' })]: '1x60',
      [inPlan('edge1', 'DrainStuck')]: '1x60',
    },
    fires: { 1: [] },
  },
  {
    name: 'an enforced device that somebody changed is one page until somebody holds it',
    given: {
      [heldBy()]: '1x300',
      [hold('edge1', 'Drift')]: '7200x60 stale',
      [hold('edge1', 'Object')]: '_x61 100000x300',
      [drift('edge1')]: '1x300',
    },
    fires: { 0: ['EnforcedDrift edge1 page'], 30: ['EnforcedDrift edge1 page'], 70: ['Drift edge1 ticket'] },
  },
  {
    name: 'a neighbor that was added there is the same page',
    given: {
      [heldBy()]: '1x60',
      [hold('edge1', 'Drift')]: '7200x60',
      [drift('edge1', { severity: 'critical' })]: '1x60',
    },
    fires: { 0: ['EnforcedDrift edge1 page'], 30: ['EnforcedDrift edge1 page'] },
  },
  {
    name: 'it ends when the device was put right, and is none where somebody looks after it',
    given: {
      [heldBy()]: '1x60',
      [hold('edge1', 'Drift')]: '7200x60',
      [drift('edge1')]: '1x60',
      'plumbline_acknowledged{device="edge1"}': '_x20 1x60',
    },
    fires: { 10: ['EnforcedDrift edge1 page'], 21: [] },
  },
  {
    name: 'a plan that failed is one ticket, however many of its devices were rolled back, until they are put right',
    given: {
      [failed('ApplyFailed')]: '1x20 stale',
      [device('edge1', { verdict: 'Pending', reason: 'Quarantined' })]: '1x60',
      [device('edge2', { verdict: 'Pending', reason: 'ApprovalRequired' })]: '1x60',
      [inPlan('edge1', 'RolledBack')]: '1x20 stale',
      [inPlan('edge2', 'NotBegun')]: '1x20 stale',
    },
    fires: { 1: ['PlanFailed p1 ticket'], 22: [] },
  },
  {
    name: 'a plan that waits for people for a day is one ticket, and its devices are none',
    step: 10,
    given: {
      [plan({ phase: 'Proposed', reason: 'ApprovalRequired' })]: '1x200',
      [planSince()]: '0x200',
      ...Object.fromEntries(
        ['edge1', 'edge2'].flatMap((name) => [
          [device(name, { verdict: 'Pending', reason: 'ApprovalRequired' }), '1x200'],
          [since(name), '0x200'],
          [inPlan(name, 'Waiting'), '1x200'],
        ]),
      ),
      [device('edge3', { verdict: 'Pending' })]: '1x200',
      [since('edge3')]: '0x200',
    },
    fires: { [day]: [], [day + 10]: ['PlanWaiting p1 ticket', 'ChangeWaiting edge3 ticket'] },
  },
  {
    name: 'so is one that somebody paused, or that began and waits for more people; one that waits for its window is none',
    step: 10,
    given: {
      [plan({ phase: 'Paused', reason: 'Paused' })]: '1x200',
      [plan({ plan: 'p2', reason: 'ApprovalRequired' })]: '1x200',
      [plan({ plan: 'p3', phase: 'Waiting', reason: 'WindowClosed' })]: '1x200',
      [device('edge1', { verdict: 'Pending', reason: 'WindowClosed' })]: '1x200',
      [since('edge1')]: '0x200',
      [inPlan('edge1', 'Waiting', { plan: 'p3' })]: '1x200',
      ...Object.fromEntries(['p1', 'p2', 'p3'].map((name) => [planSince(name), '0x200'])),
    },
    fires: { [day]: [], [day + 10]: ['PlanWaiting p1 ticket', 'PlanWaiting p2 ticket'] },
  },
  {
    name: 'a rollout that has not moved for an hour is a ticket; one that moves, is watched or has another window is none',
    given: {
      [plan({ reason: 'BudgetExhausted' })]: '1x200',
      [planSince()]: '0x90 5460x110',
      [plan({ plan: 'p2' })]: '1x200',
      [planSince('p2')]: '0+60x200',
      [plan({ plan: 'p3' })]: '1x200',
      [planSince('p3')]: '14400x200',
      [plan({ plan: 'p4', reason: 'WindowClosed' })]: '1x200',
      [planSince('p4')]: '0x200',
    },
    fires: { 60: [], 62: ['RolloutStuck p1 ticket'], 92: [], 150: [], 153: ['RolloutStuck p1 ticket'] },
  },
  {
    name: 'a rollout that moved is not called stuck by what the leader before said of it',
    given: {
      [plan()]: '1x200',
      [planSince('p1', { pod: 'a' })]: '0x50 stale',
      [planSince('p1', { pod: 'b' })]: '_x51 3060x200',
    },
    fires: { 62: [], 100: [], 113: ['RolloutStuck p1 ticket'] },
  },
  {
    name: 'a device that was taken back is a ticket after a week, and no forgotten hold before',
    step: 60,
    given: {
      [device('edge1', { verdict: 'Pending', reason: 'Held', held: 'true' })]: '1x200',
      [hold('edge1', 'Rollback')]: '9999999999x200',
      [print('plumbline_pinned_since_timestamp_seconds', { device: 'edge1', plan: 'p1' })]: '0x200',
    },
    fires: { [7 * day]: [], [7 * day + 60]: ['PinForgotten edge1 ticket'] },
  },
  {
    name: 'what a plan left stands while nobody leads, and nothing of its devices is told instead',
    operator: {
      [print('plumbline_build_info', leader)]: '1x3000',
      'plumbline_git_revision_info{fleet="core"}': '1x10 stale',
    },
    given: {
      [failed('RollbackIncomplete')]: '1x10 stale',
      [inPlan('edge1', 'RollbackIncomplete')]: '1x10 stale',
      [drifted]: '1x10 stale',
      [drift('edge1')]: '1x10 stale',
      [heldBy().replaceAll('edge1', 'edge2')]: '1x10 stale',
      [hold('edge2', 'Drift')]: '7200x10 stale',
      [drift('edge2')]: '1x10 stale',
    },
    fires: {
      5: ['RollbackIncomplete p1 page', 'EnforcedDrift edge2 page'],
      60: ['RollbackIncomplete p1 page', 'EnforcedDrift edge2 page'],
    },
  },
];

const groups = { drift: drifts, dhcp, change: changes, reads, git, operator: operators, region: regions };

describe.skipIf(missing !== undefined)('the rules of alerts/', () => {
  it('are accepted by promtool', async () => {
    expect(await run(['promtool', 'check', 'rules', rulesFile])).toContain('SUCCESS');
  });

  describe.each(Object.entries(groups))('%s', (_group, cases) => {
    it.concurrent.each(cases)('$name', async ({ given, fires, operator = healthy, step }) => {
      expect(await whyOtherwise({ ...operator, ...given }, fires, step)).toBeUndefined();
    });
  });

  it('are each seen to fire in one of these cases, and to be quiet in another', () => {
    const { groups: ours } = parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: { alert?: string }[] }[] };
    const alerts = ours.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
    const seen = new Set(
      Object.values(groups)
        .flat()
        .flatMap(({ fires }) =>
          Object.values(fires)
            .flat()
            .map((each) => each.split(' ')[0]),
        ),
    );
    expect(seen).toEqual(new Set(alerts));
  });
});

describe.skipIf(missing !== undefined)('what an alert tells', () => {
  const place = { namespace: 'net' };
  const annotated = (alert: string, next: string, rest: Readonly<Record<string, string>>) => ({
    next,
    runbook_url: `https://docs.example.net/plumbline/alerts/${alert}.md`,
    ...rest,
  });

  const driftLine = (n: string, line: string) => print('plumbline_drift_line_info', { device: 'edge1', n, line, ...place });
  const neighborOf = (neighbor: string) =>
    print('plumbline_bgp_neighbor_established', { device: 'edge1', vrf: 'default', neighbor, family: 'ipv4-unicast', ...place });

  it('of drift: device, site, the lines, who, since when, what is down, the last plan, and the command to type', async () => {
    const series = {
      ...healthy,
      [device('edge1', { verdict: 'Drifted', ...place })]: '1x30',
      [drift('edge1', { severity: 'critical', who: 'mona or pete', ...place })]: '2x30',
      'plumbline_drift_since_timestamp_seconds{device="edge1", namespace="net"}': '90x30',
      [driftLine('2', 'router bgp 64496 > gone: bgp router-id 192.0.2.1')]: '1x30',
      [driftLine('1', 'router bgp 64496 > neighbor 192.0.2.66 password <secret:hmac-a>')]: '1x30',
      // Another replica tells the same for a moment, another device something else.
      [print('plumbline_drift_line_info', {
        device: 'edge1',
        n: '2',
        line: 'router bgp 64496 > gone: bgp router-id 192.0.2.1',
        pod: 'b',
        ...place,
      })]: '1x30',
      [print('plumbline_drift_line_info', { device: 'edge2', n: '1', line: 'log syslog', ...place })]: '1x30',
      [neighborOf('192.0.2.66')]: '0x30',
      [neighborOf('192.0.2.2')]: '1x30',
      [inPlan('edge1', 'Confirmed', place)]: '1x30',
    };
    const told = {
      labels: { device: 'edge1', site: 'fra', reason: 'Drifted', severity: 'page', ...place },
      annotations: annotated('DriftCritical', 'plumb why edge1 -n net', {
        summary: 'edge1 (fra): changed on the device by mona or pete; lines that differ: 2',
        verdict: 'Drifted',
        who: 'mona or pete',
        lines: 'router bgp 64496 > neighbor 192.0.2.66 password <secret:hmac-a> | router bgp 64496 > gone: bgp router-id 192.0.2.1',
        traffic: 'BGP sessions of the device that are down, by family: 1',
        plan: 'p1',
        since: '1970-01-01 00:01:30 +0000 UTC',
      }),
    };
    expect(await whyToldOtherwise(series, 2, 'DriftCritical', [told])).toBeUndefined();
  });

  it('under plumb up: the same without a namespace', async () => {
    const series = {
      ...healthy,
      [drifted]: '1x30',
      [drift('edge1')]: '1x30',
      'plumbline_drift_since_timestamp_seconds{device="edge1"}': '90x30',
    };
    const told = {
      labels: { device: 'edge1', site: 'fra', reason: 'Drifted', severity: 'ticket' },
      annotations: annotated('Drift', 'plumb why edge1', {
        summary: 'edge1 (fra): changed on the device by mona; lines that differ: 1',
        verdict: 'Drifted',
        who: 'mona',
        // Nobody has read it yet, and no plan had it: nothing is claimed.
        lines: '',
        traffic: '',
        plan: '',
        since: '1970-01-01 00:01:30 +0000 UTC',
      }),
    };
    expect(await whyToldOtherwise(series, 10, 'Drift', [told])).toBeUndefined();
  });

  it('of a dark site: since when the last of its devices is', async () => {
    const series = {
      ...healthy,
      [unknown('edge1')]: '1x30',
      [unknown('edge2')]: '1x30',
      [since('edge1')]: '60x30',
      [since('edge2')]: '120x30',
    };
    const told = {
      labels: { site: 'fra', severity: 'page' },
      annotations: annotated('SiteDark', 'plumb status fra', {
        summary: 'fra: none of its devices can be judged; devices: 2',
        verdict: 'Unknown',
        since: '1970-01-01 00:02:00 +0000 UTC',
      }),
    };
    expect(await whyToldOtherwise(series, 10, 'SiteDark', [told])).toBeUndefined();
  });

  it('of a device that is Unknown: why', async () => {
    const series = { ...healthy, [unknown('edge1')]: '1x30', [device('edge2')]: '1x30', [since('edge1')]: '60x30' };
    const told = {
      labels: { device: 'edge1', site: 'fra', reason: 'Unreachable', severity: 'ticket' },
      annotations: annotated('DeviceUnknown', 'plumb why edge1', {
        summary: 'edge1 (fra): cannot be judged: Unreachable',
        verdict: 'Unknown',
        since: '1970-01-01 00:01:00 +0000 UTC',
      }),
    };
    expect(await whyToldOtherwise(series, 20, 'DeviceUnknown', [told])).toBeUndefined();
  });

  it('of a device that is enforced: who, since when, until when it is left alone, and what to type for either', async () => {
    const series = {
      ...healthy,
      [device('edge1', { verdict: 'Drifted', reason: 'Held', held: 'true', ...place })]: '1x30',
      [drift('edge1', { severity: 'critical', ...place })]: '1x30',
      [print('plumbline_held_until_timestamp_seconds', { device: 'edge1', where: 'Drift', ...place })]: '7290x30',
      'plumbline_drift_since_timestamp_seconds{device="edge1", namespace="net"}': '90x30',
      [inPlan('edge1', 'Confirmed', place)]: '1x30',
    };
    const told = {
      labels: { device: 'edge1', site: 'fra', reason: 'Drifted', severity: 'page', ...place },
      annotations: annotated('EnforcedDrift', 'plumb why edge1 -n net', {
        summary: 'edge1 (fra): changed on the device by mona; lines that differ: 1',
        verdict: 'Drifted',
        who: 'mona',
        since: '1970-01-01 00:01:30 +0000 UTC',
        lines: '',
        traffic: '',
        until: '1970-01-01 02:01:30 +0000 UTC',
        plan: 'p1',
        hold: 'plumb hold edge1 --reason TEXT -n net',
        resume: 'plumb resume edge1 -n net',
      }),
    };
    expect(await whyToldOtherwise(series, 2, 'EnforcedDrift', [told])).toBeUndefined();
  });

  it.each([
    { state: 'OutcomeUnknown', alert: 'OutcomeUnknown', says: 'p1: nobody has seen how a change ended; nothing further begins there' },
    {
      state: 'RollbackIncomplete',
      alert: 'RollbackIncomplete',
      says: 'p1: a change was not taken back whole, so devices hold neither all of the old nor all of the new',
    },
  ])('of a plan that ended in $state: its devices, the first of many, and no other', async ({ state, alert, says }) => {
    const many = ['g', 'f', 'e', 'd', 'c', 'b', 'a'];
    const series = {
      ...healthy,
      [plan({ phase: 'Failed', reason: state, ...place })]: '1x30',
      [planSince('p1', place)]: '60x30',
      ...Object.fromEntries(many.map((name) => [inPlan(name, state, place), '1x30'])),
      [inPlan('z', 'Confirmed', place)]: '1x30',
    };
    const told = {
      labels: { plan: 'p1', reason: state, severity: 'page', ...place },
      annotations: annotated(alert, 'plumb plan show p1 -n net', {
        summary: says,
        reason: state,
        devices: 'a, b, c, d, e and others; all: 7',
        plan: 'p1',
        since: '1970-01-01 00:01:00 +0000 UTC',
      }),
    };
    expect(await whyToldOtherwise(series, 5, alert, [told])).toBeUndefined();
  });

  it.each([
    { reason: 'ApprovalRequired', phase: 'Proposed', next: 'plumb approve p1' },
    { reason: 'Paused', phase: 'Paused', next: 'plumb continue p1' },
    { reason: 'BudgetExhausted', phase: 'Waiting', next: 'plumb plan show p1' },
  ])('of a plan that waits because of $reason: $next', async ({ reason, phase, next }) => {
    const series = {
      ...healthy,
      [plan({ phase, reason })]: '1x150',
      [planSince()]: '0x150',
      [inPlan('edge1', 'Waiting')]: '1x150',
    };
    const told = {
      labels: { plan: 'p1', reason, severity: 'ticket' },
      annotations: annotated('PlanWaiting', next, {
        summary: `p1: waits for a day (${reason})`,
        reason,
        devices: 'edge1',
        plan: 'p1',
        since: '1970-01-01 00:00:00 +0000 UTC',
      }),
    };
    expect(await whyToldOtherwise(series, day + 10, 'PlanWaiting', [told], 10)).toBeUndefined();
  });
});
