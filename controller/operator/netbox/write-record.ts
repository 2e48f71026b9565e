import type { FleetNetBox, RecordChange } from '../../api/index.ts';
import { canonicalJson, PlumblineError } from '../../lib/index.ts';
import { carryOut, compareWithNetBox, type NetBox, planRecord, type RecordOutcome } from '../../netbox/index.ts';
import { errors } from '../errors.ts';
import type { World } from '../world.ts';
import { textOfRecords } from './reported-records.ts';
import { recordOf } from './standing.ts';

/**
 * Writes into NetBox what is Behind or Missing, where the Fleet says so: of devices that were looked at since NetBox says what it says, after
 * the history of each says what will be written. Deletes nothing. What NetBox refuses is not tried again before Git moves.
 */
export async function writeRecord(world: World, wanted: FleetNetBox, netbox: NetBox, signal: AbortSignal): Promise<boolean> {
  const { netbox: standing, inForce, runtime, fleet } = world;
  standing.unwritten = undefined;
  const { facts } = standing;
  if (wanted.record !== 'Enforce' || !inForce || !facts) return false;
  const { state, revision } = inForce;
  const devices = new Set(
    [...inForce.devices.values()].flatMap((device) => {
      const found = recordOf(standing, wanted, inForce, device);
      const isSeen = found?.record !== undefined && textOfRecords(found.differences) === standing.said.get(device.name);
      return isSeen && found.differences.length > 0 ? [device.name] : [];
    }),
  );
  if (devices.size === 0) return false;
  const compared = compareWithNetBox({ state, facts, told: standing.told, devices });
  const plan = planRecord(compared, facts, { remove: false, allowRemovals: false });
  const planned: Parameters<typeof carryOut>[1]['plan']['changes'] = plan.changes;
  const changes = planned.filter((change) => !standing.refused.has(refusedKey(change, revision)));
  if (changes.length === 0) return false;
  await tellHistory(world, 'RecordPlanned', changes);
  let outcomes: readonly RecordOutcome[];
  try {
    outcomes = await carryOut(netbox, { plan: { changes }, matched: compared.matched, facts, revision, signal });
  } catch (error) {
    if (signal.aborted || !(error instanceof PlumblineError)) throw error;
    standing.unwritten = error; // of this NetBox nothing can be written at all: it is newer than we know
    return false;
  }
  const failed = outcomes.filter(({ result }) => result === 'Failed');
  for (const { change, error } of failed) if (error?.retry !== 'backoff') standing.refused.add(refusedKey(change, revision));
  const done = outcomes.filter(({ result }) => result === 'Done');
  runtime.metrics.plumbline_netbox_writes_total.inc({ fleet, result: 'ok' }, done.length);
  runtime.metrics.plumbline_netbox_writes_total.inc({ fleet, result: 'failed' }, failed.length);
  runtime.log.info({ fleet, written: done.length, failed: failed.length }, 'Wrote into NetBox');
  standing.unwritten = sayFailed(fleet, failed);
  await tellHistory(
    world,
    'RecordWritten',
    done.map(({ change }) => change),
  );
  return done.length > 0;
}

/** Another revision may say it otherwise, and is tried. */
function refusedKey({ kind, do: what, name, fields }: RecordChange, revision: string): string {
  return canonicalJson([revision, kind, what, name, fields.map(({ field, to }) => [field, to])]);
}

/** One entry for each device: it stands before the first write, so that what was meant is known whatever happens then. */
async function tellHistory({ runtime, inForce }: World, event: string, changes: readonly RecordChange[]): Promise<void> {
  const { clock, store } = runtime.corridor;
  const deviceOf = ({ owner }: RecordChange): string => {
    const [kind, name = ''] = owner.split('/');
    return kind === 'DHCPSubnet' ? (inForce?.state.objects.DHCPSubnet.get(name)?.spec.servedBy[0] ?? name) : name;
  };
  const at = clock.now().toISOString();
  for (const [device, own] of Map.groupBy(changes, deviceOf)) {
    if (!inForce?.devices.has(device)) continue;
    const message = `NetBox, ${own.length === 1 ? '1 object' : `${own.length} objects`}: ${own.map(sayChange).join('; ')}`;
    await store.history.append({ device, at, event, message: message.slice(0, 2000), revision: inForce.revision });
  }
}

function sayChange({ do: what, name, fields }: RecordChange): string {
  const values = fields.filter(({ once }) => !once).map(({ field, from, to }) => `${field} ${say(from)} → ${say(to)}`);
  return `${what} ${name}${values.length === 0 ? '' : ` (${values.join(', ')})`}`;
}

function say(value: RecordChange['fields'][number]['to']): string {
  return value === null ? 'nothing' : JSON.stringify(value);
}

function sayFailed(fleet: string, failed: readonly RecordOutcome[]): PlumblineError | undefined {
  const [first] = failed;
  if (!first?.error) return undefined;
  const { message, next } = first.error;
  return errors.NetBoxUnwritten({ fleet, count: failed.length, first: `${message}. ${next}` });
}
