import { describe, expect, it } from 'vitest';
import { BGPSessionStatus, type NeighborState, type SessionExpectation } from '../../api/index.ts';
import { describeSession, describeStaleSession, type SessionEndFacts } from './session-status.ts';

const at = new Date('2026-11-21T10:00:00.000Z');
const later = new Date('2026-11-21T11:00:00.000Z');
const expected = (neighbor: string, addressFamilies = ['ipv4-unicast']): SessionExpectation => ({
  kind: 'BGPSession',
  name: 'a-b',
  source: { file: 'sessions.yaml', line: 1 },
  session: 'a-b',
  neighbor,
  vrf: 'default',
  addressFamilies,
  remoteAs: 64496,
  expect: 'Established',
  peerDevice: null,
});
const state = (address: string, word: string, more: Partial<NeighborState> = {}): NeighborState => ({
  address,
  vrf: 'default',
  family: 'ipv4-unicast',
  remoteAs: 64496,
  state: word,
  upSeconds: 60,
  accepted: 20,
  advertised: 4,
  ...more,
});

/** An end of the session on router `a` or `b`, whose neighbor is in this state; without a word the device was not read. */
function end(device: 'a' | 'b', word?: string, families?: string[]): SessionEndFacts {
  const neighbor = device === 'a' ? '192.0.2.1' : '192.0.2.0';
  const neighbors = word === undefined ? undefined : word === '' ? [] : [state(neighbor, word)];
  return { device, expected: expected(neighbor, families), neighbors };
}

const describeEnds = (ends: SessionEndFacts[], last?: BGPSessionStatus, when = at) =>
  BGPSessionStatus.parse(describeSession(ends, last, { generation: 1, at: when }));

describe('a session', () => {
  it.each<{ name: string; ends: SessionEndFacts[]; status: string; reason: string; says: string }>([
    {
      name: 'is Established when it is so on both ends',
      ends: [end('a', 'Established'), end('b', 'Established')],
      status: 'True',
      reason: 'Established',
      says: 'Established in every family on every managed end',
    },
    {
      name: 'is Down while it tries to come up',
      ends: [end('a', 'Active')],
      status: 'False',
      reason: 'Down',
      says: 'a to 192.0.2.1 ipv4-unicast: Down',
    },
    {
      name: 'is Down, whatever the step',
      ends: [end('a', 'OpenSent')],
      status: 'False',
      reason: 'Down',
      says: 'a to 192.0.2.1 ipv4-unicast: Down',
    },
    {
      name: 'is Shutdown when an end is',
      ends: [end('a', 'Idle (Admin)'), end('b', 'Active')],
      status: 'False',
      reason: 'Shutdown',
      says: 'a to 192.0.2.1 ipv4-unicast: Shutdown; b to 192.0.2.0 ipv4-unicast: Down',
    },
    {
      name: 'is beyond its PrefixLimit before all else',
      ends: [end('a', 'Idle (Admin)'), end('b', 'Idle (PfxCt)')],
      status: 'False',
      reason: 'PrefixLimit',
      says: 'b to 192.0.2.0 ipv4-unicast: PrefixLimit',
    },
    {
      name: 'is NotConfigured where the device does not have it',
      ends: [end('a', '')],
      status: 'False',
      reason: 'NotConfigured',
      says: 'a to 192.0.2.1 ipv4-unicast: NotConfigured',
    },
    {
      name: 'needs every family',
      ends: [end('a', 'Established', ['ipv4-unicast', 'ipv6-unicast'])],
      status: 'False',
      reason: 'NotConfigured',
      says: 'ipv6-unicast: NotConfigured',
    },
    {
      name: 'is not known when an end cannot be read',
      ends: [end('a', 'Established'), end('b')],
      status: 'Unknown',
      reason: 'Unverified',
      says: 'b cannot be read',
    },
    {
      name: 'is not known when no end can be read',
      ends: [end('a'), end('b')],
      status: 'Unknown',
      reason: 'Unverified',
      says: 'a and b cannot be read',
    },
    {
      name: 'is Down when one end says so and the other cannot be read',
      ends: [end('a', 'Active'), end('b')],
      status: 'False',
      reason: 'Down',
      says: 'a to 192.0.2.1',
    },
  ])('$name', ({ ends, status, reason, says }) => {
    const [ready] = describeEnds(ends).conditions;
    expect(ready).toMatchObject({ type: 'Ready', status, reason });
    expect(ready?.message).toContain(says);
  });

  it('that need not be up says so', () => {
    const ends = [{ ...end('a', 'Active'), expected: { ...expected('192.0.2.1'), expect: 'Configured' as const } }];
    expect(describeEnds(ends).conditions[0]?.message).toContain('It need not be up: expect is Configured');
  });

  it('is looked up in its own VRF', () => {
    const ends = [{ ...end('a'), neighbors: [state('192.0.2.1', 'Established', { vrf: 'customers' })] }];
    expect(describeEnds(ends).conditions[0]?.reason).toBe('NotConfigured');
  });

  it('has no numbers in its status that move: two looks at a session that stands are one status', () => {
    const moved = [{ ...end('a'), neighbors: [state('192.0.2.1', 'Established', { upSeconds: 999, accepted: 7, advertised: 8 })] }];
    const first = describeEnds([end('a', 'Established')]);
    expect(describeEnds(moved, first, later)).toEqual(first);
    const connecting = describeEnds([end('a', 'Connect')]);
    expect(describeEnds([end('a', 'Active')], connecting, later)).toEqual(connecting);
  });

  it('keeps what was last seen of an end that cannot be read, in the order of the devices', () => {
    const first = describeEnds([end('b', 'Established'), end('a', 'Idle (Admin)')]);
    expect(first.ends.map(({ device }) => device)).toEqual(['a', 'b']);
    const second = describeEnds([end('b', 'Established'), end('a')], first, later);
    expect(second.ends).toEqual(first.ends);
    expect(second.conditions).toMatchObject([{ status: 'Unknown', lastTransitionTime: later.toISOString() }]);
  });

  it('of a device that Git cannot be rendered for is not known, whatever its neighbors were', () => {
    const first = describeEnds([end('a', 'Established')]);
    const invalid = describeEnds([{ device: 'a', expected: undefined, neighbors: [state('192.0.2.1', 'Established')] }], first);
    expect(invalid).toMatchObject({ ends: first.ends, conditions: [{ status: 'Unknown', message: 'a cannot be read' }] });
  });

  it('at which nobody looked for long is Stale, and says which end; what was seen of it stays', () => {
    const last = describeEnds([end('a', 'Established'), end('b', 'Established')]);
    const one = describeStaleSession(last, ['a'], { generation: 1, at: later });
    expect(one).toMatchObject({
      ends: last.ends,
      conditions: [{ status: 'Unknown', reason: 'Stale', message: 'a was not looked at for three intervals' }],
    });
    const both = describeStaleSession(last, ['a', 'b'], { generation: 1, at: later });
    expect(both.conditions[0]?.message).toBe('a and b were not looked at for three intervals');
  });
});
