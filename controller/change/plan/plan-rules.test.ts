import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DevicePlan, Effect, EffectRoutes, PlannedCommand } from '../../api/index.ts';
import { coupleDevices, type InternalSession } from './couple.ts';
import { effectDigestOf, groupByEffect, unsetTokensOf } from './effect.ts';
import { cutPlan, makePlan } from './make-plan.ts';
import { touchesManagement } from './management.ts';
import { countRemovals, needsPermission } from './removals.ts';
import { judgeRisk, judgeRoutes, type RiskFacts } from './risk.ts';

const command = (text: string, ...path: string[]): PlannedCommand => ({ path, text });
function planOf(device: string, given: Partial<Effect> = {}): DevicePlan {
  const effect: Effect = {
    device,
    platform: 'frr',
    commands: [],
    rollback: [],
    secretVersions: {},
    resets: [],
    gaps: [],
    deferred: [],
    risk: 'low',
    riskReasons: [],
    ...given,
  };
  const provenance = { revision: 'r', renderedDigest: '', templatesDigest: '', liveFingerprint: '', deviceVersion: '8.4.4' };
  return {
    effect,
    effectDigest: effectDigestOf(effect),
    provenance,
    predicted: {},
    proof: { forward: true, rollback: true, checked: 1, of: 1 },
  };
}

