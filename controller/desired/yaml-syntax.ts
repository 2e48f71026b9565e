import { type Document, visit, type YAMLParseError } from 'yaml';
import type { PlumblineError, Position } from '../lib/index.ts';
import { errors } from './errors.ts';

/** Finds line and column of an offset. */
export type PlaceOf = (offset: number) => Position;

interface Words {
  what: string;
  hint: string;
}

/** What keeps a document from being read, in words of people: one problem per mistake. */
export function explainSyntax(document: Document.Parsed, text: string, placeOf: PlaceOf): PlumblineError[] {
  if (document.errors.length === 0) return [];
  const conflict = findConflict(text, document.range[0], document.range[2]);
  if (conflict !== undefined) {
    const words = {
      what: 'Git left both sides of a merge conflict here',
      hint: 'Keep one of the two, and remove the lines <<<<<<<, ======= and >>>>>>>.',
    };
    return [errors.YAMLSyntax(words, { at: placeOf(conflict) })];
  }
  return withoutFollowers(document.errors, placeOf).map((error) => explain(error, placeToLook(document, error, text), placeOf));
}

function findConflict(text: string, start: number, end: number): number | undefined {
  const found = /^<{7} /m.exec(text.slice(start, end));
  return found ? start + found.index : undefined;
}

const hints: Partial<Record<YAMLParseError['code'], Words>> = {
  TAB_AS_INDENT: { what: 'a tab is used as indentation', hint: 'Indent with spaces: YAML does not allow tabs there.' },
  BAD_INDENT: { what: 'the indentation fits no level above', hint: 'Align the line with its siblings.' },
  BAD_ALIAS: {
    what: 'the alias names no anchor in this document',
    hint: 'Write the value out; an alias does not reach into another document.',
  },
  MISSING_CHAR: {
    what: 'a closing sign is missing',
    hint: 'Close the quote, bracket or brace, or put a comma or colon between the values.',
  },
  MULTILINE_IMPLICIT_KEY: {
    what: 'a key runs over several lines',
    hint: 'Write key: value; the colon or the line break before it may be missing.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    what: 'a second colon stands in a plain value',
    hint: 'Put the value in quotes, or begin a new line for the inner key.',
  },
  BAD_SCALAR_START: { what: 'a value begins with a sign that YAML reserves', hint: 'Put the value in quotes.' },
  BAD_DQ_ESCAPE: {
    what: 'a backslash sequence that YAML does not know',
    hint: 'Use single quotes, in which a backslash is just a backslash.',
  },
};

/** What yaml says in words alone, by a part of them. */
const wordedHints: readonly (Words & { says: string })[] = [
  {
    says: 'Implicit map keys need to be followed',
    what: 'a line without a colon stands among keys',
    hint: 'Write key: value, with a blank behind the colon.',
  },
  {
    says: 'Unexpected scalar at node end',
    what: 'text stands behind a closing quote',
    hint: "Write an apostrophe inside single quotes twice ('it''s'), or use double quotes around the text.",
  },
  {
    says: 'must be sufficiently indented',
    what: 'a bracket or brace above is not closed',
    hint: 'Close it, or indent the lines inside it further than its key.',
  },
  { says: 'flow-map-end', what: 'a closing brace stands here without an opening one', hint: 'Remove the } here.' },
  { says: 'flow-seq-end', what: 'a closing bracket stands here without an opening one', hint: 'Remove the ] here.' },
];

/** One mistake often gives several complaints: on its line, and about the indentation of what follows. */
function withoutFollowers(all: readonly YAMLParseError[], placeOf: PlaceOf): YAMLParseError[] {
  const kept: YAMLParseError[] = [];
  const lines = new Set<number>();
  for (const error of all) {
    const { line } = placeOf(error.pos[0]);
    const isFollower = error.code === 'BAD_INDENT' && (lines.has(line - 1) || kept.some(({ code }) => code !== 'BAD_INDENT'));
    if (!isFollower && !lines.has(line)) kept.push(error);
    lines.add(line);
  }
  return kept;
}

/** Where to look first, when that is not where yaml stopped. */
function placeToLook(document: Document.Parsed, error: YAMLParseError, text: string): number | undefined {
  if (error.code !== 'BAD_INDENT') return openQuote(document, error);
  const words = text.slice(error.pos[0]).search(/[^ ]/);
  return words < 0 ? undefined : error.pos[0] + words;
}

/** A quote that is never closed swallows the rest of the file: its beginning is the place to look at, not the end. */
function openQuote(document: Document.Parsed, error: YAMLParseError): number | undefined {
  if (error.code !== 'MISSING_CHAR' || !error.message.includes('quote')) return undefined;
  let last: number | undefined;
  visit(document, {
    Scalar: (_key, node) => {
      if (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE') last = node.range?.[0];
    },
  });
  return last;
}

function explain(error: YAMLParseError, offset: number | undefined, placeOf: PlaceOf): PlumblineError {
  const facts = wordedHints.find(({ says }) => error.message.includes(says)) ??
    hints[error.code] ?? {
      what: `YAML: ${error.message.split('\n')[0] ?? error.code}`,
      hint: 'Correct the YAML; an editor with the schema of plumb schema shows the place.',
    };
  return errors.YAMLSyntax(facts, { at: placeOf(offset ?? error.pos[0]) });
}
