import { afterAll, describe, expect, test } from 'vitest';
import type { DeviceIntent, SecretRef, SectionIntent } from '../api/index.ts';
import { formatPosition } from '../lib/index.ts';
import { compileTemplates } from './compile-templates.ts';
import type { RenderLimits } from './limits.ts';
import { createRenderer, type Renderer, type RenderResult } from './renderer.ts';
import { testIntent } from '../../test/builders/intent.ts';

const renderers: Renderer[] = [];
afterAll(() => {
  for (const renderer of renderers) renderer.close();
});

const tokens: Readonly<Record<string, string>> = {
  'bgp/a': '<secret:hmac-00000000000000000000000000000001>',
  'ospf/key': '<secret:unset-ospf/key>',
};
const tokenOf = ({ name, key }: SecretRef): string => tokens[`${name}/${key}`] ?? '<secret:unset-none/none>';

function rendererOf(templates: Readonly<Record<string, string>>, limits: Partial<RenderLimits> = {}): Renderer {
  const files = Object.entries(templates).map(([name, text]) => ({ name, file: `templates/${name}`, text }));
  const { compiled, problems } = compileTemplates(files);
  expect(problems.map(({ message }) => message)).toEqual([]);
  const renderer = createRenderer({ templates: compiled, limits: { children: 1, ...limits } });
  renderers.push(renderer);
  return renderer;
}

function section(fields: Partial<SectionIntent>): SectionIntent {
  return {
    kind: 'Section',
    name: 's',
    source: { file: 'devices/r1.yaml', line: 12 },
    ownership: 'Declared',
    template: null,
    file: null,
    text: null,
    ...fields,
  };
}

function told(result: RenderResult): string[] {
  return result.problems.map((problem) => `${problem.at ? formatPosition(problem.at) : '-'} ${problem.code} ${problem.message}`);
}

describe('sections', () => {
  test('follow the templates, each with its own owner', async () => {
    const intent = testIntent({}, [
      section({ name: 'log', file: 'raw/log.conf', text: 'log syslog\r\n\r\nlog file x\r\nlog stdout\r\n\r\n' }),
      section({ name: 'own', template: 'own.njk', ownership: 'Exact', source: { file: 'devices/r1.yaml', line: 20 } }),
    ]);
    const { rendered } = await rendererOf({ 'frr/main.njk': 'hostname {{ device }}', 'own.njk': 'banner {{ labels.site }}' }).render(
      intent,
      tokenOf,
    );
    expect(rendered?.text.split('\n')).toEqual([
      'hostname r1',
      '! plumbline:from Section/log raw/log.conf:1',
      '! plumbline:lines 1,3-4',
      'log syslog',
      'log file x',
      'log stdout',
      '! plumbline:from Section/own devices/r1.yaml:20',
      '! plumbline:ownership Exact',
      'banner fra',
      '',
    ]);
  });

  test.each<{ name: string; given: Partial<SectionIntent>; says: string }>([
    {
      name: 'whose template is not there',
      given: { template: 'own/acess.njk' },
      says: 'devices/r1.yaml:12:1 SectionMissing section s of r1: no template own/acess.njk',
    },
    {
      name: 'that writes an owner',
      given: { file: 'raw/s.conf', text: 'a\n! plumbline:from Device/other x.yaml:1' },
      says: 'raw/s.conf:2:1 ReservedText section s for r1: holds the marker ! plumbline:from Device/other x.yaml:1',
    },
    {
      name: 'that writes ownership',
      given: { file: 'raw/s.conf', text: '! plumbline:ownership Exact' },
      says: 'raw/s.conf:1:1 ReservedText section s for r1: holds the marker ! plumbline:ownership Exact',
    },
    ...['!plumbline:from', '!  plumbline:from', '!\tplumbline:from', '!! plumbline:from', '# plumbline:from', '! #plumbline:from'].map(
      (word) => ({
        name: `that writes an owner as ${JSON.stringify(word)}`,
        given: { file: 'raw/s.conf', text: `a\n ${word} Device/r1 devices/r1.yaml:7` },
        says: `raw/s.conf:2:1 ReservedText section s for r1: holds the marker ${word} Device/r1 devices/r1.yaml:7`,
      }),
    ),
    {
      name: 'that writes the token of a secret',
      given: { file: 'raw/s.conf', text: ' password <secret:hmac-00000000000000000000000000000001>' },
      says: 'raw/s.conf:1:11 ReservedText section s for r1: holds <secret:hmac-000000000000000000000000000, which is no reference to a secret',
    },
    {
      name: 'that writes half a reference',
      given: { file: 'raw/s.conf', text: 'key <secret:ospf>' },
      says: 'raw/s.conf:1:5 ReservedText section s for r1: holds <secret:ospf>, which is no reference to a secret',
    },
    {
      name: 'with a terminal code',
      given: { file: 'raw/s.conf', text: 'ok\nlog \u001b[2J' },
      says: 'raw/s.conf:2:5 ControlCharacter section s for r1: holds the control character U+001B',
    },
    {
      name: 'whose template takes the owner of another object',
      given: { template: 'own/from.njk' },
      says: '- ReservedText section s for r1: holds the marker ! plumbline:from Device/r1 devices/r1.yaml:7',
    },
  ])('$name is an error at its place', async ({ given, says }) => {
    const renderer = rendererOf({ 'frr/main.njk': 'x', 'own/access.njk': 'y', 'own/from.njk': '{{ from(staticRoutes[0]) }}' });
    const result = await renderer.render(testIntent({}, [section(given)]), tokenOf);
    expect(result.rendered).toBeUndefined();
    expect(told(result)).toEqual([says]);
  });

  test('report their mistakes together with those of the templates', async () => {
    const renderer = rendererOf({ 'frr/main.njk': '{{ nope }}', 'a.njk': '{{ nope }}' });
    const result = await renderer.render(testIntent({}, [section({ template: 'a.njk' }), section({ template: 'b.njk' })]), tokenOf);
    expect(told(result).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'templates/frr/main.njk:1:4 TemplateUnknownName',
      'templates/a.njk:1:4 TemplateUnknownName',
      'devices/r1.yaml:12:1 SectionMissing',
    ]);
  });
});