describe('coupleDevices', () => {
  const session = (a: string, b: string): InternalSession => ({
    name: `${a}-${b}`,
    ends: [
      { device: a, neighbor: `to-${b}`, vrf: 'default' },
      { device: b, neighbor: `to-${a}`, vrf: 'default' },
    ],
  });
  const inVrf = (vrf: string, { name, ends: [a, b] }: InternalSession): InternalSession => ({
    name: `${name} in ${vrf}`,
    ends: [
      { ...a, vrf },
      { ...b, vrf },
    ],
  });
  const resetting = (device: string, to: readonly string[], text: (neighbor: string) => string) =>
    planOf(device, {
      commands: to.map((peer) => command(text(`to-${peer}`), 'router bgp 64496')),
      rollback: to.map((peer) => command(`neighbor to-${peer} remote-as 64496`, 'router bgp 64496')),
      resets: to.map((peer) => ({ neighbor: `to-${peer}`, vrf: 'default', because: 'it' })),
    });
  const password = (neighbor: string) => `neighbor ${neighbor} password <secret:hmac-0>`;

  it.each([
    { what: 'password', text: password },
    { what: 'AS number', text: (neighbor: string) => `neighbor ${neighbor} remote-as 64497` },
    { what: 'TTL', text: (neighbor: string) => `neighbor ${neighbor} ttl-security hops 1` },
    { what: 'family', text: (neighbor: string) => `neighbor ${neighbor} activate` },
  ])('couples both ends of a session whose $what changes on both', ({ text }) => {
    const sets = coupleDevices([resetting('a', ['b'], text), resetting('b', ['a'], text), planOf('c')], [session('a', 'b')]);
    expect(sets).toEqual([['a', 'b'], ['c']]);
  });

  it('couples ends that change different things the other must follow', () => {
    const sets = coupleDevices(
      [resetting('a', ['b'], password), resetting('b', ['a'], (neighbor) => `neighbor ${neighbor} ttl-security hops 1`)],
      [session('a', 'b')],
    );
    expect(sets).toEqual([['a', 'b']]);
  });

  it.each([
    { what: 'one end has nothing to do', plans: [resetting('a', ['b'], password), planOf('b')] },
    {
      what: 'one end only renames',
      plans: [resetting('a', ['b'], password), resetting('b', ['a'], (neighbor) => `neighbor ${neighbor} description x`)],
    },
    {
      what: 'the session is new on both',
      plans: ['a', 'b'].map((device) => {
        const neighbor = `to-${device === 'a' ? 'b' : 'a'}`;
        const commands = [
          command(`neighbor ${neighbor} remote-as 64497`),
          command(password(neighbor)),
          command(`neighbor ${neighbor} activate`),
        ];
        return planOf(device, { commands, rollback: [command(`no neighbor ${neighbor} remote-as 64497`)] });
      }),
    },
    { what: 'they change other sessions', plans: [resetting('a', ['x'], password), resetting('b', ['y'], password)] },
  ])('lets devices go alone when $what', ({ plans }) => {
    expect(coupleDevices(plans, [session('a', 'b')])).toEqual([['a'], ['b']]);
  });

  it('couples both ends of a session that gets its first password', () => {
    const plans = ['a', 'b'].map((device) => {
      const neighbor = `to-${device === 'a' ? 'b' : 'a'}`;
      return planOf(device, { commands: [command(password(neighbor))], rollback: [command(`no neighbor ${neighbor} password`)] });
    });
    expect(coupleDevices(plans, [session('a', 'b')])).toEqual([['a', 'b']]);
  });

  it.each(['neighbor CORES password <secret:hmac-0>', 'no neighbor CORES ttl-security hops 1'])(
    'couples both ends when their peer groups say `%s`',
    (text) => {
      const plans = ['a', 'b'].map((device) => {
        const resets = [{ neighbor: `to-${device === 'a' ? 'b' : 'a'}`, vrf: 'default', because: text }];
        return planOf(device, { commands: [command(text, 'router bgp 64496')], resets });
      });
      expect(coupleDevices(plans, [session('a', 'b')])).toEqual([['a', 'b']]);
    },
  );

  it('couples a new AS of the instance with the end that names it', () => {
    const renumbered = planOf('a', {
      commands: [command('no router bgp 64496'), command('router bgp 64499')],
      resets: [{ neighbor: 'to-b', vrf: 'default', because: 'the instance' }],
    });
    expect(
      coupleDevices([renumbered, resetting('b', ['a'], (neighbor) => `neighbor ${neighbor} remote-as 64499`)], [session('a', 'b')]),
    ).toEqual([['a', 'b']]);
  });

  describe('the same addresses in two VRFs', () => {
    const RED = (device: string, peer: string, vrf = 'RED', text = password) =>
      planOf(device, {
        commands: [command(text(`to-${peer}`), `router bgp 64496 vrf ${vrf}`)],
        resets: [{ neighbor: `to-${peer}`, vrf, because: text(`to-${peer}`) }],
      });
    const blue = inVrf('BLUE', session('a', 'b'));
    const red = inVrf('RED', session('a', 'b'));

    it.each<[string, DevicePlan[], InternalSession[], string[][]]>([
      ['both ends in one VRF go together', [RED('a', 'b'), RED('b', 'a')], [session('a', 'b'), blue, red], [['a', 'b']]],
      ['an end in each is nothing in common', [RED('a', 'b'), RED('b', 'a', 'BLUE')], [blue, red], [['a'], ['b']]],
      ['nor is one in the default VRF', [RED('a', 'b'), resetting('b', ['a'], password)], [session('a', 'b'), red], [['a'], ['b']]],
      [
        'a session may change its VRF at one end alone',
        [RED('a', 'b'), RED('b', 'a', 'BLUE')],
        [{ name: 's', ends: [red.ends[0], blue.ends[1]] }],
        [['a', 'b']],
      ],
    ])('%s', (_what, plans, sessions, sets) => expect(coupleDevices(plans, sessions)).toEqual(sets));

    it('a new AS of one instance is nothing to a session that is reset in another', () => {
      const renumbered = planOf('a', {
        commands: [command('no router bgp 64496 vrf BLUE'), command('router bgp 64499 vrf BLUE')],
        resets: [{ neighbor: 'to-b', vrf: 'RED', because: 'no neighbor to-b shutdown' }],
      });
      expect(coupleDevices([renumbered, RED('b', 'a')], [red])).toEqual([['a'], ['b']]);
    });

    it('a session that is new in one VRF breaks none that is up in another', () => {
      const plans = ['a', 'b'].map((device) => {
        const neighbor = `to-${device === 'a' ? 'b' : 'a'}`;
        const there = RED(device, device === 'a' ? 'b' : 'a').effect;
        const founded = [
          command(`neighbor ${neighbor} remote-as 64497`, 'router bgp 64496'),
          command(password(neighbor), 'router bgp 64496'),
        ];
        return planOf(device, { commands: [...founded, ...there.commands], resets: there.resets });
      });
      expect(coupleDevices(plans, [session('a', 'b')])).toEqual([['a'], ['b']]);
      expect(coupleDevices(plans, [red])).toEqual([['a', 'b']]);
    });
  });

  const chain = [resetting('a', ['b'], password), resetting('b', ['a', 'c'], password), resetting('c', ['b'], password)];
  it('couples a chain and a ring into one set each, however many they are', () => {
    expect(coupleDevices(chain, [session('b', 'c'), session('a', 'b'), session('x', 'y')])).toEqual([['a', 'b', 'c']]);
    const names = Array.from({ length: 30 }, (_, i) => `r${10 + i}`);
    const next = (i: number) => names[(i + names.length) % names.length] ?? '';
    const ring = names.map((name, i) => resetting(name, [next(i - 1), next(i + 1)], password));
    expect(coupleDevices([...ring, ...chain], [...names.map((name, i) => session(name, next(i + 1))), session('a', 'b')])).toEqual([
      ['a', 'b'],
      ['c'],
      names,
    ]);
  });

  it('puts every device into one set, whatever the sessions', () => {
    const names = ['a', 'b', 'c', 'd'];
    const pair = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)).filter(([a, b]) => a !== b);
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const plans = names.map((name) =>
          resetting(
            name,
            pairs.flatMap(([a, b]) => (a === name ? [b] : b === name ? [a] : [])),
            password,
          ),
        );
        const sets = coupleDevices(
          plans,
          pairs.map(([a, b]) => session(a, b)),
        );
        expect(sets.flat().toSorted()).toEqual(names);
        for (const [a, b] of pairs) expect(sets.find((set) => set.includes(a))).toContain(b);
      }),
    );
  });
});

