import { createServer } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { formatPosition } from '../lib/index.ts';
import { compileTemplates } from './compile-templates.ts';
import { defaultLimits } from './limits.ts';
import { createRenderer } from './renderer.ts';
import { createSandboxPool } from './sandbox-pool.ts';
import type { JobEnd } from './sandbox-process.ts';
import type { RenderInput } from './sandbox/strict-runtime.ts';
import { testIntent } from '../../test/builders/intent.ts';

const token = (): string => '<secret:hmac-0123456789abcdef0123456789abcdef>';

/** Templates as a hostile pull request would write them, and what a person is told. One renderer for all: each attack must leave it fit. */
describe('a hostile template', () => {
  const cases: { name: string; template: string; told: RegExp }[] = [
    {
      name: 'runs code from a string',
      template: '{{ "".constructor.constructor("return process")() }}',
      told: /:1:4 TemplateUnknownName .*"".constructor/,
    },
    {
      name: 'runs code from a string, through a function',
      template: '{{ range.constructor("return process")() }}',
      told: /TemplateUnknownName .*range.constructor/,
    },
    {
      name: 'runs code from a string, with a list as key',
      template: '{{ range[["constructor"]]("return 1")() }}',
      told: /TemplateBadValue .*is looked up by what is a list/,
    },
    {
      name: 'runs code from a string, with a list as key of text',
      template: '{{ ""[["constructor"]] }}',
      told: /TemplateBadValue .*is looked up by what is a list/,
    },
    {
      name: 'runs code from a string, through the function that prints owners',
      template: '{{ from.constructor }}',
      told: /TemplateUnknownName/,
    },
    { name: 'writes code into a name', template: '{{ a";x`y`;" }}', told: /:1:4 TemplateSyntax .*is not a name/ },
    { name: 'writes code into a name, with backquotes', template: '{{ `x` }}', told: /:1:4 TemplateSyntax .*is not a name/ },
    { name: 'names its variable __proto__', template: '{% set __proto__ = 1 %}', told: /:1:8 TemplateSyntax .*is not a name/ },
    {
      name: 'includes a file of the machine',
      template: '{% include "../../etc/passwd" %}',
      told: /:1:12 TemplateSyntax .*no template ..\/..\/etc\/passwd/,
    },
    {
      name: 'includes a file of the machine, by its full path',
      template: '{% import "/etc/passwd" as x %}',
      told: /TemplateSyntax .*no template \/etc\/passwd/,
    },
    { name: 'includes what a variable says', template: '{% include device %}', told: /TemplateSyntax .*include takes a name in quotes/ },
    {
      name: 'loops for ever',
      template: '{% for i in range(99999) %}{% for j in range(99999) %}{% for k in range(99999) %}{% endfor %}{% endfor %}{% endfor %}',
      told: /TemplateTimedOut .*not done after 1500 ms/,
    },
    {
      name: 'doubles a text until memory ends',
      template: '{% set x = "0123456789abcdef" %}{% for i in range(60) %}{% set x = x ~ x %}{% endfor %}{{ x | upper }}',
      told: /TemplateCrashed|TemplateTimedOut|TemplateFailed .*Invalid string length/,
    },
    {
      name: 'collects lists until memory ends',
      template: '{% set x = [1] %}{% for i in range(99999) %}{% set x = [x, range(99999)] %}{% endfor %}',
      told: /TemplateCrashed .*out of memory|TemplateTimedOut/,
    },
    {
      name: 'prints without end',
      template: '{% for i in range(90000) %}{% for j in range(1000) %}0123456789{% endfor %}{% endfor %}',
      told: /OutputTooLarge|TemplateTimedOut|TemplateCrashed/,
    },
    {
      name: 'calls itself for ever',
      template: '{% macro m(i) %}{{ m(i + 1) }}{% endmacro %}{{ m(0) }}',
      told: /:1:\d+ TemplateFailed .*calls itself too deeply/,
    },
    {
      name: 'includes itself for ever',
      template: '{% include "frr/main.njk" %}',
      told: /:1:1 TemplateSyntax .*includes itself: frr\/main.njk, frr\/main.njk/,
    },
    { name: 'asks for the time or for chance', template: '{{ [1, 2] | random }}', told: /TemplateSyntax .*no filter random/ },
  ];
  const renderers: { close(): void }[] = [];
  afterAll(() => renderers.forEach((renderer) => renderer.close()));

  test.each(cases)('that $name fails safely', async ({ template, told }) => {
    const { compiled, problems } = compileTemplates([{ name: 'frr/main.njk', file: 'evil.njk', text: template }]);
    const renderer = createRenderer({ templates: compiled, limits: { children: 1, renderMs: 1500, outputLength: 100_000 } });
    renderers.push(renderer);
    const found = problems.length > 0 ? problems : (await renderer.render(testIntent(), token)).problems;
    expect(found.map((problem) => `${problem.at ? formatPosition(problem.at) : ''} ${problem.code} ${problem.message}`).join('\n')).toMatch(
      told,
    );
  });

  test('does not stop the devices after it', async () => {
    const { compiled } = compileTemplates([
      {
        name: 'frr/main.njk',
        file: 'main.njk',
        text: '{% if labels.site == "bad" %}{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}{% endif %}{{ device }}',
      },
    ]);
    const renderer = createRenderer({ templates: compiled, limits: { children: 1, renderMs: 1500 } });
    renderers.push(renderer);
    const bad = { ...testIntent(), device: 'r0', labels: { site: 'bad' } };
    const [first, second, third] = await Promise.all([
      renderer.render(bad, token),
      renderer.render(testIntent(), token),
      renderer.render(bad, token),
    ]);
    expect(first.problems[0]?.message).toContain('for r0: not done after 1500 ms');
    expect(second.rendered?.text).toBe('r1\n');
    expect(third.problems[0]?.code).toBe('TemplateTimedOut');
  });
});

