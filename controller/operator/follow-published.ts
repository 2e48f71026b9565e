import { isDeepStrictEqual } from 'node:util';
import type { ObjectStore, StoredObject, StoreEvent } from '../store/index.ts';
import { adoptAnnotation } from './device/adoption.ts';
import { holdAnnotation, requestAnnotations, resumedAnnotation } from './device/hold.ts';
import { releaseAnnotation } from './fleet/releases.ts';
import { netboxHintAnnotation, readNetBoxHint } from './netbox/hint.ts';
import { followObjects } from './object-cache.ts';
import { rolloutAnnotation } from './plan/order.ts';
import type { Published } from './world.ts';

/** Who is asked when a person, or another operator, wrote something. */
export interface Asks {
  fleet: (name: string) => void;
  device: (name: string) => void;
  plans: () => void;
  /** With the request that NetBox said it was about. */
  netbox: (requestId: string | undefined) => void;
}

/** Follows every kind that the operator lives from. `ended` settles when the watches are over, and rejects when one broke for good. */
export async function followPublished(
  objects: ObjectStore,
  ask: Asks,
  signal: AbortSignal,
): Promise<{ published: Published; ended: Promise<unknown> }> {
  const endings: Promise<void>[] = [];
  const follow = async <Kind extends keyof Published>(
    kind: string,
    onEvent: (event: StoreEvent, before: StoredObject | undefined) => void = () => undefined,
  ): Promise<Published[Kind]> => {
    const { cache, ended } = await followObjects(objects, kind, signal, onEvent);
    endings.push(ended);
    return cache as Published[Kind]; // the kind says what its objects hold
  };
  const fleets = await follow<'fleets'>('Fleet', (event, before) => {
    if (event.type !== 'deleted' && before && differs(before, event.object, netboxHintAnnotation))
      ask.netbox(readNetBoxHint(event.object.annotations));
    if (event.type !== 'deleted' && before && !asksFleet(before, event.object)) return;
    ask.fleet(event.object.name);
    // Another one may be in charge now.
    if (event.type === 'deleted') for (const { name } of fleets.list()) ask.fleet(name);
  });
  const published: Published = {
    fleets,
    devices: await follow<'devices'>('Device', (event, before) => {
      if (asksDevice(event, before)) ask.device(event.object.name);
    }),
    drifts: await follow<'drifts'>('DriftReport', (event, before) => {
      // What we took away ourselves is known no more when the watch tells of it.
      if (before && (event.type === 'deleted' || !isDeepStrictEqual(before.spec, event.object.spec))) ask.device(event.object.name);
    }),
    plans: await follow<'plans'>('ChangePlan', (event, before) => {
      if (!before || event.type === 'deleted' || differs(before, event.object, rolloutAnnotation)) ask.plans();
    }),
    approvals: await follow<'approvals'>('ChangeApproval', ask.plans),
    sessions: await follow<'sessions'>('BGPSession'),
    subnets: await follow<'subnets'>('DHCPSubnet'),
  };
  return { published, ended: Promise.all(endings) };
}

/** The spec moved, or a person asked for something. A write of our own status asks for nothing. */
function asksFleet(before: StoredObject, now: StoredObject): boolean {
  return before.generation !== now.generation || [...requestAnnotations, releaseAnnotation].some((key) => differs(before, now, key));
}

/** A person asked for a look or a hold, or somebody changed or deleted the mirror: it is put right. */
function asksDevice({ type, object }: StoreEvent, before: StoredObject | undefined): boolean {
  if (!before) return false;
  if (type === 'deleted') return true;
  return (
    before.generation !== object.generation ||
    [...requestAnnotations, holdAnnotation, resumedAnnotation, adoptAnnotation].some((key) => differs(before, object, key))
  );
}

function differs(before: StoredObject, now: StoredObject, key: string): boolean {
  return before.annotations[key] !== now.annotations[key];
}