describe('the effect digest', () => {
  const plan = planOf('a', { commands: [command('x')] });

  it('is of the effect alone and stable in the order of keys', () => {
    const shuffled = Object.fromEntries(Object.entries(plan.effect).toReversed()) as unknown as Effect;
    expect(effectDigestOf(shuffled)).toBe(plan.effectDigest);
    expect(plan.effectDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('moves with every field', () => {
    const changed: Partial<Effect>[] = [
      { commands: [command('y')] },
      { rollback: [command('y')] },
      { secretVersions: { 'bgp/password': 'v2' } },
      { resets: [{ neighbor: 'n', vrf: 'default', because: 'b' }] },
      { gaps: [{ what: 'w', because: 'b' }] },
      { deferred: [{ text: 't', until: 'u' }] },
      { risk: 'high' },
      { device: 'b' },
    ];
    const digests = changed.map((change) => effectDigestOf({ ...plan.effect, ...change }));
    expect(new Set([plan.effectDigest, ...digests]).size).toBe(changed.length + 1);
  });

  it('groups devices with the same change, and only those', () => {
    const groups = groupByEffect([planOf('a', { commands: [command('x')] }), planOf('b', { commands: [command('x')] }), planOf('c')]);
    expect([...groups.values()].map((members) => members.map(({ effect }) => effect.device))).toEqual([['a', 'b'], ['c']]);
  });

  it('finds tokens without a value, once each, in commands and rollback', () => {
    const unset = '<secret:unset-bgp/password>';
    const known = `<secret:hmac-${'0'.repeat(32)}>`;
    const commands = [
      command(`neighbor x password ${unset}`),
      command(`neighbor y password ${unset}`),
      command(`neighbor z password ${known}`),
    ];
    expect(unsetTokensOf({ commands, rollback: [command('neighbor x password <secret:unset-live/value>')] })).toEqual([
      unset,
      '<secret:unset-live/value>',
    ]);
  });
});

describe('makePlan', () => {
  const facts = { revision: 'main@sha1:1', createdAt: new Date('2026-11-20T12:00:00Z') };

  it('is named after what it does, not when or from where', () => {
    const plan = makePlan([planOf('b'), planOf('a')], [], facts);
    expect(plan).toMatchObject({ sets: [['a'], ['b']], createdAt: '2026-11-20T12:00:00.000Z' });
    expect(plan.id).toMatch(/^plan-[0-9a-f]{12}$/);
    expect(makePlan([planOf('a'), planOf('b')], [], { revision: 'main@sha1:2', createdAt: new Date() }).id).toBe(plan.id);
    expect(makePlan([planOf('a')], [], facts).id).not.toBe(plan.id);
  });
});

describe('cutPlan', () => {
  const plan = makePlan([planOf('a'), planOf('b')], [], { revision: 'r', createdAt: new Date(0) });
  const alone = makePlan([planOf('a')], [], { revision: 'r', createdAt: new Date(0) });
  it('gives what is left the id of a plan that does just that', () => expect(cutPlan(plan, ([device]) => device === 'a')).toEqual(alone));
  it('leaves a plan alone of which all is kept', () => expect(cutPlan(plan, () => true)).toEqual(plan));
});

describe('removals', () => {
  it('count an object once, and only when nothing of it stays', () => {
    const owned = [
      { key: 'route-map A 10', object: 'route-map A' },
      { key: 'route-map A 20', object: 'route-map A' },
      { key: 'route-map B 10', object: 'route-map B' },
      { key: 'log syslog' },
    ];
    expect(countRemovals(owned, new Set(['route-map A 10']))).toEqual({ owned: 3, removed: ['route-map B', 'log syslog'] });
  });

  it.each([
    { owned: 12, removed: 5, asks: false },
    { owned: 12, removed: 6, asks: true },
    { owned: 200, removed: 20, asks: false },
    { owned: 200, removed: 21, asks: true },
    { owned: 3, removed: 3, asks: true },
    { owned: 1, removed: 1, asks: false },
    { owned: 0, removed: 0, asks: false },
  ])('of $removed out of $owned objects ask for permission: $asks', ({ owned, removed, asks }) => {
    expect(needsPermission({ owned, removed: Array.from({ length: removed }, (_, i) => `object ${i}`) })).toBe(asks);
  });
});

describe('touchesManagement', () => {
  const live = [
    { path: ['interface eth0'], text: 'ip address 203.0.113.10/24' },
    { path: ['interface eth1'], text: 'ip address 198.51.100.1/24' },
    { path: ['router bgp 64496'], text: 'neighbor 203.0.113.10 remote-as 64497' },
  ];
  const path = { address: '203.0.113.10', ours: '192.0.2.77' };
  it.each([
    { name: 'the address itself', touched: command('no ip address 203.0.113.10/24', 'interface eth0') },
    { name: 'the interface that holds it', touched: command('shutdown', 'interface eth0') },
    { name: 'a default route', touched: command('no ip route 0.0.0.0/0 203.0.113.1') },
    { name: 'an IPv6 default route', touched: command('ipv6 route ::/0 2001:db8::1') },
    { name: 'the route back to us', touched: command('ip route 192.0.2.0/24 203.0.113.2') },
  ])('sees $name', ({ touched }) => expect(touchesManagement([touched], live, path)).toEqual([touched]));

  it.each([
    { name: 'what is inside it', touched: { path: ['interface mgmt0'], text: 'shutdown' }, seen: true },
    { name: 'its removal', touched: { path: [], text: 'no interface mgmt0' }, seen: true },
    { name: 'not another interface', touched: { path: ['interface mgmt01'], text: 'shutdown' }, seen: false },
  ])('sees of an interface that Git marks as management, behind a relay: $name', ({ touched, seen }) =>
    expect(touchesManagement([touched], live, { address: '127.0.0.1', interfaces: ['mgmt0'] })).toEqual(seen ? [touched] : []),
  );

  it.each([
    { name: 'another interface', left: command('shutdown', 'interface eth1') },
    { name: 'a route elsewhere', left: command('ip route 198.51.100.0/24 Null0') },
    { name: 'a prefix-list that holds everything', left: command('ip prefix-list ANY seq 5 permit 0.0.0.0/0 le 32') },
    { name: 'another line of a section that only names it', left: command('neighbor 192.0.2.1 description x', 'router bgp 64496') },
    { name: 'a route-map', left: command('no route-map OUT permit 10') },
    { name: 'an address that only begins like it', left: command('ip address 203.0.113.100/24', 'interface eth1') },
  ])('does not see $name', ({ left }) => expect(touchesManagement([left], live, path)).toEqual([]));
});

describe('judgeRisk', () => {
  const session = (address: string) => ({ address, vrf: 'default' });
  const reset = (address: string) => ({ neighbor: address, vrf: 'default', because: 'password' });
  const facts = (given: Partial<RiskFacts['effect']> & Partial<Omit<RiskFacts, 'effect'>> = {}): RiskFacts => {
    const { commands = [], resets = [], gaps = [], ...rest } = given;
    return {
      effect: { commands, resets, gaps },
      management: [],
      removals: { owned: 9, removed: [] },
      shrinks: [],
      bystanders: [],
      sessions: ['1', '2', '3', '4'].map(session),
      ...rest,
    };
  };
  const transit = { device: 'edge1', neighbor: '192.0.2.9', peer: 'transit-a' };
  const routes = (given: Partial<EffectRoutes>): EffectRoutes => ({ announced: [], withdrawn: [], leaks: [], lastOfSite: [], ...given });
  it.each<{ name: string; given: RiskFacts; risk: string; says?: string }>([
    { name: 'a new description', given: facts({ commands: [command('neighbor x description y')] }), risk: 'low' },
    {
      name: 'addresses that nobody gives out any more',
      given: facts({ shrinks: ['192.0.2.10 - 192.0.2.20 of subnet 10 are not given out any more'] }),
      risk: 'medium',
      says: 'clients lose their addresses: 192.0.2.10 - 192.0.2.20 of subnet 10 are not given out any more',
    },
    { name: 'one session of four', given: facts({ resets: [reset('1')] }), risk: 'medium', says: 'it resets 1' },
    {
      name: 'most sessions',
      given: facts({ resets: ['1', '2', '3'].map(reset) }),
      risk: 'high',
      says: 'it resets 3 of the 4 sessions that the device has',
    },
    {
      name: 'a gap',
      given: facts({ gaps: [{ what: 'community-list CL', because: 'kind' }] }),
      risk: 'high',
      says: 'for a moment the device holds neither old nor new: community-list CL',
    },
    {
      name: 'the way to the device',
      given: facts({ management: [command('shutdown', 'interface eth0')] }),
      risk: 'high',
      says: 'it touches the way by which the device is reached: shutdown',
    },
    {
      name: 'a removal',
      given: facts({ removals: { owned: 9, removed: ['route-map A'] } }),
      risk: 'medium',
      says: 'it removes route-map A',
    },
    {
      name: 'a policy taken off',
      given: facts({ commands: [command('no neighbor x route-map IN in')] }),
      risk: 'high',
      says: 'it takes a policy from a neighbor: no neighbor x route-map IN in',
    },
    {
      name: 'a wider list',
      given: facts({ commands: [command('ip prefix-list P seq 5 permit 0.0.0.0/0')] }),
      risk: 'medium',
      says: 'it lets more through: ip prefix-list P seq 5 permit 0.0.0.0/0',
    },
    { name: 'an entry less', given: facts({ commands: [command('no ip prefix-list P seq 5 permit 0.0.0.0/0')] }), risk: 'low' },
    { name: 'a narrower list', given: facts({ commands: [command('ip prefix-list P seq 5 deny 0.0.0.0/0')] }), risk: 'low' },
    {
      name: 'a condition less',
      given: facts({ commands: [command('no match ip address prefix-list P', 'route-map A permit 10')] }),
      risk: 'medium',
      says: 'it lets more through: no match ip address prefix-list P',
    },
  ])('of $name is $risk', ({ given, risk, says }) => {
    const judged = judgeRisk(given);
    expect(judged.risk).toBe(risk);
    expect(judged.riskReasons).toEqual(expect.arrayContaining(says === undefined ? [] : [says]));
    expect(judged.riskReasons.length > 0).toBe(says !== undefined);
  });

  it.each<{ name: string; given: EffectRoutes; risk: string; says: string }>([
    {
      name: 'routes withdrawn',
      given: routes({ withdrawn: [{ ...transit, count: 7, prefixes: ['192.0.2.0/24'] }] }),
      risk: 'medium',
      says: 'it withdraws 192.0.2.0/24 and 6 more from transit-a at edge1',
    },
    {
      name: 'routes announced',
      given: routes({ announced: [{ ...transit, count: 1, prefixes: ['192.0.2.0/24'] }] }),
      risk: 'medium',
      says: 'it announces 192.0.2.0/24 to transit-a at edge1',
    },
    {
      name: 'the last announcement of a site',
      given: routes({ lastOfSite: [{ site: 'fra', count: 1, prefixes: ['192.0.2.0/24'] }] }),
      risk: 'high',
      says: 'no router of fra would announce 192.0.2.0/24 any more',
    },
    {
      name: 'a route leak',
      given: routes({ leaks: ['routes of transit-a (Transit) to peer-b (Peer)'] }),
      risk: 'high',
      says: 'it leaks routes of transit-a (Transit) to peer-b (Peer)',
    },
  ])('of $name is $risk', ({ given, risk, says }) => expect(judgeRoutes(given)).toEqual({ risk, riskReasons: [says] }));
});
