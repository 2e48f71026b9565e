import { Document, isCollection, isMap, isScalar, isSeq, visit } from 'yaml';
import { apiVersion } from '../api/index.ts';
import type { Spec } from './found.ts';

/** Lists of which each entry stands on a line of its own. */
const entryLists = new Set([
  'entries', 'networks', 'aggregates', 'redistribute', 'staticRoutes', 'interfaces', 'sections',
  'options', 'pools', 'prefixPools', 'reservations', 'optionDefinitions', 'clientClasses', 'loggers',
]); // biome-ignore format: a list of words

/** An object as a person would write it. */
export function writeObject(kind: string, name: string, spec: Spec, labels: Readonly<Record<string, string>> = {}): string {
  const metadata = Object.keys(labels).length === 0 ? { name } : { name, labels };
  return createValue({ apiVersion, kind, metadata, spec }).toString(style);
}

/** A value with short lists and maps on one line each, as a person would write them. */
export function createValue(value: unknown): Document {
  const document = new Document(value, { aliasDuplicateObjects: false });
  beautify(document);
  return document;
}

const style = { lineWidth: 160, flowCollectionPadding: false, singleQuote: true } as const;

/** Short lists and maps stand on one line. */
function beautify(root: Parameters<typeof visit>[0]): void {
  visit(root, {
    Pair(_key, { key, value }) {
      if (!isScalar(key)) return;
      if (isMap(value) && (key.value === 'passwordRef' || key.value === 'match')) value.flow = isShort(value);
      if (!isSeq(value)) return;
      if (value.items.every(isScalar)) value.flow = JSON.stringify(value).length < 100;
      else if (entryLists.has(String(key.value))) for (const item of value.items) if (isMap(item) && isShort(item)) item.flow = true;
    },
  });
}

function isShort(map: { items: readonly unknown[] }): boolean {
  const values = map.items as readonly { value: unknown }[];
  const nested = values.filter(({ value }) => isCollection(value));
  return values.length <= 4 && nested.every(({ value }) => isSeq(value) && value.items.every(isScalar)) && JSON.stringify(map).length < 140;
}
