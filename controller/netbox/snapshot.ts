import type { FactValue, NetBoxFacts, NetBoxObject } from '../api/index.ts';
import { type Clock, PlumblineError, type Secret } from '../lib/index.ts';
import { byId, type Lists, type Memory, readChanges, readFeed } from './changes.ts';
import { type RawRow, type RawValue, type Ref, Unfit } from './codecs.ts';
import { withAllCounted } from './counts.ts';
import { errors } from './errors.ts';
import { type ReadOptions, readRows } from './pages.ts';
import type { Server } from './probe.ts';
import { type KeyPart, partText, type Resource } from './resource.ts';
import { type Kind, kinds, kindsOf, resources } from './resources.ts';
import type { Transport } from './transport.ts';

/** Name of the tag and of the custom field by which we know what is ours. */
export const ownTag = 'plumbline';
export const ownField = 'plumbline_id';

/**
 * Everything that NetBox records of what we compare, with references as natural keys. Whole or an error, never short: an object
 * that another one names and that is not there, because the token may not see it or because it came meanwhile, is one. With a memory of the last
 * look only what changed since is asked for.
 */
export async function readFacts(
  transport: Transport,
  server: Server,
  options: ReadOptions & { url: string; token: Secret; clock: Clock; memory?: Memory | undefined },
): Promise<NetBoxFacts> {
  const { url, token, clock, memory, signal } = options;
  const at = clock.now().toISOString();
  const { version } = server;
  const factsOf = (lists: Lists): NetBoxFacts => ({ url, version, at, objects: resolve(lists, transport.host) });
  const last = memory?.last;
  if (memory) delete memory.last; // what fails half way is forgotten
  // Another token may see something else; an update of the server, another plugin, or an hour, and all is read again too: some changes leave no record.
  const hasSameLists = kindsOf(server).every((kind) => last?.lists.has(kind)) && kindsOf(server).length === last?.lists.size;
  const isSameServer = hasSameLists && last.url === url && last.version === version && last.token.reveal() === token.reveal();
  if (memory && last && isSameServer && clock.monotonicMs() - last.wholeAt < wholeEveryMs) {
    const changed = await readChanges(transport, server, last, options);
    const facts = changed && resolved(() => factsOf(changed.lists));
    if (changed && facts) {
      memory.last = { ...last, ...changed };
      return facts;
    }
  }
  const wholeAt = clock.monotonicMs();
  // The end of the change log before the lists: what changes while they are read is read again.
  const feed = memory && (await readFeed(transport, signal));
  const readList = async (kind: Kind) => byId(await readRows(transport, server, resources[kind], options));
  const read: Lists = new Map(await Promise.all(kindsOf(server).map(async (kind) => [kind, await readList(kind)] as const)));
  const lists = await withAllCounted(read, transport.host, readList);
  const facts = factsOf(lists);
  if (memory && feed) memory.last = { url, token, version, lists, feed, wholeAt };
  return facts;
}

const wholeEveryMs = 3_600_000;

/** Undefined where an object is named that the lists do not hold: then they are not those of one moment. */
function resolved(facts: () => NetBoxFacts): NetBoxFacts | undefined {
  try {
    return facts();
  } catch (error) {
    if (error instanceof PlumblineError && error.code === 'NetBoxIncomplete') return undefined;
    throw error;
  }
}

interface Decoded {
  id: number;
  values: Record<string, RawValue>;
  updated: string | null;
  plumblineId: string | undefined;
}

/** Rows to objects: references become the keys of what they name. */
function resolve(lists: Lists, host: string): NetBoxFacts['objects'] {
  const decoded = new Map<string, Map<number, Decoded>>();
  for (const [kind, rows] of lists) decoded.set(kind, new Map([...rows].map(([id, row]) => [id, decode(resources[kind], row, host)])));
  const keys = new Map<string, Map<number, string>>(kinds.map((kind) => [kind, new Map()]));

  const keyOf = (kind: string, id: number, from: string, depth = 0): string => {
    const known = keys.get(kind)?.get(id);
    if (known !== undefined) return known;
    const target = decoded.get(kind)?.get(id);
    const resource: Resource = resources[kind as Kind];
    if (target === undefined || depth > 64) {
      const why = target
        ? 'its parents go round in a circle'
        : `${from} names ${resource.word} ${id}, which is not in the list: perhaps the token may not see it`;
      throw errors.NetBoxIncomplete({ host, what: resource.path, why });
    }
    const parts = resource.key.map((part) => partOf(part, target, (to, each) => keyOf(to, each, `${resource.word} ${id}`, depth + 1)));
    const key = parts.filter((part) => part !== '').join(' > ');
    keys.get(kind)?.set(id, key);
    return key;
  };

  return Object.fromEntries(
    [...decoded].map(([kind, rows]) => {
      const { fields, word }: Resource = resources[kind as Kind];
      const objects = [...rows.values()].map((row): NetBoxObject => {
        const follow = (value: Ref) => keyOf(value.to, value.id, `${word} ${row.id}`);
        const values = Object.entries(row.values).map(([name, value]) => [name, fields[name]?.normalise(followed(value, follow)) ?? null]);
        const own = row.plumblineId === undefined ? {} : { plumblineId: row.plumblineId };
        return {
          id: row.id,
          key: keyOf(kind, row.id, ''),
          values: Object.fromEntries(values) as Record<string, FactValue>,
          updated: row.updated,
          ...own,
        };
      });
      return [kind, objects];
    }),
  );
}

function decode(resource: Resource, row: RawRow, host: string): Decoded {
  try {
    const values = Object.fromEntries(Object.entries(resource.fields).map(([name, field]) => [name, field.read(row)]));
    const { id, last_updated: updated } = row;
    return { id: id as number, values, updated: typeof updated === 'string' ? updated : null, plumblineId: ownerOf(row) };
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    throw errors.NetBoxUnreadable({ host, what: `GET ${resource.path}`, why: `${resource.word} ${String(row['id'])}: ${error.message}` });
  }
}

/** Both marks or none: a tag alone may be a person's, and a copied object brings the field along. */
function ownerOf(row: RawRow): string | undefined {
  const tags = Array.isArray(row['tags']) ? (row['tags'] as { slug?: unknown }[]) : [];
  const id = (row['custom_fields'] as Record<string, unknown> | null | undefined)?.[ownField];
  return typeof id === 'string' && id !== '' && tags.some(({ slug }) => slug === ownTag) ? id : undefined;
}

function partOf(part: KeyPart, { values }: Decoded, keyOf: (kind: string, id: number) => string): string {
  const value = followed(values[typeof part === 'string' ? part : part.field] ?? null, ({ to, id }) => keyOf(to, id));
  return partText(part, value);
}

function followed(value: RawValue, keyOf: (ref: Ref) => string): FactValue {
  if (Array.isArray(value)) return (value as readonly (string | Ref)[]).map((each) => (typeof each === 'string' ? each : keyOf(each)));
  return isRef(value) ? keyOf(value) : (value as FactValue);
}

function isRef(value: RawValue): value is Ref {
  return typeof value === 'object' && value !== null && 'to' in value;
}
