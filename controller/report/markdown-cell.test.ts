import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cell, link } from './markdown-cell.ts';

/** What a device or a template may hold of all that means something to a forge. */
const active = [
  '@all',
  '@octo-cat',
  'ops@example.net',
  '#12',
  'net/devices#7',
  '!34',
  'GH-5',
  '$6',
  '&7',
  '~bug',
  '%1.0',
  '^alert#1',
  '[vulnerability:1]',
  '/close',
  'https://x.example.net/a?b=c',
  'ftp://x.example.net',
  'mailto:a@example.net',
  'www.example.net',
  '[click](https://x.example.net)',
  '![x](y)',
  '[^1]',
  '<b>',
  '<!--',
  '-->',
  '&lt;',
  '&#64;all',
  '|',
  '\\|',
  '\\\\|',
  '\\',
  '`',
  '``',
  '*',
  '**',
  '_',
  '__',
  'a_b_c',
  '~~',
  '---',
  '===',
  '# head',
  '## head',
  '> quote',
  '- item',
  '+ item',
  '1. one',
  '2) two',
  '\n',
  '\r\n',
  '\t',
  '    ',
  '| --- |',
  '\u0000',
  '\u200b',
  'é',
  '路',
  '🙂',
  'x',
  '9',
  ':',
  '.',
  '(',
  ')',
  '"',
  "'",
  '!',
  '$',
  '${x}',
]; // prettier-ignore
const text = fc
  .array(fc.oneof(fc.constantFrom(...active), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 12 })
  .map((parts) => parts.join(''));

/** What a reader sees: escapes and references undone, in the order in which Markdown looks at them. */
function shown(markdown: string): string {
  return markdown
    .replaceAll('&#8203;', '')
    .replaceAll(/\\([\\`*_[\]~|#>+-])/g, '$1')
    .replaceAll('&#36;', '$')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
}

test('any text shows as it is, without its blanks and control characters', () => {
  fc.assert(
    fc.property(text, (given) => {
      const bare = (each: string): string => each.replaceAll(/[\s\u0000-\u001f\u007f-\u009f\ufffd]/g, ''); // oxlint-disable-line no-control-regex
      // Sequences that a terminal would act on are taken out as a whole.
      fc.pre(!given.includes('\u001b') && !given.includes('\u009b'));
      expect(bare(shown(cell(given)))).toBe(bare(given));
    }),
    { numRuns: 2000 },
  );
});

test('no text ends a cell or a line, or begins anything', () => {
  fc.assert(
    fc.property(text, (given) => {
      const markdown = cell(given);
      const bare = markdown.replaceAll(/\\[\\`*_[\]~|#>+-]/g, '');
      expect(bare).not.toMatch(/[\n\r|`*[\]~<\\]/);
      expect(markdown).not.toMatch(/^(?:[#>+-]|\d+[.)](?: |$))/);
      // A space without width is in between, wherever a forge would look something up.
      expect(markdown.replaceAll('\\', '')).not.toMatch(/@(?!sha(?:1|256):)\w|#\d(?!\d*;)|!\d|GH-\d|&#36;\d|:\/\/|www\.|mailto:\w/i);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['main@sha1:0123', 'main@sha1:0123'],
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1/64', '2001:db8::1/64'],
  ['neighbor INTERNET_IN route-map a in', 'neighbor INTERNET_IN route-map a in'],
  ['router bgp 64496 > neighbor 192.0.2.1', 'router bgp 64496 > neighbor 192.0.2.1'],
])('what configurations are full of stays readable: %s', (given, markdown) => expect(cell(given)).toBe(markdown));

test('an address that a job gives is a link, and nothing else is', () => {
  expect(link('https://ci.example.net/jobs/4711')).toBe('<https://ci.example.net/jobs/4711>');
  expect(link('https://ci.example.net/>\n# head')).not.toContain('<');
  expect(link('the same command')).toBe('the same command');
});
