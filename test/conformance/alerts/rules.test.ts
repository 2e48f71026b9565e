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

const groups = { drift: drifts, reads, git, operator: operators, region: regions };

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

  it('of drift: device, site, who, since when, and the command to type', async () => {
    const series = {
      ...healthy,
      [device('edge1', { verdict: 'Drifted', ...place })]: '1x30',
      [drift('edge1', { severity: 'critical', who: 'mona or pete', ...place })]: '2x30',
      'plumbline_drift_since_timestamp_seconds{device="edge1", namespace="net"}': '90x30',
    };
    const told = {
      labels: { device: 'edge1', site: 'fra', reason: 'Drifted', severity: 'page', ...place },
      annotations: annotated('DriftCritical', 'plumb why edge1 -n net', {
        summary: 'edge1 (fra): changed on the device by mona or pete; lines that differ: 2',
        verdict: 'Drifted',
        who: 'mona or pete',
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
});
