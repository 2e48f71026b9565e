import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';

/** A regular expression that somebody else wrote, run in time linear in the text. */
export interface Pattern {
  /** True when it is found anywhere in the text. Only the first `mostPatternText` characters are looked at. */
  isFoundIn(text: string): boolean;
}

/** With it and the largest program a look takes a second at the very worst (2.10.0: about 50 ns for each instruction and character). */
export const mostPatternText = 32_768;
const largestProgram = 600;

/**
 * An RE2 expression, or what is wrong with it in the form "the fact; what to write". Not JavaScript's own engine: it tries all ways
 * that an expression can match, so that one line from Git and one from a device could stop the process for hours.
 */
export function parsePattern(text: string): Pattern | { mistake: string } {
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(text);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const why = error instanceof RE2JSSyntaxException ? error.getDescription() : 'it cannot be compiled';
    return { mistake: `is no RE2 expression: ${why}; ${hintOf(why)}` };
  }
  if (pattern.programSize() > largestProgram)
    return { mistake: 'is too large with its repetitions written out; write smaller numbers in {}' };
  return { isFoundIn: (found) => pattern.test(found.slice(0, mostPatternText)) };
}

/** What to write instead, by what RE2 says. */
function hintOf(why: string): string {
  if (/Perl|escape|named capture/.test(why)) return 'write it without lookaround and backreferences, which RE2 does not have';
  return why.includes('repeat count')
    ? 'write at most 1000 in {}, one inside the other multiplied'
    : 'put \\ before a sign that is meant as such';
}