describe('secrets', () => {
  const withPassword: DeviceIntent = {
    ...testIntent(),
    labels: { site: 'fra' },
    secrets: [{ ref: { name: 'bgp', key: 'a' }, purpose: 'bgp-password' }],
  };

  test('are tokens in the text, and listed with what they are for', async () => {
    const renderer = rendererOf({
      'frr/main.njk': 'password {{ secret("bgp", "a") }} {{ secret("bgp", "a") }}\nkey {{ secret("ospf", "key") }}',
    });
    const { rendered } = await renderer.render(withPassword, tokenOf);
    expect(rendered?.text).toBe(`password ${tokens['bgp/a']} ${tokens['bgp/a']}\nkey ${tokens['ospf/key']}\n`);
    expect(rendered?.secrets).toEqual([
      { token: tokens['bgp/a'], ref: { name: 'bgp', key: 'a' }, purpose: 'bgp-password' },
      { token: tokens['ospf/key'], ref: { name: 'ospf', key: 'key' }, purpose: 'template' },
    ]);
  });

  test('may be named in a raw file', async () => {
    const { rendered } = await rendererOf({ 'frr/main.njk': 'x' }).render(
      testIntent({}, [section({ file: 'o.conf', text: 'key <secret:ospf/key>' })]),
      tokenOf,
    );
    expect(rendered?.text).toContain(`key ${tokens['ospf/key']}`);
  });

  test('are not even tokens inside the sandbox', async () => {
    const renderer = rendererOf({ 'frr/main.njk': '{{ secret("bgp", "a") | length }} {{ secret("bgp", "a") | replace("<secret:", "") }}' });
    const { rendered } = await renderer.render(withPassword, tokenOf);
    expect(rendered?.text).toBe('14 bgp/a>\n');
  });

  test('are taken with a name and a key that can be one', async () => {
    const result = await rendererOf({ 'frr/main.njk': '{{ secret("a b", "c") }}' }).render(withPassword, tokenOf);
    expect(told(result)[0]).toContain('takes the name and the key of a secret');
  });
});

test('the digest is that of the text without owners: moving an object in its file changes nothing', async () => {
  const renderer = rendererOf({ 'frr/main.njk': '{{ from(staticRoutes[0]) }}\nip route {{ staticRoutes[0].prefix }}' });
  const [before, moved, changed] = await Promise.all([
    renderer.render(testIntent(), tokenOf),
    renderer.render(testIntent({ source: { file: 'elsewhere.yaml', line: 99 } }), tokenOf),
    renderer.render(testIntent({ prefix: '192.0.2.0/25' }), tokenOf),
  ]);
  expect(moved.rendered?.text).toContain('elsewhere.yaml:99');
  expect(moved.rendered?.digest).toBe(before.rendered?.digest);
  expect(changed.rendered?.digest).not.toBe(before.rendered?.digest);
});

