import type { FactValue, NetBoxFacts, NetBoxObject } from '../api/index.ts';
import { type Clock, PlumblineError, type Secret } from '../lib/index.ts';
import { type Lists, type Memory, readChanges, readFeed, readList } from './changes.ts';
import { isSame } from './compare/judge.ts';
import { withAllCounted } from './counts.ts';
import { errors } from './errors.ts';
import type { ReadOptions } from './pages.ts';
import type { Server } from './probe.ts';
import { type KeyPart, partText, type Resource } from './resource.ts';
import { type Kind, kinds, kindsOf, resources } from './resources.ts';
import { placeOf, type RowValue } from './rows.ts';
import type { Transport } from './transport.ts';
import { type Forbidden, isEveryList, unlessForbidden, unseenKinds, withoutUncertain } from './unseen.ts';

/**
 * Everything that NetBox records of what we compare, with references as natural keys. Whole or an error, never short: an object
 * that another one names and that is not there, because the token may not see it or because it came meanwhile, is one. A list that the token may not
 * view at all is said in `unseen`, unless it is needed. With a memory of the last look only what changed since is asked for.
 */
export async function readFacts(
  transport: Transport,
  server: Server,
  options: ReadOptions & { url: string; token: Secret; clock: Clock; needs: readonly Kind[]; memory?: Memory | undefined },
): Promise<NetBoxFacts> {
  const { url, token, clock, memory, signal, needs } = options;
  const at = clock.now().toISOString();
  const { version } = server;
  const last = memory?.last;
  const factsOf = (lists: Lists, forbidden: Forbidden): NetBoxFacts => {
    const unseen = unseenKinds(forbidden, lists, needs);
    const objects = resolve(lists, forbidden, transport.host, last?.objects);
    if (unseen === undefined) return { url, version, at, objects };
    const known = Object.keys(unseen).map((kind) => [kind, withoutUncertain(kind as Kind, objects[kind] ?? [], unseen)]);
    return { url, version, at, objects: { ...objects, ...Object.fromEntries(known) }, unseen };
  };
  const tryList = async (kind: Kind) => [kind, await unlessForbidden(() => readList(transport, server, kind, options))] as const;
  if (memory) delete memory.last; // what fails half way is forgotten
  // Another token may see something else; an update of the server, another plugin, or an hour, and all is read again too: some changes leave no record.
  const isSameServer = last && isEveryList(server, last.lists, last.forbidden) && last.url === url && last.version === version;
  if (memory && isSameServer && last.token.reveal() === token.reveal() && clock.monotonicMs() - last.wholeAt < wholeEveryMs) {
    const forbidden = await Promise.all([...last.forbidden.keys()].map(tryList));
    const isStill = forbidden.every(([, found]) => found instanceof PlumblineError);
    const changed = isStill ? await readChanges(transport, server, last, options) : undefined;
    const facts = changed && resolved(() => factsOf(changed.lists, last.forbidden));
    if (changed && facts) {
      memory.last = { ...last, ...changed, objects: facts.objects };
      return facts;
    }
  }
  const wholeAt = clock.monotonicMs();
  // The end of the change log before the lists: what changes while they are read is read again.
  const feed = memory && (await readFeed(transport, signal));
  const read = await Promise.all(kindsOf(server).map(tryList));
  const forbidden: Forbidden = new Map(read.flatMap(([kind, found]) => (found instanceof PlumblineError ? [[kind, found]] : [])));
  const seen: Lists = new Map(read.flatMap(([kind, found]) => (found instanceof PlumblineError ? [] : [[kind, found]])));
  const lists = await withAllCounted(seen, transport.host, (kind) => readList(transport, server, kind, options));
  const facts = factsOf(lists, forbidden);
  if (memory && feed) memory.last = { url, token, version, lists, forbidden, feed, wholeAt, objects: facts.objects };
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

/**
 * Rows to objects: references become the keys of what they name. An object of which nothing is new stays the one of the last look: a second one of
 * each would be memory for nothing.
 */
function resolve(lists: Lists, forbidden: Forbidden, host: string, before: NetBoxFacts['objects'] = {}): NetBoxFacts['objects'] {
  const keys = new Map<Kind, Map<number, string>>(kinds.map((kind) => [kind, new Map()]));
  const partsOf = new Map(kinds.map((kind) => [kind, keyPartsOf(resources[kind])]));

  const keyOf = (kind: Kind, id: number, from: string, depth = 0): string => {
    const known = keys.get(kind)?.get(id);
    if (known !== undefined) return known;
    const row = lists.get(kind)?.get(id);
    const { word, path }: Resource = resources[kind];
    if (forbidden.has(kind)) return `${word} ${id}`;
    if (row === undefined || depth > 64) {
      const why = row
        ? 'its parents go round in a circle'
        : `${from} names ${word} ${id}, which is not in the list: perhaps the token may not see it`;
      throw errors.NetBoxIncomplete({ host, what: path, why });
    }
    const parts = (partsOf.get(kind) ?? []).map(({ part, place, to }) => {
      const value = row.values[place] ?? null;
      return partText(
        part,
        to === undefined ? (value as FactValue) : followed(value, (each) => keyOf(to, each, `${word} ${id}`, depth + 1)),
      );
    });
    const key = parts.filter((part) => part !== '').join(' > ');
    keys.get(kind)?.set(id, key);
    return key;
  };

  return Object.fromEntries(
    [...lists].map(([kind, rows]) => {
      const { word, fields }: Resource = resources[kind];
      const all = Object.entries(fields);
      const last = before[kind] ?? [];
      let at = 0; // both go by rising id
      const objects = Array.from(rows.values(), (row): NetBoxObject => {
        const values = all.map(([name, field], index) => {
          const { to } = field;
          const value = row.values[index] ?? null;
          return [
            name,
            to === undefined ? (value as FactValue) : field.normalise(followed(value, (id) => keyOf(to as Kind, id, `${word} ${row.id}`))),
          ] as const;
        });
        const { id, updated, plumblineId } = row;
        const key = keyOf(kind, id, '');
        while ((last[at]?.id ?? id) < id) at++;
        const old = last[at];
        const isOld = old?.id === id && old.key === key && old.updated === updated && old.plumblineId === plumblineId;
        if (isOld && values.every(([name, value]) => isSame(old.values[name] ?? null, value))) return old;
        return { id, key, values: Object.fromEntries(values), updated, ...(plumblineId !== undefined && { plumblineId }) };
      });
      return [kind, objects];
    }),
  );
}

function keyPartsOf(resource: Resource): readonly { part: KeyPart; place: number; to: Kind | undefined }[] {
  return resource.key.map((part) => {
    const name = typeof part === 'string' ? part : part.field;
    return { part, place: placeOf(resource, name), to: resource.fields[name]?.to as Kind | undefined };
  });
}

function followed(value: RowValue, keyOf: (id: number) => string): FactValue {
  if (Array.isArray(value)) return (value as readonly number[]).map(keyOf);
  return value === null ? null : keyOf(value as number);
}
