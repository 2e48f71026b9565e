/**
 * The child process that runs templates: no environment, network, file system, children or code from strings (the parent starts it so).
 * Each render has a fresh context; only strings go in and come out, because any object of ours would be a way out through its prototype.
 */
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import type { KeepTemplate, RunRender, ToChild } from './protocol.ts';
import { installStrictRuntime } from './strict-runtime.ts';

const [slimRuntimePath = '', allowedFilters = ''] = process.argv.slice(2);

/** What templates can be written without, and what differs between two runs or holds memory outside the heap limit. */
const keptGlobals = [
  'Object',
  'Function',
  'Array',
  'Number',
  'parseFloat',
  'parseInt',
  'Infinity',
  'NaN',
  'undefined',
  'Boolean',
  'String',
  'Symbol',
  'RegExp',
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'JSON',
  'Math',
  'Map',
  'Set',
  'WeakMap',
  'Proxy',
  'Reflect',
  'isFinite',
  'isNaN',
  'globalThis',
];

const nunjucks = new vm.Script(readFileSync(slimRuntimePath, 'utf8'), { filename: 'nunjucks' });
const prepare = new vm.Script(
  `for (const name of Object.getOwnPropertyNames(globalThis)) if (!${JSON.stringify([...keptGlobals, 'nunjucks'])}.includes(name)) delete globalThis[name];
   delete Math.random; globalThis.templates = Object.create(null);`,
  { filename: 'prepare' },
);
const install = new vm.Script(
  `globalThis.render = (${installStrictRuntime.toString()})(nunjucks, templates, ${JSON.stringify(allowedFilters.split(','))}); delete globalThis.nunjucks; delete globalThis.templates;`,
  {
    filename: 'runtime',
  },
);
const templates = new Map<string, vm.Script>();

process.on('message', (message: ToChild) => {
  if (message.type === 'template') return keep(message);
  process.send?.(run(message));
});

function keep({ key, name, source }: KeepTemplate): void {
  try {
    templates.set(key, new vm.Script(`templates[${JSON.stringify(name)}] = (function () {\n${source}\n})();`, { filename: 'template' }));
  } catch {
    templates.delete(key); // The render that needs it finds no template and says so.
  }
}

function run({
  id,
  templates: wanted,
  input,
  limitMs,
}: RunRender): { id: number; ended: 'output'; output: string; tookMs: number } | { id: number; ended: 'timeout' } {
  const started = performance.now();
  const tookMs = (): number => Math.ceil(performance.now() - started);
  try {
    const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
      codeGeneration: { strings: false, wasm: false },
      microtaskMode: 'afterEvaluate',
    });
    // Ours, and quick: of a template this only defines its functions. A time limit is a thread of its own, which takes longer than a step.
    for (const step of [nunjucks, prepare, ...wanted.map((key) => templates.get(key)), install]) step?.runInContext(context);
    const render = new vm.Script(`render(${JSON.stringify(input)})`, { filename: 'render' });
    const timeout = Math.max(1, Math.ceil(limitMs - (performance.now() - started)));
    const output: unknown = render.runInContext(context, { timeout });
    return { id, ended: 'output', output: typeof output === 'string' ? output : '', tookMs: tookMs() };
  } catch {
    // What was thrown may be an object of the context with traps and getters: it is not looked at, only the clock is.
    if (performance.now() - started >= limitMs) return { id, ended: 'timeout' };
    return { id, ended: 'output', output: '', tookMs: tookMs() };
  }
}
