import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';

/** A regular expression that somebody else wrote, run in time linear in the text. */
export interface Pattern {
  /** True when it is found anywhere in the text. Only the first `mostPatternText` characters are looked at. */
  isFoundIn(text: string): boolean;
}

/** With it and the largest program a look takes a second at the very worst (2.10.0: about 50 ns for each instruction and character). */
export const mostPatternText = 32_768;
const largestProgram = 600;

/** What to write instead, by what RE2 says. */
const hints: readonly (readonly [RegExp, string])[] = [
  [/Perl|escape|named capture/, 'write it without lookaround and backreferences, which RE2 does not have'],
  [/repeat count/, 'write at most 1000 in {}, the smaller number first'],
];
const tooLarge = { mistake: 'is too large with its repetitions written out; write smaller numbers in {}' };

/**
 * An RE2 expression, or what is wrong with it in the form "the fact; what to write". Not JavaScript's own engine: it tries all ways
 * that an expression can match, so that one line from Git and one from a device could stop the process for hours.
 */
export function parsePattern(text: string): Pattern | { mistake: string } {
  // RE2 counts when it has written them out: for some lines of a few hundred characters that takes a quarter of a second.
  if (countSigns(text) > 4 * largestProgram) return tooLarge;
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(text);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const why = error instanceof RE2JSSyntaxException ? error.getDescription() : 'it cannot be compiled';
    const [, hint] = hints.find(([says]) => says.test(why)) ?? [];
    return { mistake: `is no RE2 expression: ${why}; ${hint ?? 'put \\ before a sign that is meant as such'}` };
  }
  if (pattern.programSize() > largestProgram) return tooLarge;
  return { isFoundIn: (found) => pattern.test(found.slice(0, mostPatternText)) };
}

/** How many signs it has, roughly, with its repetitions written out; 0 when parentheses do not fit, of which RE2 tells. */
function countSigns(text: string): number {
  const outer: number[] = [];
  let [sum, last] = [0, 0];
  // A sign by its name or number, another escaped one, a class, a count, any sign.
  for (const [sign, low, high] of text.matchAll(
    /\\[pPx]\{[^}]*\}|\\[pP]?.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|./gsu,
  )) {
    if (sign === '(') {
      outer.push(sum);
      [sum, last] = [0, 0];
    } else if (sign === ')') {
      const before = outer.pop();
      if (before === undefined) return 0;
      [last, sum] = [sum, before + sum];
    } else if (low !== undefined) {
      const times = Math.max(Number(low), Number(high ?? 0), 1);
      sum += last * (times - 1);
      last *= times;
    } else [last, sum] = [1, sum + 1];
  }
  return outer.length === 0 ? sum : 0;
}
