import { type DesiredObject, type DesiredObjects, PrefixSetEntry, type ValuePath } from '../api/index.ts';
import type { PlumblineError, Position } from '../lib/index.ts';
import { errors } from './errors.ts';
import { fillFromFiles } from './fill-from-files.ts';
import { limits } from './limits.ts';
import { shorten } from './words.ts';

type PrefixSet = DesiredObject<'PrefixSet'>;

/** The objects with the entries of every `entriesFile` put behind those written in the set; they keep their own positions. */
export function withEntryFiles(objects: DesiredObjects, texts: ReadonlyMap<string, string>, problems: PlumblineError[]): DesiredObjects {
  return { ...objects, PrefixSet: fillSets(objects.PrefixSet, texts, problems) };
}

const fillSets = fillFromFiles<PrefixSet>(({ spec }) => spec.entriesFile, withEntries);

function withEntries(set: PrefixSet, text: string, problems: PlumblineError[]): PrefixSet {
  const file = set.spec.entriesFile ?? '';
  const object = `PrefixSet/${set.metadata.name}`;
  const entries: PrefixSetEntry[] = [];
  const positions: Position[] = [];
  let wrong = 0;
  let last: Position | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.replace(/#.*/, '').trim();
    if (words === '') continue;
    const position = { file, line: i + 1, col: line.length - line.trimStart().length + 1 };
    if (entries.length >= limits.entriesPerFile) {
      problems.push(errors.YAMLTooLarge({ what: 'entries in one file', limit: limits.entriesPerFile }, { at: position }));
      break;
    }
    const result = parseEntry(words);
    if ('entry' in result) {
      entries.push(result.entry);
      positions.push(position);
    } else if (++wrong <= limits.problemsPerFile) {
      problems.push(errors.WrongEntry({ object, found: `"${shorten(words)}"`, hint: result.hint }, { at: position }));
    } else last = position;
  }
  if (last) problems.push(errors.MoreProblems({ count: wrong - limits.problemsPerFile }, { at: last }));
  const inline = set.spec.entries.length;
  return {
    ...set,
    spec: { ...set.spec, entries: [...set.spec.entries, ...entries] },
    locate: (path) => placeOfEntry(path) ?? set.locate(path),
  };

  function placeOfEntry([top, list, index]: ValuePath): Position | undefined {
    return top === 'spec' && list === 'entries' && typeof index === 'number' ? positions[index - inline] : undefined;
  }
}

function parseEntry(words: string): { entry: PrefixSetEntry } | { hint: string } {
  const match = /^(\S+)(?:\s+ge\s+(\d{1,3}))?(?:\s+le\s+(\d{1,3}))?$/.exec(words);
  if (!match) return { hint: 'Write one prefix per line, then ge N and le N where needed, for example 203.0.113.0/24 le 25.' };
  const [, prefix, ge, le] = match;
  const result = PrefixSetEntry.safeParse({
    prefix,
    ...(ge === undefined ? {} : { ge: Number(ge) }),
    ...(le === undefined ? {} : { le: Number(le) }),
  });
  if (result.success) return { entry: result.data };
  const message = result.error.issues[0]?.message ?? '';
  const hint = message.slice(message.indexOf('; ') < 0 ? 0 : message.indexOf('; ') + 2);
  return { hint: `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.` };
}
