import { afterAll, expect, test } from 'vitest';
import { testIntent } from '../../test/builders/intent.ts';
import type { DeviceIntent } from '../api/index.ts';
import { formatPosition } from '../lib/index.ts';
import { compileTemplates } from './compile-templates.ts';
import { defaultLimits } from './limits.ts';
import { renderDevice, type RenderResult } from './renderer.ts';
import { createSandboxPool } from './sandbox-pool.ts';

/** What a person sees: the text, or each problem as `file:line:col code message`. */
function shown(result: RenderResult): string {
  if (result.rendered) return result.rendered.text.trimEnd();
  return result.problems.map((problem) => `${problem.at ? formatPosition(problem.at) : '-'} ${problem.code} ${problem.message}`).join('\n');
}

const limits = { ...defaultLimits, children: 1 };
const pool = createSandboxPool(limits);
afterAll(() => pool.close());

async function render(text: string, intent: DeviceIntent = testIntent()): Promise<RenderResult> {
  const { compiled, problems } = compileTemplates([{ name: 'frr/main.njk', file: 'templates/frr/main.njk', text }]);
  if (problems.length > 0) return { rendered: undefined, problems };
  return renderDevice(intent, () => '<secret:hmac-0123456789abcdef0123456789abcdef>', {
    templates: compiled,
    limits,
    pool,
    timedOut: new Map(),
  });
}

const main = 'templates/frr/main.njk';
const prefix = 'template frr/main.njk for r1: ';

test.each<{ name: string; template: string; gives: string }>([
  { name: 'prints text, numbers and booleans', template: '{{ device }} {{ 1 + 2 }} {{ true }}', gives: 'r1 3 true' },
  {
    name: 'loops over lists with their index',
    template: '{% for r in staticRoutes %}{{ loop.index }} {{ r.prefix }}\n{% endfor %}',
    gives: '1 192.0.2.0/24\n2 198.51.100.0/24',
  },
  {
    name: 'loops over the fields of an object',
    template: '{% for key, value in labels %}{{ key }}={{ value }} {% endfor %}',
    gives: 'role=edge site=fra',
  },
  { name: 'takes null as false', template: '{{ "set" if bgp else "not set" }}', gives: 'not set' },
  { name: 'takes an empty list as false, as people expect', template: '{{ "some" if prefixLists else "none" }}', gives: 'none' },
  { name: 'gives a default for null', template: '{{ bgp | default("none") }}', gives: 'none' },
  { name: 'joins with a separator of the template, also a line end', template: '{{ ["a", "b"] | join("\n") }}', gives: 'a\nb' },
  { name: 'keeps lines of a macro', template: '{% macro m(x) %}a {{ x }}\nb\n{% endmacro %}{{ m(1) }}', gives: 'a 1\nb' },
  { name: 'keeps lines of a captured block', template: '{% set x %}a\nb{% endset %}{{ x }}', gives: 'a\nb' },
  {
    name: 'filters by a field',
    template: '{% for r in staticRoutes | selectattr("blackhole") %}{{ r.prefix }}{% endfor %}',
    gives: '192.0.2.0/24',
  },
  {
    name: 'groups by a field',
    template: '{% for k, v in staticRoutes | groupby("family") %}{{ k }} {{ v | length }}{% endfor %}',
    gives: 'ipv4 2',
  },
  { name: 'prints the owner of an object', template: '{{ from(staticRoutes[0]) }}', gives: '! plumbline:from Device/r1 devices/r1.yaml:7' },
])('$name', async ({ template, gives }) => expect(shown(await render(template))).toBe(gives));

