import { Composer, type Document, Lexer, type ParsedNode, Parser, visit, type YAMLParseError } from 'yaml';
import type { PlumblineError, Position } from '../lib/index.ts';
import { errors } from './errors.ts';
import { limits } from './limits.ts';

/** One document of a YAML stream, as yaml composed it. */
export interface YamlDocument {
  root: ParsedNode | null;
  /** Offsets of the document in the text of its file. */
  start: number;
  end: number;
}

/** Finds line and column of an offset. */
export type PlaceOf = (offset: number) => Position;

/**
 * Composes the documents of one file, one after the other. Bounded: stops with a problem when the text is nested too
 * deeply or has too many words. Documents with a syntax error are reported and left out.
 */
export function* readDocuments(text: string, placeOf: PlaceOf, problems: PlumblineError[]): Generator<YamlDocument> {
  // yaml's own duplicate check compares each key with all before it; ours (yaml-values.ts) uses a set.
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: 'silent', merge: false, version: '1.2', strict: true });
  const parser = new Parser();
  let tokens = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens += 1;
    for (const token of parser.next(lexeme)) {
      // yaml repeats all directives so far with each new one; a document needs none, so the first is the last.
      if (token.type === 'directive') {
        const hint = 'Remove the line. Plumbline reads YAML 1.2, in which yes and on are words.';
        problems.push(
          errors.YAMLFeature({ what: 'directives (lines that begin with %) are not used', hint }, { at: placeOf(token.offset) }),
        );
        return;
      }
      for (const document of composer.next(token)) yield* accept(document, placeOf, problems);
    }
    if (parser.stack.length > limits.yamlDepth * 2) {
      problems.push(tooDeep(placeOf(parser.offset)));
      return;
    }
    if (tokens > limits.yamlTokens) {
      problems.push(errors.YAMLTooLarge({ what: 'words and signs in one file', limit: limits.yamlTokens }, { at: placeOf(parser.offset) }));
      return;
    }
  }
  for (const token of parser.end()) {
    for (const document of composer.next(token)) yield* accept(document, placeOf, problems);
  }
  for (const document of composer.end(false, text.length)) yield* accept(document, placeOf, problems);
}

export function tooDeep(at: Position): PlumblineError {
  return errors.YAMLTooDeep({ limit: limits.yamlDepth }, { at });
}

function* accept(document: Document.Parsed, placeOf: PlaceOf, problems: PlumblineError[]): Generator<YamlDocument> {
  // A tag that yaml does not know is only a warning there; yaml-values.ts refuses tags with their place.
  for (const error of firstPerLine(document.errors, placeOf)) problems.push(explain(error, openQuote(document, error), placeOf));
  if (document.errors.length === 0) yield { root: document.contents, start: document.range[0], end: document.range[2] };
}

const hints: Partial<Record<YAMLParseError['code'], { what: string; hint: string }>> = {
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

/** One mistake often gives several complaints about the same line. */
function firstPerLine(all: readonly YAMLParseError[], placeOf: PlaceOf): YAMLParseError[] {
  const byLine = new Map<number, YAMLParseError>();
  for (const error of all) {
    const { line } = placeOf(error.pos[0]);
    if (!byLine.has(line)) byLine.set(line, error);
  }
  return [...byLine.values()];
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
  const known = hints[error.code];
  const facts = known ?? {
    what: `YAML: ${error.message.split('\n')[0] ?? error.code}`,
    hint: 'Correct the YAML; an editor with the schema of plumb schema shows the place.',
  };
  return errors.YAMLSyntax(facts, { at: placeOf(offset ?? error.pos[0]) });
}
