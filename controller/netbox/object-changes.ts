import type { RecordAuthor, RecordDifference } from '../api/index.ts';
import { errors } from './errors.ts';
import { type Resource } from './resource.ts';
import { type Kind, resources } from './resources.ts';
import type { Transport } from './transport.ts';

const path = 'core/object-changes';
/** Changes of one object that are looked through. */
const mostChanges = 20;

/**
 * Who made an object of NetBox what it is, by its change log: the last who changed the field, else the last who changed it at all. Undefined
 * where the log does not go back so far.
 */
export async function findAuthor(
  transport: Transport,
  { kind, ids, field }: Pick<RecordDifference, 'kind' | 'ids' | 'field'>,
  signal?: AbortSignal,
): Promise<RecordAuthor | undefined> {
  const resource = Object.values(resources as Readonly<Record<Kind, Resource>>).find(({ word }) => word === kind);
  const [id] = ids;
  if (!resource || id === undefined) return undefined;
  const query = { changed_object_type: resource.model, changed_object_id: id, ordering: '-time', limit: mostChanges };
  const { body } = await transport.send({ method: 'GET', path, query, signal });
  const { results } = body as { results?: unknown };
  if (!Array.isArray(results)) throw errors.NetBoxUnreadable({ host: transport.host, what: `GET ${path}`, why: 'it holds no list' });
  const rows = results as readonly Change[];
  const other = rows.find((row) => row.changed_object_id !== id || row.changed_object_type !== resource.model);
  if (other)
    throw errors.NetBoxFilterIgnored({
      host: transport.host,
      what: path,
      filter: `changed_object_id=${id}`,
      row: `a change of ${String(other.changed_object_type)} ${String(other.changed_object_id)}`,
    });
  const names = (field === undefined ? undefined : resource.fields[field]?.names) ?? [];
  const found = rows.find((row) => names.some((name) => differs(row, name))) ?? rows[0];
  if (!found || typeof found.time !== 'string') return undefined;
  const { user_name: who, message } = found;
  return {
    who: typeof who === 'string' && who !== '' ? who : 'somebody',
    at: found.time,
    ...(typeof message === 'string' && message !== '' && { message }),
  };
}

/** What is read of an entry of the change log. */
interface Change {
  time?: unknown;
  user_name?: unknown;
  message?: unknown;
  changed_object_type?: unknown;
  changed_object_id?: unknown;
  prechange_data?: Readonly<Record<string, unknown>> | null;
  postchange_data?: Readonly<Record<string, unknown>> | null;
}

function differs({ prechange_data: before, postchange_data: after }: Change, name: string): boolean {
  return JSON.stringify(before?.[name] ?? null) !== JSON.stringify(after?.[name] ?? null);
}
