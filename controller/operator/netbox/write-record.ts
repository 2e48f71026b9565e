import type { CheckedState, FleetNetBox, RecordChange } from '../../api/index.ts';
import { canonicalJson, PlumblineError } from '../../lib/index.ts';
import { carryOut, compareWithNetBox, type NetBox, planRecord, type RecordOutcome } from '../../netbox/index.ts';
import { errors } from '../errors.ts';
import type { World } from '../world.ts';
import { textOfRecords } from './reported-records.ts';
import { recordOf } from './standing.ts';

/** Somebody who takes a write back that often means it, or is another machine. */
const mostTimes = 3;

/**
 * Writes into NetBox what is Behind or Missing, where the Fleet says so: of devices that were looked at since NetBox says what it says, after
 * the history of each says what will be written. Deletes nothing, and leaves alone what NetBox has the word on. What NetBox refuses is not
 * tried again before Git moves, and what is taken back again and again neither.
 */
export async function writeRecord(world: World, wanted: FleetNetBox, netbox: NetBox, signal: AbortSignal): Promise<boolean> {
  const { netbox: standing, inForce, runtime, fleet } = world;
  standing.unwritten = undefined;
  const { facts } = standing;
  if (wanted.record !== 'Enforce' || !inForce || !facts) return false;
  const { state, asWritten, revision } = inForce;
  const devices = new Set(
    [...inForce.devices.values()].flatMap((device) => {
      const found = recordOf(standing, wanted, inForce, device);
      const isSeen = found?.record !== undefined && textOfRecords(found.differences) === standing.said.get(device.name);
      return isSeen && found.differences.length > 0 ? [device.name] : [];
    }),
  );
  if (devices.size === 0) return false;
  const compared = compareWithNetBox({ state, facts, told: standing.told, devices });
  const matched = compared.matched.flatMap((each) => withoutTheirs(each, wanted.authority, asWritten));
  const plan = planRecord({ ...compared, matched }, facts, { remove: false, allowRemovals: false });
  const planned: Parameters<typeof carryOut>[1]['plan']['changes'] = plan.changes;
  const changes = planned.filter((change) => !standing.refused.has(keyOf(change, revision)));
  const refused = planned.flatMap((change) => standing.refused.get(keyOf(change, revision)) ?? []);
  standing.unwritten = sayUnwritten(fleet, refused);
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
  for (const { change, error } of failed) {
    // Saved by somebody since it was read, perhaps without a change, of which NetBox keeps no record: all is read again, and compared.
    if (error?.code === 'NetBoxChanged') delete standing.memory.last;
    else if (error && error.retry !== 'backoff') standing.refused.set(keyOf(change, revision), error);
  }
  const done = outcomes.filter(({ result }) => result === 'Done');
  for (const { change } of done) countTimes(standing, change, revision);
  runtime.metrics.plumbline_netbox_writes_total.inc({ fleet, result: 'ok' }, done.length);
  runtime.metrics.plumbline_netbox_writes_total.inc({ fleet, result: 'failed' }, failed.length);
  runtime.log.info({ fleet, written: done.length, failed: failed.length }, 'Wrote into NetBox');
  standing.unwritten = sayUnwritten(fleet, [...failed.flatMap(({ error }) => error ?? []), ...refused]);
  await tellHistory(
    world,
    'RecordWritten',
    done.map(({ change }) => change),
  );
  return done.length > 0;
}

/**
 * What Git asserts without what NetBox has the word on. A person who corrects it there is right, also before it came into force here, and what
 * vanished there is put back by nobody else.
 */
function withoutTheirs(each: Matched, authority: FleetNetBox['authority'], git: CheckedState): Matched[] {
  const { assertion, differing } = each;
  const { kind, name } = assertion;
  const [device = '', port] = name.split(' > ');
  const isListed = git.objects.Device.get(device)?.spec.interfaces.some((known) => known.name === port) ?? false;
  const isOnPort = kind === 'interface' || kind === 'ipAddress';
  if (isOnPort && port !== undefined && authority.interfaces === 'NetBox' && !isListed) return [];
  const fields = kind === 'device' ? (['serial'] as const) : kind === 'interface' ? (['description', 'mtu'] as const) : [];
  const theirs = new Set<string>(fields.filter((field) => authority[field] === 'NetBox'));
  if (theirs.size === 0) return [each];
  const own = Object.fromEntries(Object.entries(assertion.fields).filter(([field]) => !theirs.has(field)));
  return [{ ...each, assertion: { ...assertion, fields: own }, differing: differing.filter(({ field }) => !theirs.has(field)) }];
}

type Matched = ReturnType<typeof compareWithNetBox>['matched'][number];

function countTimes({ times, refused }: World['netbox'], change: RecordChange, revision: string): void {
  const key = keyOf(change, revision);
  const now = (times.get(key) ?? 0) + 1;
  times.set(key, now);
  if (now >= mostTimes) refused.set(key, errors.NetBoxUndone({ object: `${change.kind} ${change.name}`, times: now }));
}

/** Another revision may say it otherwise, and is tried. */
function keyOf({ kind, do: what, name, fields }: RecordChange, revision: string): string {
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

function sayUnwritten(fleet: string, problems: readonly PlumblineError[]): PlumblineError | undefined {
  const [first] = problems;
  return first && errors.NetBoxUnwritten({ fleet, count: problems.length, first: `${first.message}. ${first.next}` });
}
