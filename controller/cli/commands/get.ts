import { type AnyKind, anyKindNames, definitions } from '../../api/index.ts';
import { parseSelector } from '../../pipeline/index.ts';
import { printable } from '../../report/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { Context, FormatOptions } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { type PlaceOptions, sayUnwatched, withPublished } from '../published.ts';
import { formatAge, formatTable } from '../table.ts';
import { printRecord } from '../terminal.ts';

/** The kinds that an operator publishes, and what people say to them; the others stand in Git alone. */
const published: readonly AnyKind[] = ['Device', 'BGPSession', 'DHCPSubnet', 'DriftReport', 'ChangePlan', 'ChangeApproval', 'Fleet'];

export interface GetOptions extends PlaceOptions, Omit<FormatOptions, 'output'> {
  output: 'text' | 'wide' | 'json' | 'yaml';
  selector?: string;
}

/** `plumb get KIND [NAME...]`: the columns of kubectl, from a cluster or from `plumb up`. */
export async function get(word: string, names: readonly string[], options: GetOptions, context: Context): Promise<ExitCode> {
  const kind = kindOf(word);
  if (!kind) throw errors.KindUnknown({ word, known: published.map((each) => definitions[each].plural).join(', ') });
  return withPublished<ExitCode>(options, async (place) => {
    const { store, where } = place;
    const { terminal } = context;
    const labels = parseSelector(options.selector);
    const all = await store.objects.list(kind, labels);
    const found = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
    const missing = names.filter((name) => !found.some((object) => object.name === name));
    const unwatched = found.length > 0 ? await sayUnwatched(place) : undefined;
    if (unwatched !== undefined) terminal.say(`${printable(unwatched)}\n`);
    if (options.output === 'json' || options.output === 'yaml') terminal.write(printRecord(found.map(asManifest), options.output));
    else if (found.length > 0) terminal.write(printTable(kind, found, options.output === 'wide'));
    else if (missing.length === 0) terminal.say(`No ${definitions[kind].plural} in ${where}\n`);
    for (const name of missing) terminal.say(`${kind} ${name}: there is none in ${where}\n`);
    return missing.length > 0 ? 1 : 0;
  });
}

/** Singular, plural and short names, as kubectl takes them. */
function kindOf(word: string): AnyKind | undefined {
  const asked = word.toLowerCase();
  return anyKindNames
    .filter((kind) => published.includes(kind))
    .find((kind) => {
      const { plural, shortNames } = definitions[kind];
      return [kind.toLowerCase(), plural, ...shortNames].includes(asked);
    });
}

function printTable(kind: AnyKind, objects: readonly StoredObject[], wide: boolean): string {
  const columns = definitions[kind].columns.filter((column) => wide || !column.wide);
  const now = new Date();
  const rows = objects.map((object) => [
    object.name,
    ...columns.map(({ path, type }) => {
      const value = cellOf(object, path);
      return type === 'date' && value !== '' ? formatAge(value, now) : printable(value);
    }),
    formatAge(object.createdAt, now),
  ]);
  return formatTable(['name', ...columns.map(({ name }) => name), 'age'], rows);
}

/** The value at a path of a printer column: members, `[0]`, and `[?(@.type=="Ready")]`. Empty when there is none. */
function cellOf(object: StoredObject, path: string): string {
  let value: unknown = object;
  for (const [, member, index, filter, wanted] of path.matchAll(/\.(\w+)|\[(\d+)\]|\[\?\(@\.(\w+)=="(\w+)"\)\]/g)) {
    if (member !== undefined) value = memberOf(value, member);
    else if (index !== undefined) value = Array.isArray(value) ? value[Number(index)] : undefined;
    else if (filter !== undefined && wanted !== undefined)
      value = Array.isArray(value) ? value.find((each) => memberOf(each, filter) === wanted) : undefined;
  }
  // A commit is known by its first digits.
  if (typeof value === 'string') return value.replace(/(sha\d+:[0-9a-f]{12})[0-9a-f]{28,}/, '$1');
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function memberOf(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined;
}

function asManifest({ kind, name, labels, annotations, uid, generation, createdAt, resourceVersion, spec, status }: StoredObject): object {
  return {
    apiVersion: 'plumbline.dev/v1alpha1',
    kind,
    metadata: { name, uid, labels, annotations, generation, creationTimestamp: createdAt, resourceVersion },
    spec,
    ...(status !== undefined && { status }),
  };
}
