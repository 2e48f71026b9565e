import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { createMemory, type Kind, type Memory, type NetBox, openNetBox, type Write } from '../../controller/netbox/index.ts';

/** What every NetBox does, the fake one too. Names of objects begin with `prefix`, so that runs do not meet. */
export function describeNetBox(title: string, start: () => Promise<{ url: string; token: string }> | { url: string; token: string }): void {
  // oxlint-disable-next-line vitest/valid-title -- the caller names it
  describe(title, () => {
    let netbox: NetBox;
    let access: { url: string; token: string };
    const prefix = `c${Math.floor(performance.timeOrigin % 1e9).toString(36)}`;
    const open = (token = access.token) => openNetBox({ url: access.url, token: new Secret(token), clock: systemClock, pageSize: 3 });
    const message = 'main@sha1:0123456789abcdef0123456789abcdef01234567, edge1-fra';

    beforeAll(async () => {
      access = await start();
      netbox = await open();
    });
    afterAll(() => netbox?.close());

    const write = (kind: Kind, ...writes: Omit<Write, 'message'>[]) =>
      netbox.write(
        kind,
        writes.map((each) => ({ ...each, message })),
      );
    const make = async (kind: Kind, body: Record<string, unknown>): Promise<number> => {
      const [written] = await write(kind, { what: kind, body });
      if (!written || written.error) throw written?.error ?? new Error('nothing was written');
      return written.row?.['id'] as number;
    };
    const rows = async (kind: Kind) => (await netbox.readFacts()).objects[kind] ?? [];
    const slug = (name: string) => `${prefix}-${name}`;

    it('says its version', () => {
      expect(netbox.server).toMatchObject({ cursor: true, bulkIfMatch: true, changelogMessage: true, writable: true, plugins: [] });
      expect(netbox.server.version).toMatch(/^4\.7\.\d+$/);
    });

    it('gives a list whole, whatever the size of its pages', async () => {
      const slugs = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => slug(`page-${name}`));
      const written = await write('manufacturer', ...slugs.map((each) => ({ what: each, body: { name: each, slug: each } })));
      expect(written.flatMap(({ error }) => error ?? [])).toEqual([]);
      const found = (await rows('manufacturer')).map(({ key }) => key).filter((key) => key.startsWith(slug('page-')));
      expect(found).toEqual(slugs);
    });

    it('names references by natural keys: one slug of a role under two parents, one of a platform for two manufacturers', async () => {
      const [one, two] = [await make('deviceRole', role('one')), await make('deviceRole', role('two'))];
      await make('deviceRole', { ...role('leaf'), name: `${prefix} leaf 1`, parent: one });
      await make('deviceRole', { ...role('leaf'), name: `${prefix} leaf 2`, parent: two });
      const keys = (await rows('deviceRole')).map(({ key }) => key);
      expect(keys).toEqual(expect.arrayContaining([`${slug('one')} > ${slug('leaf')}`, `${slug('two')} > ${slug('leaf')}`]));
    });

    it('reads device, interface and address with canonical values', async () => {
      const site = await make('site', { name: slug('fra'), slug: slug('fra'), status: 'active' });
      const maker = await make('manufacturer', { name: slug('maker'), slug: slug('maker') });
      const type = await make('deviceType', { manufacturer: maker, model: slug('box'), slug: slug('box') });
      const deviceRole = await make('deviceRole', role('edge'));
      const device = await make('device', {
        name: `${prefix}-Edge1`,
        site,
        device_type: type,
        role: deviceRole,
        status: 'staged',
        serial: ' S1 ',
      });
      const port = await make('interface', { device, name: 'eth0', type: '1000base-t', mtu: 9000, description: 'Zürich ↔ 東京' });
      const address = await make('ipAddress', {
        address: '2001:DB8:0::1/64',
        assigned_object_type: 'dcim.interface',
        assigned_object_id: port,
      });
      const [first] = await write('device', { what: 'primary', id: device, body: { primary_ip6: address } });
      expect(first?.error).toBeUndefined();

      const facts = await netbox.readFacts();
      const key = `${slug('fra')} > ${prefix}-edge1`;
      expect(facts.objects['device']?.find(({ id }) => id === device)).toMatchObject({
        key,
        values: {
          name: `${prefix}-Edge1`,
          site: slug('fra'),
          type: `${slug('maker')} > ${slug('box')}`,
          role: slug('edge'),
          status: 'staged',
          serial: 'S1',
          assetTag: null,
          primaryIp4: null,
          primaryIp6: '2001:db8::1',
        },
      });
      expect(facts.objects['interface']?.find(({ id }) => id === port)).toMatchObject({
        key: `${key} > eth0`,
        values: { enabled: true, mtu: 9000, description: 'Zürich ↔ 東京', mode: null, taggedVlans: [], mac: null, lag: null },
      });
      expect(facts.objects['ipAddress']?.find(({ id }) => id === address)).toMatchObject({
        key: '2001:db8::1',
        values: { address: '2001:db8::1/64', interface: `${key} > eth0`, status: 'active', role: null, dnsName: null, vrf: null },
      });
    });

    it('refuses the rows that are wrong, names each, and writes the others', async () => {
      await make('rir', { name: slug('taken'), slug: slug('taken') });
      const bodies = ['one', 'taken', 'two', 'taken', 'three'].map((name) => ({
        what: name,
        body: { name: `${slug(name)}${name === 'taken' ? ' again' : ''}`, slug: slug(name) },
      }));
      const written = await write('rir', ...bodies);
      const faults = written.flatMap(({ write: { what }, error }) => (error ? [[what, error.code, error.message]] : []));
      expect(faults).toHaveLength(2);
      for (const [what, code, said] of faults)
        expect([what, code, said]).toEqual(['taken', 'NetBoxRejected', expect.stringContaining('slug')]);
      const keys = (await rows('rir')).map(({ key }) => key);
      expect(keys).toEqual(expect.arrayContaining(['one', 'two', 'three'].map(slug)));
    });

    it('does not write over what somebody changed since it was read', async () => {
      const ids = [
        await make('rir', { name: slug('mine'), slug: slug('mine') }),
        await make('rir', { name: slug('theirs'), slug: slug('theirs') }),
      ];
      const read = (await rows('rir')).filter(({ id }) => ids.includes(id));
      await write('rir', { what: 'somebody', id: ids[1] ?? 0, body: { name: slug('moved') } });
      const written = await write(
        'rir',
        ...read.map(({ id, key, updated }) => ({ what: key, id, updated, body: { name: `${key} ours` } })),
      );
      expect(Object.fromEntries(written.map(({ write: { what }, error }) => [what, error?.code]))).toEqual({
        [slug('mine')]: undefined,
        [slug('theirs')]: 'NetBoxChanged',
      });
      const now = (await rows('rir')).filter(({ id }) => ids.includes(id)).map(({ values }) => values['name']);
      expect(now).toEqual([`${slug('mine')} ours`, slug('moved')]);
    });

    it('deletes what nobody uses, keeps what somebody does, and says which', async () => {
      const [free, used] = [
        await make('rir', { name: slug('free'), slug: slug('free') }),
        await make('rir', { name: slug('used'), slug: slug('used') }),
      ];
      await make('asn', { asn: 4_200_000_000 + Math.floor(performance.timeOrigin % 90_000_000), rir: used });
      const written = await write('rir', { what: 'free', id: free }, { what: 'used', id: used }, { what: 'gone', id: 999_999_999 });
      const outcome = Object.fromEntries(written.map(({ write: { what }, error }) => [what, error?.code]));
      expect(outcome).toEqual({ free: undefined, used: 'NetBoxInUse', gone: expect.stringMatching(/NetBoxRejected|NetBoxChanged/) });
      expect((await rows('rir')).map(({ id }) => id)).not.toContain(free);
    });

    it('gives what a filter lets pass', async () => {
      const id = await make('rir', { name: slug('filtered'), slug: slug('filtered') });
      const found = await netbox.readRows('rir', { name: 'id', values: [id, 999_999_998] });
      expect(found.map((row) => row['id'])).toEqual([id]);
    });

    it('tells a second look what a first one would find: made, changed, deleted, and a name that went with it', async () => {
      const memory = createMemory();
      const look = async (known?: Memory) => {
        const each = await openNetBox({ url: access.url, token: new Secret(access.token), clock: systemClock, memory: known });
        try {
          return await each.readFacts();
        } finally {
          await each.close();
        }
      };
      const [kept, lost] = [
        await make('rir', { name: slug('kept'), slug: slug('kept') }),
        await make('rir', { name: slug('lost'), slug: slug('lost') }),
      ];
      await look(memory);
      expect(memory.last).toBeDefined();
      await write('rir', { what: 'kept', id: kept, body: { name: slug('kept 2') } }, { what: 'lost', id: lost });
      await make('rir', { name: slug('late'), slug: slug('late') });
      const since = memory.last?.wholeAt;
      expect((await look(memory)).objects).toEqual((await look()).objects);
      expect((await look(memory)).objects).toEqual((await look()).objects);
      expect(memory.last?.wholeAt).toBe(since);
    });

    it('does not accept another token', async () => {
      await expect(open('nbt_nobodynobody.0123456789abcdef0123456789abcdef01234567')).rejects.toMatchObject({ code: 'NetBoxAuthFailed' });
    });

    function role(name: string): Record<string, unknown> {
      return { name: slug(name), slug: slug(name), color: '9e9e9e' };
    }
  });
}
