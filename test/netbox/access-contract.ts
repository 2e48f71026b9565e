import { mkdtempSync, rmSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { openNetBox, type Resource, resources } from '../../controller/netbox/index.ts';
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
    /** A token of a new user who may view all, but of some types only what a condition lets pass. */
    const tokenWho = async (version: 1 | 2, constraints: Readonly<Record<string, object>> = {}, hidden?: string): Promise<string> => {
      const name = `${run}-${++users}`;
      const user = await post('users/users', { username: name, password: `Plumbline-${run}-0` });
      const allow = (types: readonly string[], constraint?: object) =>
        post('users/permissions', {
          name: `${name} ${types.length} ${types[0] ?? ''}`,
          object_types: types,
          actions: ['view'],
          users: [user.id],
          ...(constraint && { constraints: constraint }),
        });
      await allow(viewed.filter((type) => !(type in constraints) && type !== hidden));
      for (const [type, constraint] of Object.entries(constraints)) await allow([type], constraint);
      const { key, token } = await post('users/tokens', { user: user.id, version });
      return version === 2 ? `nbt_${String(key)}.${String(token)}` : String(token);
    };

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

    it('names the list that a token may not view at all', async () => {
      expect(await look(await tokenWho(2, {}, 'ipam.vrf'))).toMatch(/^NetBoxForbidden: .*ipam\/vrfs/);
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