test.each<{ name: string; intent: DeviceIntent; says: string }>([
  {
    name: 'holds what FRR takes for an output filter',
    intent: testIntent({ interface: 'a | include b', source: { file: 'my sites/r1.yaml', line: 3 } }),
    says: 'my sites/r1.yaml:3:1 LineNotPossible r1: the line x a | include b of Device/r1 cannot be configured: FRR takes "| " for the beginning of an output filter; write / or leave out the space after the bar',
  },
  {
    name: 'is longer than vtysh reads',
    intent: testIntent({ interface: 'a'.repeat(4000) }),
    says: `devices/r1.yaml:7:1 LineNotPossible r1: the line x ${'a'.repeat(78)}… of Device/r1 cannot be configured: it is 4002 characters long, of which the device reads 4000`,
  },
])('a line that $name is an error at its owner', async ({ intent, says }) => {
  const renderer = rendererOf({ 'frr/main.njk': '{{ from(staticRoutes[0]) }}\nx {{ staticRoutes[0].interface }}' });
  expect(told(await renderer.render(intent, tokenOf))).toEqual([says]);
});

test.each([
  '!plumbline:from Device/r1 devices/r1.yaml:7',
  '!  plumbline:ownership Exact',
  '! plumbline:from Device/nobody devices/r1.yaml:7',
])('a template prints owners as `from` does, not as %s', async (line) => {
  const result = await rendererOf({ 'frr/main.njk': line }).render(testIntent(), tokenOf);
  expect(told(result)).toEqual([`- ReservedText template frr/main.njk for r1: holds the marker ${line}`]);
});

test('the word in the middle of a line is only text', async () => {
  const { rendered } = await rendererOf({ 'frr/main.njk': 'description see plumbline:from there' }).render(testIntent(), tokenOf);
  expect(rendered?.text).toBe('description see plumbline:from there\n');
});

describe('a line that is a command', () => {
  test.each([
    'do clear bgp *',
    'start-shell bash',
    'write erase',
    'wr',
    'configure terminal',
    'conf t',
    'end',
    'quit',
    'output file /tmp/x',
  ])('is an error at its place in a file: %s', async (command) => {
    const text = `router bgp 64500\n\n  ${command}\n exit\n`;
    const result = await rendererOf({ 'frr/main.njk': 'x' }).render(testIntent({}, [section({ file: 'raw/s.conf', text })]), tokenOf);
    const [problem = '', ...more] = told(result);
    expect(more).toEqual([]);
    expect(problem).toMatch(/^raw\/s.conf:3:3 LineNotPossible r1: the line /);
    expect(problem).toMatch(/is a command, it configures nothing|is short for the command/);
  });

  test('is an error in what a template prints', async () => {
    const result = await rendererOf({ 'frr/main.njk': '{{ from(staticRoutes[0]) }}\ndo show version' }).render(testIntent(), tokenOf);
    expect(told(result)).toEqual([
      'devices/r1.yaml:7:1 LineNotPossible r1: the line do show version of Device/r1 cannot be configured: do is a command, it configures nothing; remove the line',
    ]);
  });

  test('is none when it frames, comments, or only begins alike', async () => {
    const text =
      'router ospf\n write-multiplier 20\nexit\n! end of it\n# show\nrouter bgp 1\n address-family ipv4 unicast\n exit-address-family\nend-to-end x';
    const result = await rendererOf({ 'frr/main.njk': 'x' }).render(testIntent({}, [section({ file: 'raw/s.conf', text })]), tokenOf);
    expect(told(result)).toEqual([]);
  });
});

test('a file of nothing but mistakes is answered with the first ones and a count', async () => {
  const text = 'do x\n'.repeat(150_000);
  const result = await rendererOf({ 'frr/main.njk': 'x' }).render(testIntent({}, [section({ file: 'raw/s.conf', text })]), tokenOf);
  expect(result.problems).toHaveLength(201);
  expect(told(result).at(-1)).toBe('raw/s.conf:201:1 MoreFaults section s for r1: 149800 more problems like these are not shown');
});

test('control characters in every line are counted too, not thrown', async () => {
  const text = 'log \u001b\n'.repeat(150_000);
  const result = await rendererOf({ 'frr/main.njk': text.slice(0, 100) }).render(
    testIntent({}, [section({ file: 'raw/s.conf', text })]),
    tokenOf,
  );
  expect(told(result).at(-1)).toBe('raw/s.conf:201:5 MoreFaults section s for r1: 149800 more problems like these are not shown');
});

test('the text of a device is added up while it grows: what comes after the limit is not rendered', async () => {
  const renderer = rendererOf(
    { 'frr/main.njk': 'x', 'big.njk': '{% for i in range(90) %}x{% endfor %}', 'last.njk': '{{ nope }}' },
    { outputLength: 100 },
  );
  const sections = [section({ template: 'big.njk' }), section({ template: 'big.njk' }), section({ template: 'last.njk' })];
  expect(told(await renderer.render(testIntent({}, sections), tokenOf))).toEqual([
    '- OutputTooLarge all sections together for r1: more than 100 characters of configuration',
  ]);
});

/** Long lists in the inner loops would run out of memory now and then, before they run out of time. */
const endless = `${'{% for i in range(300) %}'.repeat(6)}${'{% endfor %}'.repeat(6)}`;

