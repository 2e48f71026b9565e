import { defineMetrics } from '../lib/index.ts';

/** What the operator counts. Labels come from closed sets and the names of devices; a message is never one, and text of a device only where it is cut short. */
export const operatorMetrics = defineMetrics({
  plumbline_device_info: {
    type: 'gauge',
    // The first of the device gauges: it fills the others, which are read after it.
    computed: true,
    help: 'One per device, always 1: what is known of it now.',
    labels: ['device', 'site', 'platform', 'lifecycle', 'mode', 'verdict', 'reason', 'held', 'version'],
  },
  plumbline_reconcile_duration_seconds: {
    type: 'histogram',
    help: 'One look at a device or a Fleet, from taking it up to the published status.',
    labels: ['kind', 'result'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  plumbline_differences: {
    type: 'gauge',
    help: 'Owned lines that differ, by verdict and severity; New is a line that nothing in Git claims.',
    labels: ['device', 'site', 'verdict', 'severity'],
  },
  plumbline_record_differences: {
    type: 'gauge',
    help: 'Fields and objects of NetBox that are not what they should be, by class: Behind, Missing, Ahead, Conflict or Unknown.',
    labels: ['device', 'site', 'record', 'severity'],
  },
  plumbline_record_since_timestamp_seconds: {
    type: 'gauge',
    help: 'When the oldest difference of a class between NetBox and Git was first seen.',
    labels: ['device', 'record'],
  },
  plumbline_drift_lines: {
    type: 'gauge',
    help: 'Lines that somebody changed on a device: one series while there are any. reason: Drifted or Diverged; severity: the worst; who: as the device tells, or unknown.',
    labels: ['device', 'site', 'reason', 'severity', 'who'],
  },
  plumbline_drift_line_info: {
    type: 'gauge',
    help: 'The first lines that somebody changed on a device, the worst first, at most five of them: section and line, masked as in the report. Always 1.',
    labels: ['device', 'n', 'line'],
  },
  plumbline_drift_since_timestamp_seconds: {
    type: 'gauge',
    help: 'When the oldest difference that somebody made on the device was first seen.',
    labels: ['device'],
  },
  plumbline_not_ready_since_timestamp_seconds: {
    type: 'gauge',
    help: 'Since when Ready of a device is False, or since when it is Unknown.',
    labels: ['device'],
  },
  plumbline_device_unpublished: {
    type: 'gauge',
    help: '1 for a device whose objects the store refuses: nothing that is shown of it is of now.',
    labels: ['device'],
  },
  plumbline_mirrors_unpublished: {
    type: 'gauge',
    help: 'BGPSessions and DHCPSubnets that the store refuses: what is shown of them is old, or nothing.',
  },
  plumbline_acknowledged: { type: 'gauge', help: '1 while the differences of a device are acknowledged.', labels: ['device'] },
  plumbline_record_acknowledged: {
    type: 'gauge',
    help: '1 while what NetBox says otherwise of a device is acknowledged.',
    labels: ['device'],
  },
  plumbline_last_read_timestamp_seconds: { type: 'gauge', help: 'Last whole read of a device.', labels: ['device'] },
  plumbline_owned_lines: { type: 'gauge', help: 'Lines that Git wants on a device.', labels: ['device'] },
  plumbline_unmanaged_lines: { type: 'gauge', help: 'Lines on a device that nothing in Git claims.', labels: ['device'] },
  plumbline_bgp_neighbor_established: {
    type: 'gauge',
    help: '1 while the session is established in the family.',
    labels: ['device', 'vrf', 'neighbor', 'family'],
    listed: true,
  },
  plumbline_bgp_neighbor_accepted_prefixes: {
    type: 'gauge',
    help: 'Prefixes accepted from a neighbor.',
    labels: ['device', 'vrf', 'neighbor', 'family'],
    listed: true,
  },
  plumbline_bgp_neighbor_advertised_prefixes: {
    type: 'gauge',
    help: 'Prefixes advertised to a neighbor.',
    labels: ['device', 'vrf', 'neighbor', 'family'],
    listed: true,
  },
  plumbline_dhcp_pool_size: {
    type: 'gauge',
    help: 'Addresses (of="address") or prefixes (of="prefix") in the pools of a subnet, as a server counts. subnet: the DHCPSubnet, empty for one that is not in Git.',
    labels: ['device', 'family', 'id', 'subnet', 'of'],
  },
  plumbline_dhcp_leases: {
    type: 'gauge',
    help: 'Addresses or prefixes of a subnet that clients hold, as a server counts.',
    labels: ['device', 'family', 'id', 'subnet', 'of'],
  },
  plumbline_dhcp_declined: {
    type: 'gauge',
    help: 'Addresses of a subnet that clients refused because somebody else uses them.',
    labels: ['device', 'family', 'id', 'subnet', 'of'],
  },
  plumbline_held_until_timestamp_seconds: {
    type: 'gauge',
    help: 'Until when a device is left alone, +Inf without an end. where: Object or Device, somebody said so; Drift, somebody changed it; Rollback, somebody took it back.',
    labels: ['device', 'where'],
  },
  plumbline_pinned_since_timestamp_seconds: {
    type: 'gauge',
    help: 'When somebody took a device back from a plan: nothing of Git goes there until Git agrees.',
    labels: ['device', 'plan'],
  },
  plumbline_plan_info: {
    type: 'gauge',
    help: 'One per ChangePlan that has not ended, or that failed and whose devices nobody has put right, always 1: where it stands.',
    labels: ['plan', 'mode', 'cause', 'phase', 'reason', 'risk'],
  },
  plumbline_plan_since_timestamp_seconds: {
    type: 'gauge',
    help: 'Since when a ChangePlan stands where it stands; while a wave is watched, until when that is.',
    labels: ['plan'],
  },
  plumbline_plan_sets: {
    type: 'gauge',
    help: 'Sets of a ChangePlan by where they stand: Waiting, AtWork, Confirmed, or how they ended otherwise.',
    labels: ['plan', 'state'],
  },
  plumbline_device_plan_info: {
    type: 'gauge',
    help: 'The newest ChangePlan that a device is part of, and where its set stands there, always 1.',
    labels: ['device', 'plan', 'state'],
  },
  plumbline_change_open_since_timestamp_seconds: {
    type: 'gauge',
    help: 'When the change of a device began whose end nobody has seen. state: AtWork, or OutcomeUnknown.',
    labels: ['device', 'state'],
  },
  plumbline_changes_total: { type: 'counter', help: 'Changes of one set of devices, by end.', labels: ['end'] },
  plumbline_change_duration_seconds: {
    type: 'histogram',
    help: 'A change of one set of devices, from the fence to its end.',
    labels: ['end'],
    buckets: [1, 3, 10, 30, 60, 120, 300, 600, 1800, 3600],
  },
  plumbline_logins_stopped: { type: 'gauge', help: '1 while logins are stopped because too many devices refused them.' },
  plumbline_read_interval_seconds: { type: 'gauge', help: 'How often each device should be read.', labels: ['fleet'] },
  plumbline_fleet_info: {
    type: 'gauge',
    help: 'One per Fleet, always 1: Ready (True, False, Unknown) and its reason.',
    labels: ['fleet', 'ready', 'reason'],
  },
  plumbline_fleet_since_timestamp_seconds: { type: 'gauge', help: 'Since when a Fleet is Ready, or is not.', labels: ['fleet'] },
  plumbline_git_interval_seconds: { type: 'gauge', help: 'How often the source should be asked.', labels: ['fleet'] },
  plumbline_git_last_fetch_timestamp_seconds: { type: 'gauge', help: 'Last time the source was read whole.', labels: ['fleet'] },
  plumbline_git_fetches_total: { type: 'counter', help: 'Looks at the source by result.', labels: ['fleet', 'result'] },
  plumbline_git_problems: { type: 'gauge', help: 'Errors of the newest revision; 0 when it is in force.', labels: ['fleet'] },
  plumbline_git_revision_info: { type: 'gauge', help: 'Always 1: the revision in force.', labels: ['fleet', 'revision'] },
  plumbline_netbox_info: {
    type: 'gauge',
    help: 'One per Fleet that names a NetBox, always 1: the version that was last read, and why the last look brought nothing, or ok.',
    labels: ['fleet', 'version', 'reason'],
  },
  plumbline_netbox_interval_seconds: { type: 'gauge', help: 'How often NetBox should be read.', labels: ['fleet'] },
  plumbline_netbox_last_read_timestamp_seconds: {
    type: 'gauge',
    help: 'Last time NetBox was read whole: what is said of it is of then.',
    labels: ['fleet'],
  },
  plumbline_netbox_objects: { type: 'gauge', help: 'Objects of NetBox in the last whole snapshot.', labels: ['fleet'] },
  plumbline_netbox_reads_total: { type: 'counter', help: 'Looks at NetBox by result.', labels: ['fleet', 'result'] },
  plumbline_netbox_writes_total: {
    type: 'counter',
    help: 'Objects of NetBox that were written from here, by result.',
    labels: ['fleet', 'result'],
  },
  plumbline_webhooks_total: { type: 'counter', help: 'Webhooks by result.', labels: ['result'] },
  plumbline_releases_waiting: { type: 'gauge', help: 'Devices that left Git and wait for a person.', labels: ['fleet'] },
  plumbline_artifacts_lost: { type: 'gauge', help: '1 for a device whose baseline is lost in the store.', labels: ['device'] },
});

export type OperatorMetrics = ReturnType<typeof operatorMetrics.on>;
