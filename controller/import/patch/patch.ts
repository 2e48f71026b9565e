import { type Document, parseAllDocuments } from 'yaml';
import { changeNode } from './block.ts';
import { isSame, type Patch, type Splice } from './page.ts';
import { styleOf } from './style.ts';
import { readWords, type Words } from './words.ts';

/** Which document of a file, by what stands in it. */
export interface Target {
  kind: string;
  name: string;
}

/**
 * The file with another spec for one of its objects. Lines in which nothing changes stay byte for byte, and every comment stays; what is new is
 * written as the author of the file writes. Undefined where that cannot be done: the object is not in the file, or what changes is named
 * elsewhere in it by an alias. Pure.
 */
export function patchSpec(text: string, { kind, name }: Target, spec: unknown): string | undefined {
  const documents = parseAllDocuments(text, { uniqueKeys: false, merge: false });
  if (!Array.isArray(documents)) return undefined;
  const index = documents.findIndex((each) => each.get('kind') === kind && each.getIn(['metadata', 'name']) === name);
  const document = documents[index];
  if (!document || documents.some(({ errors }) => errors.length > 0)) return undefined;
  if (document.contents === null) return undefined;
  const wanted = { ...(document.toJS() as object), spec };
  const patch: Patch = { text, words: readWords(text), style: styleOf(text, documents), document, splices: [] };
  changeNode(patch, document.contents, wanted);
  const patched = carryOut(text, patch.splices);
  return isAs(patched, documents, index, wanted) && keepsComments(patch.words, patched) ? patched : undefined;
}

function carryOut(text: string, splices: readonly Splice[]): string {
  // Of what is put in at one place, what came first stands first.
  const sorted = splices.map((each, i) => ({ ...each, i })).sort((a, b) => b.from - a.from || b.to - a.to || b.i - a.i);
  return sorted.reduce((rest, each) => rest.slice(0, each.from) + each.text + rest.slice(each.to), text);
}

/** Nothing but the value is another one, in this document and in those beside it. */
function isAs(patched: string, before: readonly Document.Parsed[], index: number, wanted: unknown): boolean {
  const after = parseAllDocuments(patched, { uniqueKeys: false, merge: false });
  if (!Array.isArray(after) || after.length !== before.length || after.some(({ errors }) => errors.length > 0)) return false;
  return after.every((each, i) => isSame(each.toJS(), i === index ? wanted : before[i]?.toJS()));
}

function keepsComments({ comments }: Words, patched: string): boolean {
  const left = new Map<string, number>();
  for (const { text } of readWords(patched).comments) left.set(text, (left.get(text) ?? 0) + 1);
  return comments.every(({ text }) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count > 0;
  });
}
