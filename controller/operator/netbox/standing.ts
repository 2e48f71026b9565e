import type { DesiredObject, FleetNetBox, NetBoxFacts, RecordAuthor, RecordDifference, RecordVerdict, ToldSides } from '../../api/index.ts';
import { recordVerdicts, selects } from '../../api/index.ts';
import { createRuleMemory, type RuleMemory } from '../../desired/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import { compareWithNetBox, createMemory, type Memory, subnetsBeside } from '../../netbox/index.ts';
import type { DesiredDevice, DesiredFleet } from '../fleet/desired-fleet.ts';

/** What this process knows of NetBox. Kept while NetBox is away: what it last said whole stands, and nothing is taken for deleted. */
export interface NetBoxStanding {
  /** The last whole snapshot. */
  facts: NetBoxFacts | undefined;
  /** What the last look read, so that the next one asks only for what changed. */
  memory: Memory;
  /** Why the last look brought none. */
  problem: PlumblineError | undefined;
  /** Why what was to be written into it was not. */
  unwritten: PlumblineError | undefined;
  /** Writes that NetBox refused, or that did not last, and why: not tried again before Git moves. */
  refused: Map<string, PlumblineError>;
  /** How often each was carried out since Git moved. */
  times: Map<string, number>;
  /** Who made an object what it is, by `authorKey`; null where the change log does not tell. */
  authors: Map<string, RecordAuthor | null>;
  /** Milliseconds that the last whole snapshot took. */
  tookMs: number;
  /** Requests of ours that wrote something, as NetBox named them: webhooks of them tell nothing new. The latest few. */
  written: Set<string>;
  /** What devices said of themselves at the last look of this process that came to a judgement. */
  told: Map<string, ToldSides>;
  /** What the rules found in the last state that was filled with its facts. */
  rules: RuleMemory;
  /** What was last said of a device, without its ages: another answer is a reason to look at it. */
  said: Map<string, string>;
}

export function newStanding(): NetBoxStanding {
  return {
    facts: undefined,
    memory: createMemory(),
    problem: undefined,
    unwritten: undefined,
    refused: new Map(),
    times: new Map(),
    authors: new Map(),
    tookMs: 0,
    written: new Set(),
    told: new Map(),
    rules: createRuleMemory(),
    said: new Map(),
  };
}

/** What NetBox is beside one device. */
export interface DeviceRecord {
  /** The worst of `differences`. Absent: nobody compares it with NetBox. */
  record: RecordVerdict | undefined;
  differences: readonly RecordDifference[];
}

/**
 * NetBox beside one device of the revision in force. Undefined while NetBox, or the device, was not looked at yet: then what was
 * published stands. Pure.
 */
export function recordOf(
  { facts, told, authors }: Pick<NetBoxStanding, 'facts' | 'told' | 'authors'>,
  wanted: FleetNetBox | undefined,
  { state }: Pick<DesiredFleet, 'state'>,
  { name, object, inputs }: Pick<DesiredDevice, 'name' | 'object' | 'inputs'>,
): DeviceRecord | undefined {
  if (!isCompared(wanted, object.metadata.labels)) return { record: undefined, differences: [] };
  const sides = told.get(name);
  if (!facts || !sides) return undefined;
  // Of the device alone: whoever looked through all of them for each would look through ten thousand ten thousand times.
  const byName = <T extends DesiredObject>(list: readonly T[]) => new Map(list.map((each) => [each.metadata.name, each]));
  const devices = [...inputs.objects.filter((each): each is DesiredObject<'Device'> => each.kind === 'Device'), object];
  // What other servers have on its prefixes is not its own, and says what of NetBox may be.
  const subnets = inputs.subnets.flatMap((subnet) => subnetsBeside(state, subnet));
  const [Device, BGPSession, DHCPSubnet] = [byName(devices), byName(inputs.sessions), byName(subnets)];
  const own = { ...state, objects: { ...state.objects, Device, BGPSession, DHCPSubnet } };
  const compared = compareWithNetBox({ state: own, facts, told: new Map([[name, sides]]), devices: new Set([name]) });
  const differences = compared.differences.map((each) => {
    const who = authors.get(authorKey(each));
    return who ? { ...each, who } : each;
  });
  const worst = Math.max(0, ...differences.map(({ record }) => recordVerdicts.indexOf(record)));
  return { record: recordVerdicts[worst] ?? 'Match', differences };
}

/** Names a value of NetBox: another value has another author. */
export function authorKey({ kind, ids, field, recorded }: RecordDifference): string {
  return JSON.stringify([kind, ids, field ?? '', recorded ?? null]);
}

/** Whether the Fleet wants a device compared with NetBox. */
export function isCompared(wanted: FleetNetBox | undefined, labels: Readonly<Record<string, string>>): wanted is FleetNetBox {
  return wanted !== undefined && (wanted.selector === undefined || selects(wanted.selector, labels));
}
