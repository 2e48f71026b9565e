import { type Resource, resources } from '../../controller/netbox/index.ts';

interface Schema {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string }[]; responses?: Record<string, unknown> }>>;
  components: { schemas: Record<string, { properties?: Record<string, unknown> }> };
}

/** What of our descriptors the server's own schema does not have: NetBox ignores unknown names without a word. */
export function missingInSchema(schema: Schema): string[] {
  // A list of a plugin is held against the schema of a server that has the plugin.
  const asked = Object.values(resources as Readonly<Record<string, Resource>>).filter(
    ({ plugin, path }) => plugin === undefined || `/api/${path}/` in schema.paths,
  );
  return asked.flatMap((resource) => {
    const methods = schema.paths[`/api/${resource.path}/`];
    if (!methods) return [`${resource.path}: no such list`];
    const parameters = new Set(methods['get']?.parameters?.map(({ name }) => name));
    const read = propertiesOf(schema, methods['get']?.responses?.['200'], 'results');
    const written = new Set([
      ...propertiesOf(schema, methods['post'] && (methods['post'] as { requestBody?: unknown }).requestBody),
      ...read,
    ]);
    const fields = Object.values(resource.fields).flatMap(({ names }) => names);
    const marks = resource.deleteRank === undefined ? [] : ['tags', 'custom_fields'];
    return [
      ...['id', ...(resource.isUndated ? [] : ['last_updated']), ...marks, ...Object.keys(resource.counts ?? {}), ...fields]
        .filter((name) => !read.has(name))
        .map((name) => `${resource.path}: rows have no ${name}`),
      ...fields.filter((name) => !written.has(name)).map((name) => `${resource.path}: ${name} cannot be written`),
      ...[...Object.keys(resource.filters), 'limit', 'offset', 'ordering', 'start', 'fields']
        .filter((name) => !parameters.has(name))
        .map((name) => `${resource.path}: no filter ${name}`),
    ];
  });
}

/** Names in the schema of a body, or of the rows in one of its lists. */
function propertiesOf(schema: Schema, body: unknown, list?: string): Set<string> {
  const names = new Set<string>();
  const collect = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { $ref, properties, items, oneOf, allOf } = part as Record<string, unknown>;
    if (typeof $ref === 'string') collect(schema.components.schemas[$ref.split('/').at(-1) ?? '']);
    const known = (properties ?? {}) as Record<string, unknown>;
    if (list !== undefined && known[list]) collect(known[list]);
    else for (const name of Object.keys(known)) names.add(name);
    for (const each of [items, ...((oneOf ?? []) as unknown[]), ...((allOf ?? []) as unknown[])]) collect(each);
  };
  const content = (body as { content?: Record<string, { schema?: unknown }> } | undefined)?.content ?? {};
  collect(content['application/json']?.schema);
  return names;
}
