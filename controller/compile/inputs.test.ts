import { describe, expect, it } from 'vitest';
import { stateOf } from '../../test/builders/state.ts';
import type { CheckedState } from '../api/index.ts';
import { compileDevice } from './compile-device.ts';
import { areInputsSame } from './inputs.ts';

const device = (name: string, n: number): string => `
kind: Device
name: ${name}
spec:
  platform: frr
  management: { address: 192.0.2.${n}, hostKeys: ['SHA256:${'a'.repeat(43)}'] }
  credentials: { observe: { name: o }, apply: { name: a } }
  interfaces: [{ name: lo, role: Loopback, addresses: [198.51.100.${n}/32] }]
  bgp: { asn: 64500, routerId: 198.51.100.${n} }
  ${name === 'edge1' ? 'profile: small\n  sections: [{ name: extra, file: extra.conf }]' : ''}
`;
const session = (name: string, [a, b]: readonly [string, string]): string => `
kind: BGPSession
name: ${name}
spec:
  type: Internal
  families: [ipv4-unicast]
  ends:
    - { device: ${a}, loopback: lo, families: { ipv4-unicast: { import: in } } }
    - { device: ${b}, loopback: lo }
`;
const policy = `
kind: RoutePolicy
name: in
spec: { default: Deny, terms: [{ name: ours, action: Permit, match: { prefixSet: ours } }] }
`;
const set = 'kind: PrefixSet\nname: ours\nspec: { entries: [{ prefix: 203.0.113.0/24 }] }';
const profile = 'kind: DeviceProfile\nname: small\nspec: { platform: frr }';
const state = stateOf(
  [
    device('edge1', 1),
    device('edge2', 2),
    device('far1', 3),
    device('far2', 4),
    session('edge1-edge2', ['edge1', 'edge2']),
    session('far1-far2', ['far1', 'far2']),
    policy,
    set,
    profile,
  ].join('\n---\n'),
  { 'extra.conf': 'log syslog\n', 'other.conf': '' },
);

/** The state with an object as it would be after its file changed: an equal one, and another. */
function withNew(kind: keyof CheckedState['objects'], name: string): CheckedState {
  const objects = new Map(state.objects[kind] as ReadonlyMap<string, object>);
  objects.set(name, { ...objects.get(name) });
  return { ...state, objects: { ...state.objects, [kind]: objects } };
}

function without(kind: keyof CheckedState['objects'], name: string): CheckedState {
  const objects = new Map(state.objects[kind] as ReadonlyMap<string, object>);
  objects.delete(name);
  return { ...state, objects: { ...state.objects, [kind]: objects } };
}

describe('what edge1 is compiled from', () => {
  const { inputs } = compileDevice(state, 'edge1');
  it.each<{ what: string; now: CheckedState; same: boolean }>([
    { what: 'nothing changed', now: { ...state, objects: { ...state.objects } }, same: true },
    { what: 'the device', now: withNew('Device', 'edge1'), same: false },
    { what: 'the device at the other end', now: withNew('Device', 'edge2'), same: false },
    { what: 'a device that it has no session with', now: withNew('Device', 'far1'), same: true },
    { what: 'its session', now: withNew('BGPSession', 'edge1-edge2'), same: false },
    { what: 'its session is gone', now: without('BGPSession', 'edge1-edge2'), same: false },
    { what: 'a session of others', now: withNew('BGPSession', 'far1-far2'), same: true },
    { what: 'a session of others is gone', now: without('BGPSession', 'far1-far2'), same: true },
    { what: 'a policy that it uses', now: withNew('RoutePolicy', 'in'), same: false },
    { what: 'a set that its policy uses', now: withNew('PrefixSet', 'ours'), same: false },
    { what: 'its profile', now: withNew('DeviceProfile', 'small'), same: false },
    { what: 'a file of its section', now: { ...state, files: new Map([['extra.conf', 'log file\n']]) }, same: false },
    { what: 'a file of its section is gone', now: { ...state, files: new Map() }, same: false },
    { what: 'another file', now: { ...state, files: new Map([['extra.conf', 'log syslog\n']]) }, same: true },
  ])('$what: same $same', ({ now, same }) => expect(areInputsSame(inputs, now)).toBe(same));

  it('are not the same once there is what was missing', () => {
    const before = compileDevice(without('PrefixSet', 'ours'), 'edge1').inputs;
    expect(areInputsSame(before, without('PrefixSet', 'ours'))).toBe(true);
    expect(areInputsSame(before, state)).toBe(false);
  });

  it('are not the same once another session names it', () => {
    const before = compileDevice(without('BGPSession', 'edge1-edge2'), 'edge1').inputs;
    expect(areInputsSame(before, state)).toBe(false);
  });
});
