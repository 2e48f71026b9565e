import { mkdtempSync, rmSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { compareWithNetBox, openNetBox, planRecord, type Resource, resources } from '../../controller/netbox/index.ts';
import { stateOf } from '../builders/state.ts';
import { makeCertificate } from '../git/https-host.ts';

interface Place {
  url: string;
  token: string;
}

/** Who may ask a real NetBox, and over what: tokens of both kinds, tokens that see half, an authority of one's own. */
export function describeAccess(title: string, start: () => Place): void {
  // oxlint-disable-next-line vitest/valid-title -- the caller names it
  describe(title, () => {
    const run = `a${Math.floor(performance.timeOrigin % 1e9).toString(36)}`;
    const ids: Record<string, number> = {};

    /** Past our client, which has no word for users. */
    const post = async (path: string, body: object): Promise<Record<string, unknown> & { id: number }> => {
      const answer = await fetch(`${start().url}/api/${path}/`, {
        method: 'POST',
        headers: { authorization: `Bearer ${start().token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as Record<string, unknown> & { id: number };
    };
    /** Reads all with a token, or says why that failed. */
    const look = async (token: string, how: { url?: string; ca?: string } = {}): Promise<Record<string, number> | string> => {
      try {
        const netbox = await openNetBox({ url: start().url, token: new Secret(token), clock: systemClock, ...how });
        try {
          const { objects } = await netbox.readFacts();
          return Object.fromEntries(Object.entries(objects).map(([kind, { length }]) => [kind, length]));
        } finally {
          await netbox.close();
        }
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        return `${code ?? ''}: ${message}`;
      }
    };
    let users = 0;
    /** A token of a new user who may view these types, of some only what a condition lets pass. */
    const userWho = async (
      version: 1 | 2,
      types: readonly string[],
      constraints: Readonly<Record<string, object>> = {},
    ): Promise<string> => {
      const name = `${run}-${++users}`;
      const user = await post('users/users', { username: name, password: `Plumbline-${run}-0` });
      const allow = (all: readonly string[], constraint?: object) =>
        post('users/permissions', {
          name: `${name} ${all.length} ${all[0] ?? ''}`,
          object_types: all,
          actions: ['view'],
          users: [user.id],
          ...(constraint && { constraints: constraint }),
        });
      if (types.length > 0) await allow(types);
      for (const [type, constraint] of Object.entries(constraints)) await allow([type], constraint);
      const { key, token } = await post('users/tokens', { user: user.id, version });
      return version === 2 ? `nbt_${String(key)}.${String(token)}` : String(token);
    };
    /** Of one who may view all else without a condition. */
    const tokenWho = (version: 1 | 2, constraints: Readonly<Record<string, object>> = {}, hidden?: string): Promise<string> =>
      userWho(
        version,
        viewed.filter((type) => !(type in constraints) && type !== hidden),
        constraints,
      );

    beforeAll(async () => {
      for (const name of ['fra', 'lon']) ids[name] = (await post('dcim/sites', { name: `${run}-${name}`, slug: `${run}-${name}` })).id;
      const maker = await post('dcim/manufacturers', { name: run, slug: run });
      const type = await post('dcim/device-types', { manufacturer: maker.id, model: run, slug: run });
      const role = await post('dcim/device-roles', { name: run, slug: run, color: '9e9e9e' });
      for (const [name, site] of [
        ['r1', 'fra'],
        ['r2', 'fra'],
        ['r3', 'lon'],
      ] as const) {
        const device = await post('dcim/devices', { name: `${run}-${name}`, site: ids[site], role: role.id, device_type: type.id });
        await post('dcim/interfaces', { device: device.id, name: 'eth0', type: 'other' });
      }
    }, 120_000);

    it('accepts a token of either version of a user who may only view', async () => {
      const all = await look(start().token);
      expect(all).toMatchObject({ device: expect.any(Number) });
      expect(await look(await tokenWho(2))).toEqual(all);
      expect(await look(await tokenWho(1))).toEqual(all);
    }, 120_000);

    it.each<{ name: string; constraints: () => Readonly<Record<string, object>> }>([
      {
        name: 'some devices, and all interfaces',
        constraints: () => ({ 'dcim.device': { name: `${run}-r1` } }),
      },
      {
        name: 'some devices with what stands on them',
        constraints: () => ({ 'dcim.device': { name: `${run}-r1` }, 'dcim.interface': { device__name: `${run}-r1` } }),
      },
      { name: 'no site', constraints: () => ({ 'dcim.site': { slug: 'nowhere' } }) },
    ])(
      'never takes for deleted what a token may not see: $name',
      async ({ constraints }) => {
        const said = await look(await tokenWho(2, constraints()));
        expect(said).toContain('NetBoxIncomplete');
        expect(said).toContain('perhaps the token may not see');
      },
      120_000,
    );

    it('compares one site for a token that sees one site alone: what Git has elsewhere is Unknown, and nothing of it is made', async () => {
      const own = { site__slug: `${run}-fra` };
      const token = await tokenWho(2, {
        'dcim.site': { slug: `${run}-fra` },
        'dcim.device': own,
        'dcim.interface': { device__site__slug: `${run}-fra` },
        'ipam.ipaddress': { interface__device__site__slug: `${run}-fra` },
        ...Object.fromEntries(['dcim.location', 'dcim.rack', 'ipam.vlan'].map((type) => [type, own])),
        ...Object.fromEntries(['ipam.prefix', 'ipam.vlangroup', 'ipam.iprange', 'ipam.vrf'].map((type) => [type, { pk: 0 }])),
      });
      const state = stateOf(
        ['r1-fra', 'new-fra', 'r3-lon']
          .map((each) => each.split('-'))
          .map(
            ([name = '', site = '']) => `
kind: Device
name: ${run}-${name}
labels: {site: ${run}-${site}, role: ${run}, device-type: ${run}}
spec:
  platform: frr
  lifecycle: Planned
  credentials: {observe: {name: routers}}
  interfaces: [{name: eth0}]
`,
          )
          .join('---'),
      );
      const netbox = await openNetBox({ url: start().url, token: new Secret(token), clock: systemClock });
      const facts = await netbox.readFacts();
      await netbox.close();
      const found = compareWithNetBox({ state, facts, told: new Map() });
      const verdicts = found.differences.map(({ record, object, field = '' }) => `${record} ${object.replace(run, '')} ${field}`.trim());
      expect(verdicts).toEqual(['Missing -new', 'Missing -new > eth0', 'Unknown -r3', 'Unknown -r3 > eth0']);
      const { changes } = planRecord(found, facts, { remove: true, allowRemovals: true });
      expect(changes.filter(({ name }) => name.includes('-r3'))).toEqual([]);
    }, 60_000);

    it('reads all else when a token may not view a list at all, and says which', async () => {
      const netbox = await openNetBox({ url: start().url, token: new Secret(await tokenWho(2, {}, 'ipam.vrf')), clock: systemClock });
      try {
        const { objects, unseen } = await netbox.readFacts();
        expect(unseen).toEqual({ vrf: 'vrf', prefix: 'vrf', ipRange: 'vrf', ipAddress: 'vrf' });
        expect(objects['device']?.filter(({ key }) => key.includes(run))).toHaveLength(3);
        await expect(netbox.readFacts(undefined, ['prefix'])).rejects.toMatchObject({
          code: 'NetBoxForbidden',
          message: expect.stringContaining('ipam/vrfs'),
        });
      } finally {
        await netbox.close();
      }
    }, 60_000);

    it('says where no device can be found: a token that may view nothing', async () => {
      expect(await look(await userWho(2, []))).toMatch(/^NetBoxForbidden: .*dcim\//);
    }, 60_000);

    describe('behind a certificate of an authority of one’s own', () => {
      let folder: string;
      let proxy: Server;
      let authority: string;
      let url: string;
      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), 'plumb-netbox-ca-'));
        const { key, certificate, authority: made } = makeCertificate(folder);
        authority = made;
        proxy = createServer({ key, cert: certificate }, (request, response) => {
          const options = { method: request.method, headers: request.headers };
          const onward = plainRequest(`${start().url}${request.url ?? ''}`, options, (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(response);
          });
          onward.on('error', () => response.destroy());
          request.pipe(onward);
        });
        await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
        url = `https://localhost:${(proxy.address() as AddressInfo).port}`;
      });
      afterAll(async () => {
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy.close(resolve));
        rmSync(folder, { recursive: true, force: true });
      });

      it('is read when the authority is named', async () => {
        expect(await look(start().token, { url, ca: authority })).toEqual(await look(start().token));
      });

      it('is refused otherwise, and the token is not sent', async () => {
        expect(await look(start().token, { url })).toMatch(/^NetBoxUnreachable: .*(self-signed|unable to)/);
      });
    });
  });
}

/** What a token has to be able to view. */
const viewed = Object.values(resources as Readonly<Record<string, Resource>>).flatMap(({ model, plugin }) =>
  plugin === undefined ? [model] : [],
);