/** Every way to read a name that is not there. Each must end in an error with its place, never in an empty string. */
test.each<{ name: string; template: string; at: string; says: string }>([
  { name: 'printed', template: 'x\n {{ hostnme }}', at: '2:5', says: 'hostnme is not known (intent path hostnme)' },
  {
    name: 'printed, inside an object',
    template: '{{ staticRoutes[1].prefx }}',
    at: '1:4',
    says: 'staticRoutes[1].prefx is not known (intent path staticRoutes[1].prefx)',
  },
  {
    name: 'of a loop variable',
    template: '{% for r in staticRoutes %}{{ r.vrf }}{% endfor %}',
    at: '1:31',
    says: 'r.vrf is not known (intent path staticRoutes[0].vrf)',
  },
  { name: 'in if', template: '{% if descripton %}x{% endif %}', at: '1:7', says: 'descripton is not known (intent path descripton)' },
  { name: 'in elif', template: '{% if bgp %}{% elif nope %}{% endif %}', at: '1:21', says: 'nope is not known (intent path nope)' },
  { name: 'in not', template: '{{ 1 if not nope else 2 }}', at: '1:13', says: 'nope is not known (intent path nope)' },
  { name: 'in and', template: '{{ 1 if device and nope else 2 }}', at: '1:20', says: 'nope is not known (intent path nope)' },
  { name: 'in or', template: '{{ bgp or nope }}', at: '1:11', says: 'nope is not known (intent path nope)' },
  { name: 'in for', template: '{% for x in nope %}{% endfor %}', at: '1:13', says: 'nope is not known (intent path nope)' },
  { name: 'in a comparison', template: '{{ 1 if nope == 3 else 2 }}', at: '1:9', says: 'nope is not known (intent path nope)' },
  {
    name: 'in `is defined`-like tests',
    template: '{{ 1 if nope is null else 2 }}',
    at: '1:9',
    says: 'nope is not known (intent path nope)',
  },
  { name: 'in `in`', template: '{{ 1 if "a" in nope else 2 }}', at: '1:16', says: 'nope is not known (intent path nope)' },
  { name: 'in a concatenation', template: '{{ "a" ~ nope }}', at: '1:10', says: 'nope is not known (intent path nope)' },
  { name: 'in an addition', template: '{{ "a" + nope }}', at: '1:10', says: 'nope is not known (intent path nope)' },
  { name: 'in a filter', template: '{{ nope | upper }}', at: '1:4', says: 'nope is not known (intent path nope)' },
  { name: 'in the default filter', template: '{{ nope | default("x") }}', at: '1:4', says: 'nope is not known (intent path nope)' },
  {
    name: 'in an argument of a filter',
    template: '{{ device | replace(nope, "x") }}',
    at: '1:21',
    says: 'nope is not known (intent path nope)',
  },
  {
    name: 'as the field a filter looks at',
    template: '{{ staticRoutes | groupby("nope") }}',
    at: '1:4',
    says: 'staticRoutes | groupby is not known (intent path staticRoutes[0].nope)',
  },
  {
    name: 'as the field that sort looks at',
    template: '{% for r in staticRoutes | sort(attribute="nope") %}{% endfor %}',
    at: '1:13',
    says: 'staticRoutes | sort is not known (intent path staticRoutes[0].nope)',
  },
  { name: 'in set', template: '{% set x = nope %}', at: '1:12', says: 'nope is not known (intent path nope)' },
  {
    name: 'in a switch',
    template: '{% switch nope %}{% case 1 %}{% endswitch %}',
    at: '1:11',
    says: 'nope is not known (intent path nope)',
  },
  { name: 'as an argument', template: '{{ range(nope) }}', at: '1:10', says: 'nope is not known (intent path nope)' },
  { name: 'as a function', template: '{{ nope(1) }}', at: '1:4', says: 'nope is not known (intent path nope)' },
  {
    name: 'as an argument that a macro was not given',
    template: '{% macro m(a, b) %}{{ b }}{% endmacro %}{{ m(1) }}',
    at: '1:23',
    says: 'b is not known (intent path b)',
  },
  {
    name: 'behind the end of a list',
    template: '{{ staticRoutes[2].prefix }}',
    at: '1:4',
    says: 'staticRoutes[2] is not known (intent path staticRoutes[2])',
  },
  {
    name: 'as the first of an empty list',
    template: '{{ prefixLists | first }}',
    at: '1:4',
    says: 'prefixLists | first is not known (intent path prefixLists[0])',
  },
  {
    name: 'of null',
    template: '{{ bgp.asn }}',
    at: '1:4',
    says: 'bgp.asn (what stands before .asn is null) is not known (intent path asn)',
  },
  {
    name: 'that JavaScript objects have',
    template: '{{ labels.toString }}',
    at: '1:4',
    says: 'labels.toString is not known (intent path labels.toString)',
  },
  {
    name: 'that JavaScript text has',
    template: '{{ device.constructor }}',
    at: '1:4',
    says: 'device.constructor (what stands before .constructor is a string) is not known (intent path constructor)',
  },
])('an unknown name is an error with its place, $name', async ({ template, at, says }) => {
  expect(shown(await render(template))).toBe(`${main}:${at} TemplateUnknownName ${prefix}${says}`);
});

