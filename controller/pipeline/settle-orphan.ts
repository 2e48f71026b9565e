import type { CheckedState } from '../api/index.ts';
import { changeErrors } from '../change/index.ts';
import { modeOf } from '../desired/index.ts';
import type { RolledBack, RollbackIncomplete, TooLate } from '../drivers/index.ts';
import { PlumblineError } from '../lib/index.ts';
import type { Corridor } from './corridor.ts';
import { errors } from './errors.ts';
import type { Orphan } from './observe-device.ts';
import { actorHere } from './apply.ts';
import { buildTarget } from './target.ts';

/** How an orphan ended. */
export interface OrphanEnd {
  device: string;
  /** `RolledBack`: the device compared itself with what it saved when the change began. `Confirmed`: it was decided before, and is saved now. */
  end: 'RolledBack' | 'RollbackIncomplete' | 'Confirmed' | 'OutcomeUnknown';
  message: string;
  /** Masked lines that still differ from the saved configuration, `-` for missing and `+` for left over. */
  rest: readonly string[];
}

/**
 * Ends a change that nobody works on any more, by the device's own means: it replays the way back that it saved when the change began,
 * or saves what it had confirmed. Nothing of ours is sent. The epoch is raised first, so that whoever began it cannot go on.
 * An error when policy or a missing account forbids it; then nothing was asked.
 */
export async function settleOrphan(
  { device, token, holder, epoch: seen }: Orphan,
  state: CheckedState,
  corridor: Corridor,
): Promise<OrphanEnd | PlumblineError> {
  const object = state.objects.Device.get(device);
  if (!object) return errors.UnknownDevice({ name: device, known: 'the devices in Git' });
  const { mode, because } = modeOf(object, state.objects.ReconcilePolicy.values());
  const [place] = because;
  if (mode === 'Report') return changeErrors.ReportOnly({ device, because: place ? `, says ${place.file}:${place.line}` : '' });
  const target = buildTarget(state, object, corridor.secrets);
  if (target instanceof PlumblineError) return target;

  const { store, clock } = corridor;
  const epoch = await store.epoch.raise(seen);
  const answer = await corridor.driver(object.spec.platform).rollback(target, { token, epoch }, new AbortController().signal);
  if (answer.outcome === 'Refused') return answer.error;
  const told = answer.outcome === 'Lost' ? unseen(answer.error) : describe(answer);
  const message = `change ${token} by ${holder}: ${told.message}`;
  await store.history.append({
    device,
    at: clock.now().toISOString(),
    event: told.end,
    message,
    actor: actorHere(),
    revision: state.revision,
  });
  return { ...told, device, message };
}

type Told = Omit<OrphanEnd, 'device'>;

function describe(answer: RolledBack | RollbackIncomplete | TooLate): Told {
  if (answer.outcome === 'RolledBack') {
    return { end: 'RolledBack', message: 'undone, the device holds what it saved when the change began', rest: [] };
  }
  if (answer.outcome === 'RollbackIncomplete') return { end: 'RollbackIncomplete', message: answer.error.message, rest: answer.rest };
  const { state, persisted } = answer.status;
  if (state !== 'confirmed') return unseen({ message: `the device says ${state}` });
  const saved = persisted ? 'and is saved now' : 'and could not be saved: a reboot would undo it';
  return { end: 'Confirmed', message: `had been confirmed ${saved}`, rest: [] };
}

function unseen({ message }: { message: string }): Told {
  return { end: 'OutcomeUnknown', message: `${message}; the next plumb apply asks again`, rest: [] };
}
