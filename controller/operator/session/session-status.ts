import { type BGPSessionStatus, type ConditionState, type NeighborState, type SessionExpectation, setConditions } from '../../api/index.ts';

type ExpectedEnd = Pick<SessionExpectation, 'neighbor' | 'vrf' | 'addressFamilies' | 'expect'>;

/** One managed end: what its device should have, and what it reported when it was last read. */
export interface SessionEndFacts {
  device: string;
  /** Undefined while Git cannot be rendered for the device. */
  expected: ExpectedEnd | undefined;
  /** Undefined while the device is Unknown. */
  neighbors: readonly NeighborState[] | undefined;
}

/** The states that people act on. Steps of a session that tries to come up are one state: they change every few seconds. */
const stateWords: Readonly<Record<string, string>> = {
  Established: 'Established',
  'Idle (Admin)': 'Shutdown',
  'Idle (PfxCt)': 'PrefixLimit',
};

/** What is wrong with a session, in one word, the most telling first. */
const reasons = ['PrefixLimit', 'Shutdown', 'NotConfigured', 'Down'] as const;

/** State of a session over its managed ends. Ready means that every family of every managed end is Established. */
export function describeSession(
  ends: readonly SessionEndFacts[],
  last: BGPSessionStatus | undefined,
  { generation, at }: { generation: number; at: Date },
): BGPSessionStatus {
  const seen = ends.flatMap(({ device, expected, neighbors }) => (expected && neighbors ? [reportEnd(device, expected, neighbors)] : []));
  // An end that cannot be read keeps what was last seen of it: the condition says that it is not known now.
  const unseen = new Set(ends.filter(({ expected, neighbors }) => !expected || !neighbors).map(({ device }) => device));
  const kept = last?.ends.filter(({ device }) => unseen.has(device)) ?? [];
  return {
    observedGeneration: generation,
    conditions: setConditions(last?.conditions ?? [], [readyOf(ends, seen, [...unseen])], { generation, at }),
    ends: [...seen, ...kept].toSorted((a, b) => (a.device < b.device ? -1 : 1)),
  };
}

/** A session of which nobody has looked at some ends for long: what was seen of it stays, and nothing is claimed by it. */
export function describeStaleSession(
  last: BGPSessionStatus,
  unseen: readonly string[],
  { generation, at }: { generation: number; at: Date },
): BGPSessionStatus {
  const state: ConditionState = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'Stale',
    message: `${unseen.join(' and ')} ${unseen.length === 1 ? 'was' : 'were'} not looked at for three intervals`,
  };
  return { ...last, conditions: setConditions(last.conditions, [state], { generation, at }) };
}

type End = BGPSessionStatus['ends'][number];

function reportEnd(device: string, { neighbor, vrf, addressFamilies }: ExpectedEnd, neighbors: readonly NeighborState[]): End {
  const own = neighbors.filter((each) => each.address === neighbor && each.vrf === vrf);
  return {
    device,
    neighbor,
    families: addressFamilies.map((family) => {
      const state = own.find((each) => each.family === family)?.state;
      return { family, state: state === undefined ? 'NotConfigured' : (stateWords[state] ?? 'Down') };
    }),
  };
}

function readyOf(ends: readonly SessionEndFacts[], seen: readonly End[], unseen: readonly string[]): ConditionState {
  const bad = seen.flatMap(({ device, neighbor, families }) =>
    families.filter(({ state }) => state !== 'Established').map(({ family, state }) => ({ device, neighbor, family, state })),
  );
  const worst = reasons.find((reason) => bad.some(({ state }) => state === reason));
  if (worst) {
    const said = bad.map(({ device, neighbor, family, state }) => `${device} to ${neighbor} ${family}: ${state}`).join('; ');
    const expected = ends.every((end) => end.expected?.expect === 'Configured') ? '. It need not be up: expect is Configured' : '';
    return { type: 'Ready', status: 'False', reason: worst, message: `${said}${expected}` };
  }
  if (unseen.length > 0)
    return { type: 'Ready', status: 'Unknown', reason: 'Unverified', message: `${unseen.join(' and ')} cannot be read` };
  return { type: 'Ready', status: 'True', reason: 'Established', message: 'Established in every family on every managed end' };
}
