import type { CheckedState } from '../../api/index.ts';
import type { Owner } from '../../config/index.ts';
import { factsInGit } from '../facts-in-git.ts';
import type { FoundNeighbor, Spec } from '../found.ts';
import type { Found } from '../frr/index.ts';
import { freeName } from '../names.ts';
import { type DeviceFacts, nameSession, pairSessions, specOfSession } from '../sessions.ts';
import { writeObject } from '../yaml-text.ts';
import { carryOver } from './delta.ts';
import { listOf, pairs } from './propose-device.ts';
import { type Proposal, proposeSpec } from './proposal.ts';

/** Changes of the sessions of a device, and sessions with neighbors that Git does not know. */
export function proposeSessions(
  state: CheckedState,
  device: string,
  before: Found,
  after: Found,
  owners: ReadonlyMap<string, Owner>,
): Proposal[] {
  const facts = factsInGit(state, device);
  const used = new Set(state.objects.BGPSession.keys());
  return pairs(before.neighbors, after.neighbors, ({ unit }) => unit).flatMap(([, was, is]): Proposal[] => {
    const { address = '', vrf } = is ?? was ?? {};
    if (was && is) {
      const session = sessionOf(address, vrf, owners);
      return session === undefined
        ? []
        : [
            proposeSpec(state, 'BGPSession', session, `neighbor ${address}`, (spec) =>
              withNeighbor(spec, device, specOf(was, facts, session), specOf(is, facts, session)),
            ),
          ];
    }
    if (!is || is.remoteAs === undefined || is.password !== undefined) return [];
    const [found] = pairSessions(
      [is],
      () => facts,
      () => false,
    );
    if (!found) return [];
    const name = freeName(
      nameSession(found, () => true),
      (wish) => !used.has(wish),
    );
    used.add(name);
    const path = `sessions/${name}.yaml`;
    return [
      {
        what: `BGPSession/${name}, new`,
        edit: async (texts) =>
          (await texts.read(path)) === undefined
            ? new Map([[path, writeObject('BGPSession', name, specOfSession(found, name, undefined))]])
            : undefined,
      },
    ];
  });
}

function sessionOf(address: string, vrf: string | undefined, owners: ReadonlyMap<string, Owner>): string | undefined {
  for (const [key, { owner }] of owners) {
    const isThere = key.split(' ').includes(address) && / neighbor /.test(` ${key} `);
    if (owner.startsWith('BGPSession/') && isThere && /^router bgp vrf (\S+)/.exec(key)?.[1] === vrf)
      return owner.slice('BGPSession/'.length);
  }
  return undefined;
}

/** What the device alone says of the session. A password is no part of it. */
function specOf({ password: _password, ...neighbor }: FoundNeighbor, facts: DeviceFacts, name: string): Spec {
  const [found] = pairSessions(
    [neighbor],
    () => facts,
    () => false,
  );
  return found ? specOfSession(found, name, undefined) : {};
}

/** What both ends share is the session's only where the other end is somebody else's; where it is ours it stands at this end alone. */
function withNeighbor(spec: Spec, device: string, was: Spec, is: Spec): Spec | undefined {
  const ends = listOf(spec['ends']);
  const own = ends.findIndex((end) => end['device'] === device);
  const end = ends[own];
  const other = ends[1 - own];
  if (!end || !other) return undefined;
  const [wasEnd, isEnd] = [listOf(was['ends']), listOf(is['ends'])];
  const changed = carryOver(wasEnd[0], isEnd[0], end) as Spec;
  if (other['external'] !== undefined) {
    const theirs = { ...other, external: carryOver(withoutName(wasEnd[1]), withoutName(isEnd[1]), other['external']) };
    const { ends: _was, ...top } = was;
    const { ends: _is, ...now } = is;
    return { ...(carryOver(top, now, spec) as Spec), ends: ends.with(own, changed).with(1 - own, theirs) };
  }
  const said = changed['description'] ?? is['description'];
  const isDescribed = was['description'] !== is['description'] && said !== undefined;
  const lines = [
    ...listOfWords(changed['lines']).filter((line) => !linesOf(was).includes(line)),
    ...linesOf(is).filter((line) => !linesOf(was).includes(line)),
  ];
  const { lines: _lines, ...rest } = changed;
  return { ...spec, ends: ends.with(own, { ...rest, ...(isDescribed && { description: said }), ...(lines.length > 0 && { lines }) }) };
}

function withoutName(end: Spec | undefined): Spec {
  const { name: _name, ...rest } = (end?.['external'] ?? {}) as Spec;
  return rest;
}

/** What the session as a whole says, as lines of one neighbor. */
function linesOf({ adminState, timers, ttl }: Spec): string[] {
  const { keepaliveSeconds, holdSeconds, connectRetrySeconds } = (timers ?? {}) as Record<string, number>;
  const { multihop, gtsmHops } = (ttl ?? {}) as Record<string, number>;
  return [
    ...(adminState === 'Shutdown' ? ['shutdown'] : []),
    ...(holdSeconds === undefined ? [] : [`timers ${keepaliveSeconds} ${holdSeconds}`]),
    ...(connectRetrySeconds === undefined ? [] : [`timers connect ${connectRetrySeconds}`]),
    ...(multihop === undefined ? [] : [`ebgp-multihop ${multihop}`]),
    ...(gtsmHops === undefined ? [] : [`ttl-security hops ${gtsmHops}`]),
  ];
}

function listOfWords(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}
