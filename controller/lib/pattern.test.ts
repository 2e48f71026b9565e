import { describe, expect, test } from 'vitest';
import { mostPatternText, parsePattern } from './pattern.ts';

function isFound(expression: string, text: string): boolean {
  const pattern = parsePattern(expression);
  if ('mistake' in pattern) throw new Error(pattern.mistake);
  return pattern.isFoundIn(text);
}

describe('found', () => {
  const summary = 'Neighbor  V  State\r\n192.0.2.2 4  Established\r\n\r\nTotal number of neighbors 1\n';
  test.each<{ name: string; expression: string; text: string; is: boolean }>([
    { name: 'anywhere', expression: 'Estab', text: summary, is: true },
    { name: 'not in another case', expression: 'estab', text: summary, is: false },
    { name: 'in any case when asked', expression: '(?i)estab', text: summary, is: true },
    { name: '^ is the begin of the output', expression: '^Total', text: summary, is: false },
    { name: 'or of a line when asked', expression: '(?m)^Total number of neighbors \\d+$', text: summary, is: true },
    { name: 'a dot is no line break', expression: 'State.*Established', text: summary, is: false },
    { name: 'unless asked', expression: '(?s)State.*Established', text: summary, is: true },
    { name: 'empty output', expression: '^\\s*$', text: '\r\n', is: true },
    { name: 'letters beyond ASCII', expression: '^Zür.ch$', text: 'Zürich', is: true },
    { name: 'what is not looked at', expression: 'b', text: `${'a'.repeat(mostPatternText)}b`, is: false },
    { name: 'the last that is looked at', expression: 'b', text: `${'a'.repeat(mostPatternText - 1)}b`, is: true },
  ])('$name', ({ expression, text, is }) => expect(isFound(expression, text)).toBe(is));
});

test.each<[expression: string, mistake: RegExp]>([
  ['(?<=a)b', /^is no RE2 expression: .+; write it without lookaround/],
  ['(a)\\1', /^is no RE2 expression: invalid escape sequence; write it without/],
  ['[a', /^is no RE2 expression: missing closing \]; put \\ before/],
  ['a)', /^is no RE2 expression: unexpected \); put \\ before/],
  ['a{2,1}', /^is no RE2 expression: invalid repeat count; write at most 1000/],
  ['a{1001}', /^is no RE2 expression: invalid repeat count; write/],
  ['(a{0,300}){2}', /^is too large with its repetitions written out; write smaller/],
])('%s is refused', (expression, mistake) => expect(parsePattern(expression)).toEqual({ mistake: expect.stringMatching(mistake) }));

test.each(['[[:word:]]{1000}'.repeat(30), '((a{10}){10}){10}'.repeat(25), '(?:[^]a]{31}|\\pL){32}'.repeat(20), 'a{900,}'.repeat(60)])(
  '%s is refused before it costs anything',
  (expression) => {
    const started = process.cpuUsage();
    for (let i = 0; i < 100; i++) expect(parsePattern(expression)).toEqual({ mistake: expect.stringContaining('too large') });
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(1);
  },
);

test.each([
  '\\x{1F600}{5}',
  '\\p{Greek}{9}x{500}',
  '[{900}]{2}',
  '[]{900}]',
  '[^]{900}]',
  '\\{900}x{9}',
  '(a|b{5}){20}',
  '[[:alpha:]{900}]',
  'x{,900}',
  '(?:\\d{1,3}\\.){3}\\d{1,3}',
])('%s is not too large', (expression) => expect(parsePattern(expression)).toEqual({ isFoundIn: expect.any(Function) }));

/** Each stops JavaScript's own engine for longer than the world has stood, or costs RE2 much memory. */
test.each(['(a+)+$', '(a|aa)+$', '(.*a){40}$', '(a|b)*a(a|b){30}c', '([a-m].{0,30}){9}!', '(?:\\pL|\\d){200}(?:x|y)'])(
  '%s ends soon',
  (expression) => {
    const text = `!c\n${Array.from({ length: mostPatternText }, (_, i) => 'abz'[((i * i) % 7) % 3]).join('')}-`;
    const started = process.cpuUsage();
    isFound(expression, text);
    const { user } = process.cpuUsage(started);
    expect(user / 1e6).toBeLessThan(5);
  },
);