/**
 * The same layers from inside: code as if a template had got past the compiler and the strict runtime. Each `code` runs in the place of a
 * compiled template and reports through the text it renders.
 */
describe('code that got into a render', () => {
  const pool = createSandboxPool({ ...defaultLimits, children: 1, renderMs: 1500 });
  afterAll(() => pool.close());
  let serial = 0;

  function run(code: string): Promise<JobEnd> {
    const source = `function root(env, context, frame, runtime, cb) { var text; try { text = String((function () { ${code} })()); } catch (e) { text = "stopped: " + e.message; } cb(null, text); } return { root: root };`;
    const input: RenderInput = { entry: 'x', root: {}, comment: '!', maxOutput: 100_000 };
    serial += 1;
    return pool.run({ templates: [{ key: `${serial}`, name: 'x', source }], input: JSON.stringify(input) });
  }

  test.each<{ name: string; code: string; gives: RegExp }>([
    {
      name: 'finds no process, module loader, timer or network',
      code: 'return [typeof process, typeof require, typeof setTimeout, typeof fetch, typeof module, typeof globalThis.process]',
      gives: /^(undefined,?)+$/,
    },
    {
      name: 'finds no clock and no chance',
      code: 'return [typeof Date, typeof Temporal, typeof Intl, typeof Math.random, typeof performance]',
      gives: /^(undefined,?)+$/,
    },
    {
      name: 'finds no memory outside the heap',
      code: 'return [typeof ArrayBuffer, typeof SharedArrayBuffer, typeof Uint8Array, typeof WebAssembly]',
      gives: /^(undefined,?)+$/,
    },
    {
      name: 'makes no code from strings',
      code: 'return (function () {}).constructor("return this")()',
      gives: /stopped: Code generation from strings disallowed/,
    },
    {
      name: 'makes no code from strings, through an async function',
      code: 'return (async function () {}).constructor("return this")()',
      gives: /stopped: Code generation from strings disallowed/,
    },
    { name: 'makes no code from strings, through eval', code: 'return (0, eval)("1")', gives: /stopped/ },
    {
      name: 'imports no module',
      code: 'import("node:fs").then(function (fs) { globalThis.got = fs; }, function (e) { globalThis.got = e; }); return typeof globalThis.got',
      gives: /^undefined$/,
    },
    {
      name: 'sees no object of the process through an error',
      code: 'try { null.x } catch (e) { return e.constructor.constructor("return process")() }',
      gives: /stopped: Code generation/,
    },
    {
      name: 'sees no object of the process through the stack',
      code: 'Error.prepareStackTrace = function (e, s) { return s; }; return new Error().stack.flatMap(function (f) { return [f.getThis(), f.getFunction()]; }).filter(function (o) { return o && (o.process || Object.getOwnPropertyNames(o).includes("process")); }).length',
      gives: /^0$/,
    },
  ])('$name', async ({ code, gives }) => {
    const end = await run(code);
    expect(end.ended === 'text' ? end.text : JSON.stringify(end)).toMatch(gives);
  });

  test.each<{ name: string; code: string; ends: RegExp }>([
    { name: 'loops for ever', code: 'for (;;);', ends: /"timeout"/ },
    {
      name: 'loops for ever after it answered',
      code: 'Promise.resolve().then(function () { for (;;); }); return 1',
      ends: /"timeout"|"text"/,
    },
    {
      name: 'allocates 2 GB',
      code: 'var all = []; for (var i = 0; i < 2048; i++) all.push(new Array(131072).fill(i)); return all.length',
      ends: /out of memory|timeout/,
    },
    { name: 'prints 1 GB', code: 'return "0123456789abcdef".repeat(31 * 1024 * 1024)', ends: /TooLarge|out of memory|timeout/ },
    {
      name: 'throws an object with traps',
      code: 'throw new Proxy({}, { get: function () { for (;;); }, getPrototypeOf: function () { for (;;); } })',
      ends: /timeout|crash|fault|stopped/,
    },
    { name: 'throws nothing', code: 'throw undefined', ends: /stopped|fault|crash/ },
    { name: 'answers in the name of the renderer', code: 'globalThis.render = function () { return "{}"; }; return 1', ends: /"text"/ },
    {
      name: 'replaces what makes the answer',
      code: 'JSON.stringify = function () { return { toString: function () { return "x"; } }; }; return 1',
      ends: /crash/,
    },
    { name: 'recurses for ever', code: 'function f() { return f() + 1; } return f()', ends: /stopped: Maximum call stack/ },
  ])('is stopped when it $name, and the next render works', async ({ code, ends }) => {
    expect(JSON.stringify(await run(code))).toMatch(ends);
    expect(await run('return "fine"')).toMatchObject({ ended: 'text', text: 'fine' });
  });

  test('is stopped by the limit of the heap, not by time alone', async () => {
    const patient = createSandboxPool({ ...defaultLimits, children: 1, renderMs: 25_000 });
    const source = 'return { root: function () { var all = []; for (;;) all.push(new Array(131072).fill(1)); } };';
    const input: RenderInput = { entry: 'x', root: {}, comment: '!', maxOutput: 100 };
    const end = await patient.run({ templates: [{ key: 'x', name: 'x', source }], input: JSON.stringify(input) });
    patient.close();
    expect(end).toEqual({ ended: 'crash', says: 'out of memory' });
  });

  test('leaves nothing behind for the next device', async () => {
    await run(
      'Object.prototype.stolen = 1; Object.prototype.__defineGetter__("asn", function () { return 666; }); Array.prototype.map = null; globalThis.kept = 1; return 1',
    );
    expect(await run('return [({}).stolen, ({}).asn, typeof [].map, typeof kept]')).toMatchObject({ text: ',,function,undefined' });
  });
});

/** The outermost layer alone: what a process could do that code had taken over. The child file is replaced by the attack. */
describe('the child process', () => {
  test('has no environment, files, network, children, workers or addons', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    const { fork } = await import('node:child_process');
    const { sandboxArguments } = await import('./sandbox-process.ts');
    const attack = new URL('../../test/render/attack.ts', import.meta.url).pathname;
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const child = fork(attack, [String(port)], {
      env: {},
      execArgv: sandboxArguments(defaultLimits.heapMiB, [attack]),
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const got = await new Promise((resolve) => child.once('message', resolve));
    child.kill();
    server.close();
    expect(got).toEqual({
      environment: [],
      'read a file': 'ERR_ACCESS_DENIED',
      'write a file': 'ERR_ACCESS_DENIED',
      'list a folder': 'ERR_ACCESS_DENIED',
      'start a process': 'ERR_ACCESS_DENIED',
      'start a worker': 'ERR_ACCESS_DENIED',
      'load an addon': 'ERR_DLOPEN_DISABLED',
      'run code from a string': 'EvalError',
      'open a socket': 'ERR_ACCESS_DENIED',
      'look up a name': 'ERR_ACCESS_DENIED',
    });
  });
});
