import type { CheckedState, DesiredObject, FleetNetBox } from '../../api/index.ts';
import { hasErrors } from '../../api/index.ts';
import { type FedDevice, feedDevice, type Feeding, isFeeding } from '../../compile/index.ts';
import { checkAgain, type RuleMemory } from '../../desired/index.ts';
import { canonicalJson, type Clock } from '../../lib/index.ts';
import { recordedDevice } from '../../netbox/index.ts';
import { errors } from '../errors.ts';
import { sayProblem } from '../fleet/fleet-status.ts';
import { isCompared, type NetBoxStanding } from './standing.ts';

/** A revision with what NetBox has the word on. */
export interface FedState {
  state: CheckedState;
  /** Of the devices that NetBox feeds, or should. */
  fed: ReadonlyMap<string, Omit<FedDevice, 'object'>>;
}

/** The same answer for the same question: an object that is another one is compiled again. */
const known = new WeakMap<DesiredObject<'Device'>, { asked: string; answer: FedDevice }>();

/**
 * Fills what Git leaves to NetBox. Throws FactsRefused when the whole does not hold together any more, with an address twice, for example:
 * then what was in force stays.
 */
export function feedState(
  state: CheckedState,
  {
    wanted,
    facts,
    lastOf,
    clock,
    rules,
  }: {
    wanted: FleetNetBox | undefined;
    facts: NetBoxStanding['facts'];
    /** A device as it was last in force or published, with what NetBox fed it. */
    lastOf: (device: string) => Feeding['last'];
    clock: Clock;
    /** Of the state that was filled before. Default: none was. */
    rules?: RuleMemory;
  },
): FedState {
  const answers = [...state.objects.Device].map(([name, object]): [string, FedDevice] => {
    // What NetBox said of a device goes on under its new name, also before NetBox knows that one.
    const { movedFrom } = object.spec;
    const last = lastOf(name) ?? (movedFrom === undefined ? undefined : lastOf(movedFrom));
    // Out of the hands of NetBox, what it gave before is not dropped without a word.
    if (!isCompared(wanted, object.metadata.labels) || !isFeeding(wanted.authority))
      return [name, last && last.fields.length > 0 ? ask(object, { authority: ofGit, recorded: undefined, last }) : { object, ...unfed }];
    return [name, ask(object, { authority: wanted.authority, recorded: facts && recordedDevice(facts, object), last })];
  });
  const fed = new Map(answers.filter(([, { fields, problems }]) => fields.length + problems.length > 0));
  if (answers.every(([name, { object }]) => object === state.objects.Device.get(name))) return { state, fed };
  const Device = new Map(answers.map(([name, { object }]) => [name, object]));
  const filled = { ...state, objects: { ...state.objects, Device } };
  const found = checkAgain(filled, clock, rules).filter((each) => hasErrors([each]));
  const [first] = found;
  if (first) throw errors.FactsRefused({ revision: state.revision, count: found.length, first: sayProblem(first) });
  return { state: filled, fed };
}

const unfed = { fields: [], problems: [] } as const;
const ofGit: FleetNetBox['authority'] = { serial: 'Git', description: 'Git', mtu: 'Git', interfaces: 'Git' };

function ask(object: DesiredObject<'Device'>, feeding: Feeding): FedDevice {
  // Of what was published only the memory of facts counts: the rest of a status moves for reasons of its own.
  const { last } = feeding;
  const memory = last && last.fields.length > 0 ? [last.fields, last.spec.serial ?? '', last.spec.interfaces] : last !== undefined;
  const asked = canonicalJson([feeding.authority, feeding.recorded ?? null, memory]);
  const before = known.get(object);
  if (before?.asked === asked) return before.answer;
  const answer = feedDevice(object, feeding);
  known.set(object, { asked, answer });
  return answer;
}
