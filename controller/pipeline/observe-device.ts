import type { Baseline, CheckedState, NotKnown, Observed } from '../api/index.ts';
import { dialectFor, listItems, parse } from '../config/index.ts';
import type { Driver, Target } from '../drivers/index.ts';
import { PlumblineError } from '../lib/index.ts';
import type { Corridor } from './corridor.ts';
import { errors } from './errors.ts';
import type { PreparedDevice } from './prepare.ts';
import { buildTarget } from './target.ts';

/** A change on a device that ends nothing by itself: its dead-man is dead, and this store has no open record of it. */
export interface Orphan {
  device: string;
  token: string;
  /** The device's own word. `confirmed`: decided and not saved; in every other state the device can only go back. */
  state: string;
  /** Who began it, as the device knows. */
  holder: string;
  /** The highest epoch that the device has seen. */
  epoch: number;
}

/**
 * Reads one device for a judgement. One on which a change is unfinished is Unknown; `settle` first asks it, with the account that may
 * change it, what became of that change.
 */
export async function observeDevice(
  state: CheckedState,
  { name, object, ready }: PreparedDevice,
  baseline: Baseline | undefined,
  corridor: Corridor,
  signal: AbortSignal,
  settle: boolean,
): Promise<{ observed: Observed; orphan?: Orphan }> {
  const at = corridor.clock.now().toISOString();
  const unknown = ({ message, next }: { message: string; next: string }, reason: NotKnown['reason'] = 'Unverified') => ({
    observed: { state: 'Unknown' as const, device: name, at, reason, message, next },
  });
  if (object.spec.lifecycle === 'Planned') {
    return unknown({ message: `${name} is Planned: it is not contacted`, next: 'Write lifecycle: Active when it is there' });
  }
  const target = buildTarget(state, object, corridor.secrets);
  if (target instanceof PlumblineError) return unknown(target);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(corridor.timeoutMs)]);
  const keys = Object.keys(baseline?.items ?? {});
  const driver = corridor.driver(object.spec.platform);
  const look = (): Promise<Observed> =>
    driver.observe(target, { lacksOwned: (config) => lacks(config, object.spec.platform, keys, ready !== undefined) }, limited);

  let observed = await look();
  const left = settle && target.apply && mayBeLeft(observed) ? await askAbout(observed, driver, target, corridor, limited) : undefined;
  if (left === 'ended') observed = await look();
  const orphan = left === 'ended' ? undefined : left;
  const unfinished = findUnfinished(observed);
  return { ...(unfinished ? unknown(unfinished, 'DeviceSettling') : { observed }), ...(orphan && { orphan }) };
}

/** While a dead-man may restore the device, what it holds now is not what it will hold: neither in sync nor drift. */
function findUnfinished(observed: Observed): PlumblineError | undefined {
  if (observed.state === 'Unknown') return undefined;
  const { device, lastChange } = observed;
  if (lastChange === undefined || settledStates.has(lastChange.state)) return undefined;
  return errors.ChangeUnfinished({ device, ...lastChange });
}

const settledStates: ReadonlySet<string> = new Set(['none', 'confirmed', 'persisted', 'persist-failed', 'restored', 'restore-failed']);

/** Confirmed is final for whoever compares, and not yet for whoever wants to change the device next: it is being saved, or was to be. */
function mayBeLeft(observed: Observed): boolean {
  return findUnfinished(observed) !== undefined || (observed.state === 'Read' && observed.lastChange?.state === 'confirmed');
}

/** What the device says of its last change: that it ended, or that nobody works on it any more. Undefined: somebody does, or nobody knows. */
async function askAbout(
  observed: Observed,
  driver: Driver,
  target: Target,
  { store }: Corridor,
  signal: AbortSignal,
): Promise<Orphan | 'ended' | undefined> {
  if (observed.state === 'Unknown' || !observed.lastChange) return undefined;
  const { device, lastChange } = observed;
  const { token, holder } = lastChange;
  const status = await driver.status(target, token, signal);
  if (status.outcome !== 'Status') return undefined;
  const isUnsaved = lastChange.state === 'confirmed' && status.state === 'confirmed' && !status.persisted;
  if (settledStates.has(status.state) && !isUnsaved) return 'ended';
  if (status.guardAlive) return undefined;
  const isOurs = (await store.changes.listOpen()).some(({ record }) => record.token === token);
  return isOurs ? undefined : { device, token, state: status.state, holder, epoch: status.epoch };
}

/** True when something that we owned is missing from a read: it may be gone, or the daemon that holds it may not be up yet. */
function lacks(config: string, platform: string, keys: readonly string[], known: boolean): boolean {
  if (keys.length === 0 || !known) return false;
  const dialect = dialectFor(platform);
  const held = new Set(listItems(parse(config, dialect), dialect).map(({ key }) => key));
  return keys.some((key) => !held.has(key));
}