test('the sections of a device share one deadline', async () => {
  const templates = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`s${i}.njk`, endless]));
  const renderer = rendererOf({ 'frr/main.njk': 'x', ...templates }, { renderMs: 300, deviceMs: 700 });
  const sections = Object.keys(templates).map((template) => section({ template }));
  const result = await renderer.render(testIntent({}, sections), tokenOf);
  expect(told(result).map((line) => line.split(' ').slice(1, 2).join())).toEqual([
    'TemplateTimedOut',
    'TemplateTimedOut',
    'TemplateTimedOut',
    'DeviceTimedOut',
  ]);
  expect(told(result).at(-1)).toBe(
    '- DeviceTimedOut r1: its templates took more than 700 ms together; what follows section s was not rendered',
  );
});

test('a template that timed out for three devices is not run for the others', async () => {
  const renderer = rendererOf({ 'frr/main.njk': endless }, { renderMs: 200 });
  const told4: string[] = [];
  for (const device of ['a', 'b', 'c', 'd']) told4.push(...told(await renderer.render({ ...testIntent(), device }, tokenOf)));
  expect(told4.map((line) => line.split(' ')[1])).toEqual(['TemplateTimedOut', 'TemplateTimedOut', 'TemplateTimedOut', 'TemplateGivenUp']);
  expect(told4.at(-1)).toBe(
    'templates/frr/main.njk:1:1 TemplateGivenUp template frr/main.njk for d: not run, because it timed out for a, b, c',
  );
});

test('a path with spaces stays one word in a marker', async () => {
  const renderer = rendererOf({ 'frr/main.njk': '{{ from(staticRoutes[0]) }}' });
  const { rendered } = await renderer.render(testIntent({ source: { file: 'my sites/r1.yaml', line: 1 } }), tokenOf);
  expect(rendered?.text).toBe('! plumbline:from Device/r1 my%20sites/r1.yaml:1\n');
});

test('a template of the repository stands in for a built-in one where the profile says so', async () => {
  const renderer = rendererOf({
    'frr/main.njk': '{% include "frr/part.njk" %}',
    'frr/part.njk': 'built in',
    'own/part.njk': 'own of {{ device }}',
  });
  const [plain, own, broken] = await Promise.all([
    renderer.render(testIntent(), tokenOf),
    renderer.render({ ...testIntent(), templateOverrides: { 'frr/part.njk': 'own/part.njk' } }, tokenOf),
    renderer.render({ ...testIntent(), templateOverrides: { 'frr/part.njk': 'own/nope.njk' } }, tokenOf),
  ]);
  expect([plain.rendered?.text, own.rendered?.text]).toEqual(['built in\n', 'own of r1\n']);
  expect(told(broken)).toEqual([
    'templates/frr/main.njk:1:1 TemplateFailed template frr/main.njk for r1: needs template own/nope.njk, which is missing',
  ]);
});

test('a template with a mistake leaves the devices alone that do not need it', async () => {
  const { compiled, problems } = compileTemplates([
    { name: 'frr/main.njk', file: 'main.njk', text: 'fine' },
    { name: 'frr/broken.njk', file: 'broken.njk', text: '{% if %}' },
  ]);
  expect(problems.map(({ code, at }) => `${at ? formatPosition(at) : ''} ${code}`)).toEqual(['broken.njk:1:7 TemplateSyntax']);
  const renderer = createRenderer({ templates: compiled, limits: { children: 1 } });
  renderers.push(renderer);
  expect((await renderer.render(testIntent(), tokenOf)).rendered?.text).toBe('fine\n');
});

test('a platform without templates is an error', async () => {
  const result = await rendererOf({ 'frr/main.njk': 'x' }).render({ ...testIntent(), platform: 'other' }, tokenOf);
  expect(told(result)).toEqual(['- NoTemplates r1: no template other/main.njk for platform other']);
});

test('more text than a device may have is an error', async () => {
  const renderer = rendererOf({ 'frr/main.njk': '{{ device }}' }, { outputLength: 100 });
  const result = await renderer.render(testIntent({}, [section({ file: 'big.conf', text: 'x'.repeat(200) })]), tokenOf);
  expect(told(result)).toEqual(['- OutputTooLarge all sections together for r1: more than 100 characters of configuration']);
});

test('renders that wait when the renderer is closed end with a problem', async () => {
  const renderer = rendererOf({ 'frr/main.njk': '{{ device }}' });
  const pending = [renderer.render(testIntent(), tokenOf), renderer.render(testIntent(), tokenOf)];
  renderer.close();
  for (const result of await Promise.all(pending)) expect(result.problems[0]?.code).toBe('TemplateCrashed');
  expect((await renderer.render(testIntent(), tokenOf)).problems[0]?.code).toBe('TemplateCrashed');
});
