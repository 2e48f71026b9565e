import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPosition } from '../lib/index.ts';
import { closureOf, compileTemplates } from './compile-templates.ts';
import { templatesAmong } from './repository-templates.ts';
import { digestTemplates, overlayTemplates, readBuiltinTemplates } from './template-files.ts';

function problemsOf(text: string, name = 'a.njk'): string[] {
  const templates = [
    { name, file: `templates/${name}`, text },
    { name: 'frr/bgp.njk', file: 'templates/frr/bgp.njk', text: '' },
  ];
  return compileTemplates(templates).problems.map(
    (problem) => `${problem.at ? formatPosition(problem.at) : ''} ${problem.message} | ${problem.next}`,
  );
}

test.each<{ name: string; text: string; says: RegExp }>([
  { name: 'an expression without end', text: 'line\n {{ device', says: /^templates\/a.njk:2:\d+ template a.njk: expected variable end/ },
  {
    name: 'a block without end',
    text: '{% for x in y %}',
    says: /^templates\/a.njk:\d+:\d+ template a.njk: unexpected end of file|parseIf|expected/,
  },
  { name: 'an unknown tag', text: 'x\n{% foreach x %}', says: /^templates\/a.njk:2:\d+ template a.njk: unknown block tag: foreach/ },
  {
    name: 'an unknown filter, with the nearest',
    text: '{{ device | uper }}',
    says: /^templates\/a.njk:1:13 template a.njk: no filter uper \| Write upper\./,
  },
  { name: 'a filter that is left out', text: '{{ device | safe }}', says: /no filter safe/ },
  { name: 'an unknown test', text: '{{ 1 if device is defned }}', says: /no test defned/ },
  { name: 'the test that could hide a misspelt name', text: '{{ 1 if device is defined }}', says: /no test defined/ },
  {
    name: 'an unknown template, with the nearest',
    text: '{% include "frr/bgb.njk" %}',
    says: /^templates\/a.njk:1:12 template a.njk: no template frr\/bgb.njk \| Write "frr\/bgp.njk"\./,
  },
  { name: 'a template by variable', text: '{% extends device %}', says: /extends takes a name in quotes/ },
  { name: 'a loop over promises', text: '{% asyncEach x in y %}{% endeach %}', says: /asyncEach is not available; write for/ },
  { name: 'a regular expression', text: '{{ device | replace(r/a+/g, "") }}', says: /regular expressions are not available/ },
  { name: 'nesting without end', text: `{{ ${'('.repeat(50_000)} }}`, says: /nested too deeply/ },
  { name: 'a template of a megabyte', text: 'x'.repeat(1024 * 1024), says: /longer than 262144 characters/ },
])('$name is an error with its place', ({ text, says }) => expect(problemsOf(text).join('\n')).toMatch(says));

test('all mistakes of a template are shown at once', () => {
  expect(problemsOf('{{ a | safe }}\n{% include "x" %}\n{{ b | random }}').map((line) => line.split(' ')[0])).toEqual([
    'templates/a.njk:1:8',
    'templates/a.njk:2:12',
    'templates/a.njk:3:8',
  ]);
});

test.each(['../a.njk', '/a.njk', 'a//b.njk', './a.njk', 'a b.njk', 'a\u0000.njk', '.njk'])('%j is no name of a template', (name) => {
  expect(problemsOf('x', name)[0]).toMatch(/its path is not a plain relative path/);
});

test('templates that include each other are an error in each of them', () => {
  const { problems } = compileTemplates([
    { name: 'a.njk', file: 'a.njk', text: '{% include "b.njk" %}' },
    { name: 'b.njk', file: 'b.njk', text: '{% if x %}{% include "a.njk" %}{% endif %}' },
    { name: 'c.njk', file: 'c.njk', text: '{% include "a.njk" %}' },
  ]);
  expect(problems.map(({ message }) => message)).toEqual([
    'template a.njk: includes itself: a.njk, b.njk, a.njk',
    'template b.njk: includes itself: b.njk, a.njk, b.njk',
  ]);
});

describe('a set of templates that is made to take for ever', () => {
  /** Each includes all that come after it: many ways, and no circle. */
  const ways = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      name: `t${i}.njk`,
      file: `templates/t${i}.njk`,
      text: Array.from({ length: count - i - 1 }, (__, k) => `{% include "t${i + k + 1}.njk" %}`).join(''),
    }));

  test('is an error at the one that is too much, and the others are there', () => {
    const { compiled, problems } = compileTemplates(ways(700));
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^template t\d+.njk: all templates together are longer than 4194304 characters$/),
    ]);
    expect(compiled.byName.size).toBeGreaterThan(100);
  });

  test('has no circle where there is none, however many ways lead through it', () => {
    expect(compileTemplates(ways(150)).problems).toEqual([]);
  });

  test('has twenty circles at most', () => {
    const text = Array.from({ length: 60 }, (_, k) => `{% include "t${k}.njk" %}`).join('');
    const all = Array.from({ length: 60 }, (_, i) => ({ name: `t${i}.njk`, file: `templates/t${i}.njk`, text }));
    expect(compileTemplates(all).problems).toHaveLength(20);
  });

  test('may hold a list of a hundred thousand: no call stack is as deep', () => {
    const text = `{% set all = [${'1,'.repeat(130_000)}1] %}`;
    expect(compileTemplates([{ name: 'a.njk', file: 'templates/a.njk', text }]).problems).toEqual([]);
  });
});

test('a render gets the templates it needs and no other', () => {
  const { compiled } = compileTemplates(readBuiltinTemplates());
  const needed = closureOf('frr/bgp.njk', compiled);
  expect(Array.isArray(needed) ? needed.map(({ name }) => name).sort() : needed).toEqual([
    'frr/bgp-family-neighbor.njk',
    'frr/bgp-family.njk',
    'frr/bgp-neighbor.njk',
    'frr/bgp.njk',
  ]);
});