test('an unknown name is answered with the nearest one there is', async () => {
  const { problems } = await render('{{ staticRoutes[0].prefx }}');
  expect(problems[0]?.next).toContain('Write prefix');
});

test.each<{ name: string; template: string; at: string; says: string }>([
  { name: 'null', template: '{{ bgp }}', at: '1:4', says: 'bgp is null and cannot be printed (intent path bgp)' },
  {
    name: 'null inside an object',
    template: '{{ staticRoutes[0].nextHop }}',
    at: '1:4',
    says: 'staticRoutes[0].nextHop is null and cannot be printed (intent path staticRoutes[0].nextHop)',
  },
  {
    name: 'a list',
    template: '{{ staticRoutes }}',
    at: '1:4',
    says: 'staticRoutes is a list and cannot be printed (intent path staticRoutes)',
  },
  { name: 'an object', template: '{{ labels }}', at: '1:4', says: 'labels is an object and cannot be printed (intent path labels)' },
  { name: 'a function', template: '{{ range }}', at: '1:4', says: 'range is a function and cannot be printed (intent path range)' },
  { name: 'no number', template: '{{ 1 / 0 }}', at: '1:4', says: '(…) is Infinity and cannot be printed' },
  { name: 'null joined to text', template: '{{ "a" ~ bgp }}', at: '1:4', says: '(…) is null and cannot be joined' },
  { name: 'null in a list', template: '{{ [1, none] | join(",") }}', at: '1:4', says: '(…) | join is null and cannot be joined' },
  { name: 'arithmetic on text', template: '{{ device * 2 }}', at: '1:4', says: '(…) takes numbers for *; one side is a string' },
  { name: 'a loop over a number', template: '{% for x in 3 %}{% endfor %}', at: '1:13', says: '3 is 3 and cannot be looped over' },
  {
    name: 'a loop over null',
    template: '{% for x in bgp %}{% endfor %}',
    at: '1:13',
    says: 'bgp is null and cannot be looped over (intent path bgp)',
  },
  { name: 'a call of what is no function', template: '{{ device() }}', at: '1:4', says: 'device(…) is a string and cannot be called' },
  {
    name: 'a line end in a value',
    template: 'd {{ "a\nb" }}',
    at: '1:6',
    says: '"a\\nb" holds the control character U+000A and cannot be printed',
  },
  {
    name: 'a terminal code in a value',
    template: '{{ "\u001b[2J" }}',
    at: '1:4',
    says: '"\\u001b[2J" holds the control character U+001B and cannot be printed',
  },
  {
    name: 'text that reads backwards',
    template: '{{ "\u202eabc" }}',
    at: '1:4',
    says: '"\u202eabc" holds the control character U+202E and cannot be printed',
  },
  {
    name: 'too many numbers',
    template: '{% for x in range(0, 1000000000) %}{% endfor %}',
    at: '1:13',
    says: 'range(…) gives more than 100000 numbers',
  },
])('what is no text is refused with its place: $name', async ({ template, at, says }) => {
  expect(shown(await render(template))).toBe(`${main}:${at} TemplateBadValue ${prefix}${says}`);
});

test('a line end in a field of the intent is named by its path', async () => {
  const intent = testIntent({ interface: 'eth0\nrouter bgp 1' });
  expect(shown(await render('{{ staticRoutes[0].interface }}', intent))).toBe(
    `${main}:1:4 TemplateBadValue ${prefix}staticRoutes[0].interface holds the control character U+000A and cannot be printed (intent path staticRoutes[0].interface)`,
  );
});

test('a template cannot change the intent', async () => {
  expect(shown(await render('{% set labels.site = "x" %}'))).toContain('TemplateSyntax');
});

test('two renders of one template give the same text', async () => {
  const template = '{% for key, value in labels %}{{ key }}{{ value }}{% endfor %}{{ staticRoutes | length }}';
  expect(shown(await render(template))).toBe(shown(await render(template)));
});
