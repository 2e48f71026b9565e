import { Composer, type Document, Lexer, type ParsedNode, Parser } from 'yaml';
import type { PlumblineError, Position } from '../lib/index.ts';
import { errors } from './errors.ts';
import { limits } from './limits.ts';
import { explainSyntax, type PlaceOf } from './yaml-syntax.ts';

/** One document of a YAML stream, as yaml composed it. */
export interface YamlDocument {
  root: ParsedNode | null;
  /** Offsets of the document in the text of its file. */
  start: number;
  end: number;
}

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
      for (const document of composer.next(token)) yield* accept(document, text, placeOf, problems);
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
    for (const document of composer.next(token)) yield* accept(document, text, placeOf, problems);
  }
  for (const document of composer.end(false, text.length)) yield* accept(document, text, placeOf, problems);
}

export function tooDeep(at: Position): PlumblineError {
  return errors.YAMLTooDeep({ limit: limits.yamlDepth }, { at });
}

function* accept(document: Document.Parsed, text: string, placeOf: PlaceOf, problems: PlumblineError[]): Generator<YamlDocument> {
  // A tag that yaml does not know is only a warning there; yaml-values.ts refuses tags with their place.
  for (const problem of explainSyntax(document, text, placeOf)) problems.push(problem);
  if (document.errors.length === 0) yield { root: document.contents, start: document.range[0], end: document.range[2] };
}
