import { Document, isCollection, isMap, isScalar, isSeq, parseAllDocuments, visit } from 'yaml';
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
  const document = new Document({ apiVersion, kind, metadata, spec });
  beautify(document);
  return document.toString(style);
}

/** The file with another spec for an object; everything around it, comments too, stays as it is. */
export function withSpec(text: string, kind: string, name: string, spec: Spec): string {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return text;
  for (const document of documents) {
    if (document.get('kind') !== kind || document.getIn(['metadata', 'name']) !== name) continue;
    const node = document.createNode(spec);
    beautify(node);
    document.setIn(['spec'], node);
  }
  return documents.map((document) => document.toString(style)).join('');
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
