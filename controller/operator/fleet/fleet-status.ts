import { type Condition, type ConditionState, type FleetStatus, setConditions } from '../../api/index.ts';
import { formatPosition, type PlumblineError, sha256 } from '../../lib/index.ts';
import type { Webhook } from './webhook.ts';

/** How the last look at a Fleet ended. */
export type FleetOutcome =
  | { kind: 'InForce'; revision: string }
  | { kind: 'Refused'; revision: string; problems: readonly PlumblineError[] }
  /** Git could not be read, or what it says is not taken: the last good revision stays. */
  | { kind: 'Failed'; error: PlumblineError; revision?: string }
  /** Only a person who edits the Fleet can help. */
  | { kind: 'Invalid'; reason: string; message: string }
  | { kind: 'Suspended' };

export interface FleetFacts {
  outcome: FleetOutcome;
  /** Revision in force, when there is one. */
  inForce: string | undefined;
  last: FleetStatus | undefined;
  generation: number;
  at: Date;
  releasing: readonly string[];
  webhook: Webhook | undefined;
  netboxWebhook?: Webhook | undefined;
  /** Why NetBox says nothing new. */
  netbox?: PlumblineError | undefined;
  /** Why what was to be written into NetBox was not. */
  unwritten?: PlumblineError | undefined;
  /** Devices whose objects are refused. */
  unpublished: PlumblineError | undefined;
  /** Sessions and subnets whose objects are refused. */
  unmirrored?: PlumblineError | undefined;
  requestedAt: string | undefined;
  /** Labels of the devices that this operator looks at, as on its command line; empty: all. */
  region: string;
  /** What is in force is not what this operator wrote last. */
  isNews: boolean;
}

/** Errors that are listed in the object; the number of all stands in the message. */
const shownProblems = 20;
/** The same of devices that left Git. */
export const shownReleasing = 1000;

/** The status of a Fleet. Ready means: the newest revision is in force and nothing waits. */
export function describeFleet(facts: FleetFacts): FleetStatus {
  const { outcome, last, releasing, webhook, netboxWebhook, requestedAt, at, generation } = facts;
  const stalled: ConditionState[] =
    outcome.kind === 'Invalid' ? [{ type: 'Stalled', status: 'True', reason: outcome.reason, message: outcome.message }] : [];
  const revision = revisionOf(facts);
  const { ready, own, others, isOthers } = overRegions(facts, readyOf(facts, revision));
  const beside = [
    besideReady(facts, 'WebhookReady', webhook && 'problem' in webhook ? webhook.problem : undefined),
    besideReady(facts, 'NetBoxWebhookReady', netboxWebhook && 'problem' in netboxWebhook ? netboxWebhook.problem : undefined),
    besideReady(facts, 'DevicesPublished', facts.unpublished),
    besideReady(facts, 'MirrorsPublished', facts.unmirrored),
    besideReady(facts, 'NetBoxRead', facts.netbox),
    besideReady(facts, 'NetBoxWritten', facts.unwritten),
  ];
  const mine = { attempted: attemptedOf(facts, revision), problems: outcome.kind === 'Refused' ? outcome.problems : [] };
  const attempted = isOthers ? last?.attemptedRevision : mine.attempted;
  // One region's secrets may lack what another one has.
  const pathOf = (of: Webhook | undefined, before: string | undefined) =>
    of && ('path' in of ? of.path : facts.region === '' ? undefined : before);
  const webhookPath = pathOf(webhook, last?.webhookPath);
  const netboxWebhookPath = pathOf(netboxWebhook, last?.netboxWebhookPath);
  return {
    observedGeneration: generation,
    conditions: [
      ...setConditions(last?.conditions ?? [], [ready, ...stalled, ...beside.flatMap((each) => each.own), ...own], { at, generation }),
      ...beside.flatMap((each) => each.others),
      ...others,
    ],
    ...(revision !== undefined && { revision }),
    ...(attempted !== undefined && { attemptedRevision: attempted }),
    problems: isOthers ? (last?.problems ?? []) : mine.problems.slice(0, shownProblems).map(sayProblem),
    ...(webhookPath !== undefined && { webhookPath }),
    ...(netboxWebhookPath !== undefined && { netboxWebhookPath }),
    releasing: releasing.slice(0, shownReleasing),
    ...(requestedAt !== undefined && { lastHandledReconcileAt: requestedAt }),
  };
}

/**
 * Also kept when this process could not bring it back: history does not go backwards from it. Operators of regions that see Git in
 * different states would undo each other at every pass: each says what it puts in force when it does.
 */
function revisionOf({ inForce, last, region, isNews }: FleetFacts): string | undefined {
  return region === '' || isNews ? (inForce ?? last?.revision) : (last?.revision ?? inForce);
}

