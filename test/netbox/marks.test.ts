import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { type NetBox, openNetBox } from '../../controller/netbox/index.ts';
import { type FakeNetBox, startFakeNetBox } from './fake.ts';

let fake: FakeNetBox;
let netbox: NetBox;
/** What VRFs were asked for: the ids, if by id, and the fields. */
let asked: { ids: number[]; fields: string[] }[];

beforeEach(async () => {
  fake = await startFakeNetBox();
  asked = [];
  fake.fault = ({ path, query }) => {
    if (path === 'ipam/vrfs') asked.push({ ids: query.getAll('id').map(Number), fields: query.get('fields')?.split(',') ?? [] });
    return false;
  };
  fake.insert('extras/tags', { slug: 'plumbline', name: 'Plumbline' });
  fake.insert('extras/tags', { slug: 'theirs', name: 'Theirs' });
  netbox = await openNetBox({ url: fake.url, token: new Secret(fake.token), clock: systemClock, pageSize: 3 });
});
afterEach(async () => {
  await netbox.close();
  await fake.close();
});

const vrf = (name: string, id: string | null, ...tags: string[]): number =>
  fake.insert('ipam/vrfs', { name, rd: null, tags: tags.map((slug) => ({ slug })), custom_fields: { plumbline_id: id } });

const ours = async (): Promise<Record<string, string>> => {
  const { objects } = await netbox.readFacts();
  return Object.fromEntries(
    (objects['vrf'] ?? []).flatMap(({ key, plumblineId }) => (plumblineId === undefined ? [] : [[key, plumblineId]])),
  );
};

describe('what is ours', () => {
  it('carries our tag and our id', async () => {
    vrf('made', 'vrf-made', 'theirs', 'plumbline');
    vrf('copied', 'vrf-made', 'theirs');
    vrf('untagged', 'vrf-untagged');
    vrf('tagged', null, 'plumbline');
    vrf('emptied', '', 'plumbline');
    expect(await ours()).toEqual({ made: 'vrf-made' });
  });

  it('is found on every page', async () => {
    const all = Array.from({ length: 11 }, (_, i) => `v${i}`);
    for (const [i, name] of all.entries()) vrf(name, `vrf-${name}`, ...(i % 2 === 0 ? ['plumbline'] : []));
    expect(Object.keys(await ours())).toEqual(all.filter((_, i) => i % 2 === 0));
  });

  it('costs nothing where nothing carries our id: tags are not asked for', async () => {
    for (let i = 0; i < 7; i++) vrf(`v${i}`, null, 'theirs');
    expect(await ours()).toEqual({});
    expect(asked.map(({ ids }) => ids)).toEqual([[], [], []]);
    expect(asked.flatMap(({ fields }) => fields)).not.toContain('tags');
  });

  it('is asked for its tags, and nothing else is', async () => {
    vrf('theirs', null, 'theirs');
    const id = vrf('made', 'vrf-made', 'plumbline');
    await ours();
    expect(asked.filter(({ fields }) => fields.includes('tags'))).toEqual([{ ids: [id], fields: ['id', 'tags'] }]);
  });

  it.each<{ name: string; meanwhile: (id: number) => void }>([
    { name: 'lost its tag', meanwhile: (id) => fake.alter('ipam/vrfs', { id, tags: [] }) },
    { name: 'is gone', meanwhile: (id) => fake.drop('ipam/vrfs', id) },
  ])('is what still is when its tags are read: not what $name', async ({ meanwhile }) => {
    const id = vrf('made', 'vrf-made', 'plumbline');
    vrf('kept', 'vrf-kept', 'plumbline');
    const watch = fake.fault;
    fake.fault = async (request, response) => {
      if (request.path === 'ipam/vrfs' && request.query.has('id')) {
        fake.fault = watch;
        meanwhile(id);
      }
      return (await watch?.(request, response)) ?? false;
    };
    expect(await ours()).toEqual({ kept: 'vrf-kept' });
  });

  it('is Unknown with all else when the tags cannot be read', async () => {
    vrf('made', 'vrf-made', 'plumbline');
    fake.fault = ({ path, query }, response) => {
      if (path !== 'ipam/vrfs' || !query.has('id')) return false;
      response.writeHead(404).end();
      return true;
    };
    await expect(netbox.readFacts()).rejects.toMatchObject({ code: 'NetBoxLacks' });
  });
});
