import { type AnyKind, anyKindNames, clusterSpecs, kindNames } from '../kinds.ts';
import { definitions } from './definitions.ts';
import { examples } from './examples.ts';
import { type JsonSchema, schemaOfMetadata, schemaOfSpec, schemaOfStatus } from './json-schema.ts';

const notice = '<!-- Printed from controller/api by make generate. Do not edit. -->';

/** Reference pages by file name: one per kind and an overview. Deterministic. */
export function printKindPages(): Map<string, string> {
  const pages = anyKindNames.map((kind) => [pathOf(kind), printPage(kind)] as const);
  return new Map([['docs/kinds/README.md', printOverview()], ...pages]);
}

function pathOf(kind: AnyKind): string {
  return `docs/kinds/${kind.toLowerCase()}.md`;
}

function printOverview(): string {
  const rowsOf = (kinds: readonly AnyKind[]): string =>
    kinds.map((kind) => `| [${kind}](${kind.toLowerCase()}.md) | ${definitions[kind].summary} |`).join('\n');
  return `${notice}
# Kinds

What stands in the desired-state repository. Any number of objects per file, in any layout; files end in \`.yaml\` or \`.yml\`.
Hidden files and folders are left alone. \`plumb check\` says every mistake with its place; \`plumb schema\` prints the JSON Schema
for editors.

| kind | what it says |
|---|---|
${rowsOf(kindNames)}

In the cluster alone, never in Git:

| kind | what it says |
|---|---|
${rowsOf(Object.keys(clusterSpecs) as AnyKind[])}

## Fields of every object

${printTable(schemaOfMetadata(), 'metadata')}
`;
}

function printPage(kind: AnyKind): string {
  const { summary, notes, shortNames, plural } = definitions[kind];
  return `${notice}
# ${kind}

${summary}

\`\`\`yaml
${examples[kind].trim()}
\`\`\`

${notes}

In a cluster: \`kubectl get ${plural}\`, short ${shortNames.map((name) => `\`${name}\``).join(', ')}.

## Fields

Fields in **bold** are required.

${printTable(schemaOfSpec(kind), 'spec')}

## Status

${printTable(schemaOfStatus(kind), 'status')}
`;
}

function printTable(schema: JsonSchema, name: string): string {
  return ['| field | type | default | meaning |', '|---|---|---|---|', ...listRows(schema, name)].join('\n');
}

function listRows(schema: JsonSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    const shown = schema.required?.includes(name) ? `**\`${at}\`**` : `\`${at}\``;
    const row = `| ${shown} | ${showType(field)} | ${showDefault(field)} | ${escapeCell(field.description ?? '')} |`;
    const inside = field.items?.properties ? listRows(field.items, `${at}[]`) : listRows(field, at);
    return [row, ...inside];
  });
}

function showType(field: JsonSchema): string {
  if (field.enum) return field.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (field.type === 'array') return `list of ${field.items ? showType(field.items) : 'values'}`;
  if (field.type === 'object') return field.properties ? 'map' : 'map of text to text';
  if (field.type === 'integer')
    return field.minimum !== undefined && field.maximum !== undefined ? `${field.minimum} to ${field.maximum}` : 'number';
  return field.type === 'boolean' ? 'true, false' : 'text';
}

function showDefault(field: JsonSchema): string {
  if (field.default === undefined) return '';
  return `\`${typeof field.default === 'string' ? field.default : JSON.stringify(field.default)}\``;
}

function escapeCell(text: string): string {
  return text.replace(/\|/g, '\\|');
}