function attemptedOf({ outcome, last }: FleetFacts, revision: string | undefined): string | undefined {
  if (outcome.kind === 'InForce') return revision;
  return ('revision' in outcome ? outcome.revision : undefined) ?? last?.attemptedRevision;
}

/** What is wrong beside Ready, only while it is. Of several regions with the same trouble the one that said so first stays told. */
function besideReady(
  { region, last, generation }: FleetFacts,
  type: string,
  problem: PlumblineError | undefined,
): { own: ConditionState[]; others: Condition[] } {
  const speaker = sayRegion(region);
  const others = (last?.conditions ?? []).filter(
    (each) => region !== '' && each.type === type && each.observedGeneration === generation && !each.message.startsWith(speaker),
  );
  if (others.length > 0 || !problem) return { own: [], others };
  const { code, message, next } = problem;
  return { own: [{ type, status: 'False', reason: code, message: `${speaker}${message}. ${next}` }], others };
}

function sayRegion(region: string): string {
  return region === '' ? '' : `The operator of ${region}: `;
}

/** `devices/fra.yaml:3:5 UnknownField: … Next: …`, as `plumb check` says it. */
export function sayProblem(problem: PlumblineError): string {
  const place = problem.at ? `${formatPosition(problem.at)} ` : '';
  const end = problem.message.endsWith('?') ? '' : '.';
  return `${place}${problem.code}: ${problem.message}${end} ${problem.next}`.slice(0, 2000);
}

const regionPrefix = 'RegionReady-';
/** An object takes 16 conditions: Ready, our own, and six beside it may stand there too. */
const shownRegions = 8;

/**
 * The operators of several regions write one Fleet. Whichever cannot take the newest revision says so in a condition of its own, and Ready
 * is that of the first of them, and so are the errors that are listed: it must not be True each time another one was last. What was said
 * of an older spec counts no more.
 */
function overRegions(
  { region, outcome, last, generation }: FleetFacts,
  ready: ConditionState,
): { ready: ConditionState; own: ConditionState[]; others: Condition[]; isOthers: boolean } {
  // The others say the same of these.
  if (region === '' || outcome.kind === 'Invalid' || outcome.kind === 'Suspended') return { ready, own: [], others: [], isOthers: false };
  const type = regionPrefix + sha256(region).slice(0, 10);
  const isBad = outcome.kind !== 'InForce';
  const own = isBad ? [{ ...ready, type, message: `${sayRegion(region)}${ready.message}` }] : [];
  const others = (last?.conditions ?? [])
    .filter((each) => each.type.startsWith(regionPrefix) && each.type !== type && each.observedGeneration === generation)
    .slice(0, shownRegions);
  const [first] = [...own, ...others].toSorted((a, b) => (a.type < b.type ? -1 : 1));
  if (!first) return { ready, own, others, isOthers: false };
  const { status, reason, message } = first;
  return { ready: { type: 'Ready', status, reason, message }, own, others, isOthers: first.type !== type };
}

function readyOf({ outcome, inForce, last, releasing }: FleetFacts, revision: string | undefined): ConditionState {
  const before = last?.revision === undefined ? '' : `, and ${last.revision}, which was, cannot be brought back: no device is looked at`;
  const stays = inForce === undefined ? `No revision is in force${before}` : `${inForce} stays in force`;
  const state = (status: ConditionState['status'], reason: string, message: string): ConditionState => ({
    type: 'Ready',
    status,
    reason,
    message: message.slice(0, 8000),
  });
  switch (outcome.kind) {
    case 'InForce':
      if (releasing.length > 0) {
        const first = releasing.slice(0, 5).join(', ');
        return state(
          'False',
          'ApprovalRequired',
          `${revision} no longer has ${releasing.length} devices (${first}${releasing.length > 5 ? ', …' : ''}): they stay watched as they were. Next: put them back into Git, or plumb reconcile --release`,
        );
      }
      return state('True', 'InForce', `${revision} is in force`);
    case 'Refused': {
      const [first] = outcome.problems;
      const count = outcome.problems.length;
      return state(
        'False',
        'Invalid',
        `${outcome.revision} has ${count} ${count === 1 ? 'error' : 'errors'}; first: ${first ? sayProblem(first).replace(/\.$/, '') : ''}. ${stays}`,
      );
    }
    case 'Failed':
      return state('False', outcome.error.code, `${outcome.error.message}. ${outcome.error.next}. ${stays}`.replace(/\.\. /g, '. '));
    case 'Invalid':
      return state('False', outcome.reason, outcome.message);
    case 'Suspended':
      return state('Unknown', 'Suspended', `Suspended: nothing is fetched or read. ${stays}. Next: plumb unsuspend`);
  }
}