test('a repository adds templates and puts its own in place of built-in ones', () => {
  const repository = templatesAmong(
    new Map([
      ['templates/frr/bgp.njk', 'own'],
      ['sections/x.njk', 'new'],
      ['sections/y.conf', 'no template'],
    ]),
  );
  const all = overlayTemplates(readBuiltinTemplates(), repository);
  expect(all.find(({ name }) => name === 'frr/bgp.njk')).toMatchObject({ text: 'own', file: 'templates/frr/bgp.njk' });
  expect(all.map(({ name }) => name)).toContain('sections/x.njk');
  expect(all).toHaveLength(readBuiltinTemplates().length + 1);
});

test('the digest of a set is that of its names and texts, not of where they lie', () => {
  const one = { name: 'a.njk', file: 'here/a.njk', text: 'x' };
  expect(digestTemplates([one])).toBe(digestTemplates([{ ...one, file: 'there/a.njk' }]));
  expect(digestTemplates([one])).not.toBe(digestTemplates([{ ...one, text: 'y' }]));
  expect(digestTemplates([one])).not.toBe(digestTemplates([{ ...one, name: 'b.njk' }]));
});

test('whatever a template holds, it is refused with a place or becomes code of the shape we generate', () => {
  const pieces = [
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    ' ',
    '\n',
    '"',
    "'",
    '`',
    '\\',
    '(',
    ')',
    '[',
    ']',
    '.',
    '|',
    ',',
    ':',
    '=',
    '~',
    '-',
    'a',
    'for x in a',
    'endfor',
    'if a',
    'endif',
    'set b',
    'macro m(a)',
    'endmacro',
    'raw',
    'endraw',
    '${',
    '*/',
    '//',
    '</script>',
    '\u2028',
    '__proto__',
    'constructor',
    '1e999',
    'import',
    'include "a.njk"',
    ';',
    'return',
  ];
  assert(
    property(
      array(oneof(constantFrom(...pieces), string({ maxLength: 4 })), { maxLength: 24 }),
      constantFrom(
        '…',
        '{{ … }}',
        '{% set … = 1 %}',
        '{% for … in a %}{% endfor %}',
        '{% macro m(…) %}{% endmacro %}',
        '{{ a | replace(…) }}',
        '{% if … %}x{% endif %}',
        '{% block … %}{% endblock %}',
      ),
      (parts, shape) => {
        const { compiled, problems } = compileTemplates([{ name: 'a.njk', file: 'a.njk', text: shape.replace('…', () => parts.join('')) }]);
        for (const problem of problems) expect(problem.at).toBeDefined();
        const template = compiled.byName.get('a.njk');
        // Text in quotes taken out, nothing of the template may be left in the code: only our words and numbers.
        expect(unknownWords(template?.source ?? '')).toEqual([]);
      },
    ),
    { numRuns: 2000 },
  );
});

const words = new Set(
  (
    'function root env context frame runtime cb var lineno colno output try catch e if else return null new true false for in parentTemplate rootRenderFunc handleError kwargs callerFrame ' +
    'Frame push pop set topLevel setVariable addExport makeMacro SafeString Object prototype hasOwnProperty call caller keys isArray fromIterator length loop index index0 revindex revindex0 first last ' +
    'variableAt nameAt memberAt callAt filterAt printAt eachOf truthOf bothOf eitherOf operatorAt getTemplate getExported getVariables render tasks callback template result waterfall Error inOperator getTest ' +
    'makeKeywordArgs Math pow floor Infinity NaN blocks addBlock getBlock switch case break default getSuper undefined c f r'
  ).split(' '),
);

function unknownWords(source: string): string[] {
  const bare = source.replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
  const found = bare.match(/[A-Za-z_$][\w$]*|[`\\@#\u0080-\uffff]/g) ?? [];
  return found.filter((word) => !words.has(word) && !/^(t_\d+|macro_t_\d+|l_[A-Za-z_]\w*|b_[A-Za-z_]\w*|hole_\d+|e\d*)$/.test(word));
}

test('a file outside templates/ replaces nothing: its name is taken, and that is said', () => {
  const files = new Map([
    ['frr/main.njk', 'stray'],
    ['own/a.njk', 'outside'],
    ['templates/own/a.njk', 'below'],
    ['templates/frr/bgp.njk', 'replaced'],
  ]);
  const builtin = [
    { name: 'frr/bgp.njk', file: 'templates/frr/bgp.njk', text: 'built in' },
    { name: 'frr/main.njk', file: 'templates/frr/main.njk', text: 'built in' },
  ];
  const { compiled, problems } = compileTemplates(overlayTemplates(builtin, templatesAmong(files)));
  expect(problems.map(({ message, at }) => `${at ? formatPosition(at) : ''} ${message}`)).toEqual([
    'frr/main.njk:1:1 template frr/main.njk: frr/main.njk has the name of templates/frr/main.njk',
    'own/a.njk:1:1 template own/a.njk: own/a.njk has the name of templates/own/a.njk',
  ]);
  expect([...compiled.byName.values()].map(({ name, file }) => `${name} ${file}`)).toEqual([
    'frr/bgp.njk templates/frr/bgp.njk',
    'frr/main.njk templates/frr/main.njk',
    'own/a.njk templates/own/a.njk',
  ]);
  expect(compiled.byName.get('frr/main.njk')?.source).not.toContain('stray');
  expect(compiled.byName.get('frr/bgp.njk')?.source).toContain('replaced');
});
