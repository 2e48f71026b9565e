import { Document, isCollection, isMap, isScalar, isSeq, visit } from 'yaml';
import { apiVersion } from '../api/index.ts';
import type { Spec } from './found.ts';

/** Lists of which each entry stands on a line of its own. */
const entryLists = new Set(['entries', 'networks', 'aggregates', 'redistribute', 'staticRoutes', 'interfaces', 'sections']);

/** An object as a person would write it. */
export function writeObject(kind: string, name: string, spec: Spec): string {
  const document = new Document({ apiVersion, kind, metadata: { name }, spec });
  visit(document, {
    Pair(_key, { key, value }) {
      if (!isScalar(key)) return;
      if (isMap(value) && (key.value === 'passwordRef' || key.value === 'match')) value.flow = isShort(value);
      if (!isSeq(value)) return;
      if (value.items.every(isScalar)) value.flow = JSON.stringify(value).length < 100;
      else if (entryLists.has(String(key.value))) for (const item of value.items) if (isMap(item) && isShort(item)) item.flow = true;
    },
  });
  return document.toString({ lineWidth: 160, flowCollectionPadding: false, singleQuote: true });
}

function isShort(map: { items: readonly unknown[] }): boolean {
  const values = map.items as readonly { value: unknown }[];
  const nested = values.filter(({ value }) => isCollection(value));
  return values.length <= 4 && nested.every(({ value }) => isSeq(value) && value.items.every(isScalar)) && JSON.stringify(map).length < 140;
}
