import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialectFor, parse, planPatch, printCommands } from '../../controller/config/index.ts';
import { type Lab, startLab, whyNoLab } from './frr-lab.ts';

const frr = dialectFor('frr');
const reason = whyNoLab();
const far = '192.0.2.2';

const near = `router bgp 65001
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor ${far} remote-as 65002
 neighbor ${far} timers 1 3
 neighbor ${far} timers connect 1
 address-family ipv4 unicast
  network 198.51.100.0/24
 exit-address-family
exit
route-map ANY permit 10
exit
`;
const other = near
  .replace('65001', '65002')
  .replace(`${far} remote-as 65002`, '192.0.2.1 remote-as 65001')
  .replaceAll(`neighbor ${far}`, 'neighbor 192.0.2.1')
  .replace('router-id 192.0.2.1', `router-id ${far}`);

interface Session {
  readonly state: string;
  readonly dropped: number;
  readonly keepalives: number;
}

describe.skipIf(reason !== undefined)(
  `the cost of a line, measured on a real session${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  { timeout: 60_000 },
  () => {
    let left: Lab;
    let right: Lab;
    beforeAll(async () => {
      left = await startLab('left', ['zebra', 'bgpd']);
      right = await startLab('right', ['zebra', 'bgpd']);
      execFileSync('ip', ['-n', left.name, 'link', 'add', 'to-right', 'type', 'veth', 'peer', 'name', 'to-left', 'netns', right.name]);
      for (const [lab, port, address] of [
        [left, 'to-right', '192.0.2.1/24'],
        [right, 'to-left', `${far}/24`],
      ] as const) {
        execFileSync('ip', ['-n', lab.name, 'addr', 'add', address, 'dev', port]);
        execFileSync('ip', ['-n', lab.name, 'link', 'set', port, 'up']);
      }
      await left.boot(near);
      await right.boot(other);
    });
    afterAll(async () => {
      await left?.stop();
      await right?.stop();
    });

    async function session(): Promise<Session> {
      const said = JSON.parse(await left.vtysh(`show bgp neighbors ${far} json`)) as Record<string, Record<string, unknown>>;
      const { bgpState, connectionsDropped, messageStats } = said[far] ?? {};
      return {
        state: String(bgpState),
        dropped: Number(connectionsDropped),
        keepalives: Number((messageStats as Record<string, unknown> | undefined)?.['keepalivesRecv']),
      };
    }

    async function until(what: string, holds: (now: Session) => boolean): Promise<Session> {
      const end = performance.now() + 20_000;
      for (;;) {
        const now = await session();
        if (holds(now)) return now;
        if (performance.now() > end) throw new Error(`waited too long for ${what}`);
        await delay(100);
      }
    }

    const family = (line: string): string => ` address-family ipv4 unicast\n  ${line}\n exit-address-family`;
    it.each([
      ` neighbor ${far} description nothing happens`,
      ` neighbor ${far} advertisement-interval 3`,
      ` neighbor ${far} passive`,
      ` neighbor ${far} password opensesame`,
      ` neighbor ${far} ttl-security hops 1`,
      ` neighbor ${far} ebgp-multihop 3`,
      ` neighbor ${far} capability extended-nexthop`,
      ' bgp router-id 192.0.2.9',
      ' bgp bestpath compare-routerid',
      ' bgp default local-preference 200',
      family(`neighbor ${far} route-map ANY in`),
      family(`neighbor ${far} next-hop-self`),
      family(`neighbor ${far} soft-reconfiguration inbound`),
      family(`neighbor ${far} route-server-client`),
      family(`neighbor ${far} addpath-tx-all-paths`),
      family(`neighbor ${far} maximum-prefix 100`),
      ` address-family ipv6 unicast\n  neighbor ${far} activate\n exit-address-family`,
    ])('is what the plan says: %s', async (line) => {
      const [live, intended] = [near, near.replace('exit\nroute-map', `${line}\nexit\nroute-map`)].map((text) => parse(text, frr));
      if (!live || !intended) throw new Error('two texts are two trees');
      const patch = planPatch(live, intended, frr, { scope: 'all' });
      const before = await until('the session', ({ state }) => state === 'Established');
      await left.apply(printCommands(patch.commands, frr));
      // A session that lives hears three more keepalives; one that was reset has been counted by then.
      const after = await until('a sign', (now) => now.dropped > before.dropped || now.keepalives >= before.keepalives + 3);
      await left.apply(printCommands(patch.rollback, frr));
      expect(patch.resets.map(({ neighbor }) => neighbor)).toEqual(after.dropped > before.dropped ? [far] : []);
    });

    it('a default route that is sent without being there is marked and unmarked in one line each, as a drain does', async () => {
      const drain = 'route-map DRAIN permit 20\n set community graceful-shutdown\nexit\n';
      const sending = (more: string): string => near.replace(' exit-address', `  neighbor ${far} default-originate${more}\n exit-address`);
      const [bare, plain, marked] = [near, sending(''), `${drain}${sending(' route-map DRAIN')}`].map((text) => parse(text, frr));
      if (!bare || !plain || !marked) throw new Error('three texts are three trees');
      const walk = async (from: typeof bare, to: typeof bare, community: string | undefined): Promise<readonly string[]> => {
        const { commands } = planPatch(from, to, frr, { scope: 'all' });
        await left.apply(printCommands(commands, frr));
        const end = performance.now() + 20_000;
        for (;;) {
          const { paths = [] } = JSON.parse(await right.vtysh('show bgp ipv4 unicast 0.0.0.0/0 json')) as {
            paths?: { community?: object }[];
          };
          if (paths.length > 0 && (paths[0]?.community !== undefined) === (community !== undefined)) {
            if (community !== undefined) expect(JSON.stringify(paths)).toContain(community);
            return commands.map(({ text }) => text);
          }
          if (performance.now() > end) throw new Error(`the default route did not come with ${community ?? 'no community'}`);
          await delay(100);
        }
      };
      await until('the session', ({ state }) => state === 'Established');
      const line = `neighbor ${far} default-originate`;
      expect(await walk(bare, plain, undefined)).toEqual([line]);
      expect(await walk(plain, marked, 'graceful-shutdown')).toContain(`${line} route-map DRAIN`);
      expect((await walk(marked, plain, undefined)).filter((text) => text.includes('default-originate'))).toEqual([line]);
      await left.apply(printCommands(planPatch(plain, bare, frr, { scope: 'all' }).commands, frr));
    });
  },
);
