/** What the child hands to one render, as JSON text. */
export interface RenderInput {
  entry: string;
  root: unknown;
  /** Comment word of the platform's markers, for example `!`. */
  comment: string;
  maxOutput: number;
}

/** What comes back, as JSON text. */
export type RenderOutput = { ok: true; text: string } | { ok: false; fault: Fault };

/** Why a render stopped. Written by code that is not trusted: the parent checks every field. */
export interface Fault {
  kind: 'UnknownName' | 'BadValue' | 'Failed' | 'TooLarge';
  template: string;
  line: number;
  col: number;
  expression: string;
  says: string;
  path: string;
  /** Names that would have been known. */
  known: string[];
}

interface NunjucksRuntime {
  SafeString: new (text: string) => { toString(): string; length: number };
  [name: string]: unknown;
}

interface NunjucksEnvironment {
  globals: Record<string, unknown>;
  filters: Record<string, (this: unknown, ...args: unknown[]) => unknown>;
  render(name: string, context: unknown): string;
}

interface Nunjucks {
  Environment: new (loader: unknown, options: { autoescape: boolean }) => NunjucksEnvironment;
  PrecompiledLoader: new (templates: unknown) => unknown;
  runtime: NunjucksRuntime;
}

/** An object of the intent, and how to come to it. */
interface Known {
  raw: object;
  parent: Known | undefined;
  key: string;
}

/** Where the template is, and what it looked up last. */
interface Place {
  template: string;
  line: number;
  col: number;
  expression: string;
  parent: Known | undefined;
  key: string;
}

/**
 * The strict runtime. Its **text** is run inside the fresh context of one render, so it may use nothing from outside its own body: no import,
 * no module constant. It replaces what nunjucks looks values up with, and gives the function that renders.
 */
export function installStrictRuntime(
  nunjucks: Nunjucks,
  templates: Record<string, unknown>,
  allowedFilters: readonly string[],
): (input: string) => string {
  const { runtime } = nunjucks;
  const { SafeString } = runtime;
  const knownOf = new WeakMap<object, Known>();
  const strictOf = new WeakMap<object, object>();
  /** Line ends and terminal codes, and the marks that make text read otherwise than it is. */
  const controlCharacter = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
  const here: Place = { template: '', line: 1, col: 1, expression: '', parent: undefined, key: '' };
  let firstFault: Fault | undefined;

  /** Remembers where the template is. What was last looked up stays while the same expression goes on. */
  function at(expression: string, template: string, line: number, col: number): void {
    if (here.expression === expression && here.line === line && here.col === col && here.template === template) return;
    here.template = template;
    here.line = line;
    here.col = col;
    here.expression = expression;
    here.parent = undefined;
    here.key = '';
  }

  /** Remembers the first fault: nunjucks wraps what is thrown and loses all but the message. */
  function stop(kind: Fault['kind'], says: string, more: { path?: string; known?: string[]; expression?: string } = {}): never {
    const { template, line, col, expression, parent, key } = here;
    const place = { template, line, col, expression: more.expression ?? expression };
    firstFault ??= { kind, ...place, says, path: more.path ?? pathTo(parent, key), known: more.known ?? [] };
    throw new Error(says);
  }

  function unknownName(path: string, known: string[], expression?: string): never {
    return stop('UnknownName', 'is not known', { path, known: known.slice(0, 200), ...(expression === undefined ? {} : { expression }) });
  }

  /** The intent as templates see it: read-only, and a name that is not there is a fault, whoever asks for it. */
  function strict(value: unknown, parent: Known | undefined, key: string): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const made = strictOf.get(value);
    if (made !== undefined) return made;
    const known: Known = { raw: value, parent, key };
    const refuse = (): never => stop('BadValue', 'cannot be changed', { path: pathTo(parent, key) });
    const proxy = new Proxy(value, {
      get(target, name) {
        if (typeof name === 'symbol' || name === 'toJSON') return Reflect.get(target, name);
        if (Object.hasOwn(target, name)) return strict(Reflect.get(target, name), known, name);
        if (Array.isArray(target) && !/^\d+$/.test(name) && name in target) return Reflect.get(target, name);
        return unknownName(pathTo(known, name), namesIn(target));
      },
      set: refuse,
      defineProperty: refuse,
      deleteProperty: refuse,
      setPrototypeOf: refuse,
    });
    strictOf.set(value, proxy);
    knownOf.set(proxy, known);
    return proxy;
  }

  /** `bgp.neighbors[3].address`. Put together only for a message: most lookups need none. */
  function pathTo(parent: Known | undefined, key: string): string {
    if (parent === undefined) return key;
    const before = pathTo(parent.parent, parent.key);
    if (/^\d+$/.test(key)) return `${before}[${key}]`;
    return before === '' ? key : `${before}.${key}`;
  }

  function namesIn(value: object): string[] {
    return Array.isArray(value) ? [] : Object.keys(value);
  }

  function knownPathOf(value: unknown): { path?: string } {
    const known = typeof value === 'object' && value !== null ? knownOf.get(value) : undefined;
    return known === undefined ? {} : { path: pathTo(known.parent, known.key) };
  }

  function isSafe(value: unknown): value is { toString(): string; length: number } {
    return value instanceof SafeString;
  }

  function whatIs(value: unknown): string {
    if (value === null) return 'is null';
    if (value === undefined) return 'has no value';
    if (Array.isArray(value)) return 'is a list';
    if (typeof value === 'function') return 'is a function';
    if (typeof value === 'number') return `is ${value}`;
    return typeof value === 'object' ? 'is an object' : `is a ${typeof value}`;
  }

  /** Text of one value. Text that the template itself composed (SafeString) may hold line ends, a value may not. */
  function textOf(value: unknown, doing: string): string {
    if (typeof value === 'object' && isSafe(value)) return value.toString();
    const isText = typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
    if (!isText) return stop('BadValue', `${whatIs(value)} and cannot be ${doing}`, knownPathOf(value));
    const text = String(value);
    const bad = controlCharacter.exec(text)?.[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return bad === undefined ? text : stop('BadValue', `holds the control character U+${bad} and cannot be ${doing}`);
  }

  function isTrue(value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return Boolean(value);
    return Array.isArray(value) || isSafe(value) ? value.length > 0 : Object.keys(value).length > 0;
  }

  function result(value: unknown): unknown {
    return value === undefined ? stop('BadValue', 'gives no value') : value;
  }

  Object.assign(runtime, {
    variableAt(value: unknown, name: string, template: string, line: number, col: number): unknown {
      at(name, template, line, col);
      return value === undefined ? unknownName(name, []) : value;
    },
    nameAt(
      context: { ctx: object; env: NunjucksEnvironment },
      frame: { lookup(name: string): unknown },
      name: string,
      template: string,
      line: number,
      col: number,
    ): unknown {
      at(name, template, line, col);
      const local = frame.lookup(name);
      if (local !== undefined) return local;
      here.key = name;
      if (Object.hasOwn(context.ctx, name)) return result(Reflect.get(context.ctx, name));
      if (Object.hasOwn(context.env.globals, name)) return context.env.globals[name];
      return unknownName(name, [...Object.keys(context.ctx), ...Object.keys(context.env.globals)]);
    },
    memberAt(target: unknown, key: unknown, expression: string, template: string, line: number, col: number): unknown {
      at(expression, template, line, col);
      if (typeof key !== 'string' && typeof key !== 'number') return stop('BadValue', `is looked up by what ${whatIs(key)}`);
      if ((typeof target === 'string' || isSafe(target)) && key === 'length') return target.length;
      if (typeof target !== 'object' || target === null || isSafe(target)) {
        return unknownName(String(key), [], `${expression} (what stands before .${key} ${whatIs(target)})`);
      }
      const known = knownOf.get(target);
      const object = known?.raw ?? target;
      here.parent = known;
      here.key = known === undefined ? '' : String(key);
      if (!Object.hasOwn(object, key)) return unknownName(known === undefined ? expression : pathTo(known, String(key)), namesIn(object));
      const value: unknown = Reflect.get(object, key);
      if (known !== undefined) return strict(result(value), known, String(key));
      if (typeof value === 'function') return (...args: unknown[]): unknown => Reflect.apply(value, target, args);
      return result(value);
    },
    callAt(callee: unknown, context: unknown, args: unknown[], expression: string, template: string, line: number, col: number): unknown {
      at(expression, template, line, col);
      if (typeof callee !== 'function') return stop('BadValue', `${whatIs(callee)} and cannot be called`);
      const value: unknown = Reflect.apply(callee, context, args);
      at(expression, template, line, col);
      return result(value);
    },
    filterAt(
      env: NunjucksEnvironment,
      context: unknown,
      name: string,
      args: unknown[],
      expression: string,
      template: string,
      line: number,
      col: number,
    ): unknown {
      at(expression, template, line, col);
      const filter = Object.hasOwn(env.filters, name) ? env.filters[name] : undefined;
      return filter === undefined ? stop('Failed', `no filter ${name}`) : result(Reflect.apply(filter, context, args));
    },
    printAt(value: unknown, expression: string, template: string, line: number, col: number): string {
      at(expression, template, line, col);
      return textOf(value, 'printed');
    },
    eachOf(value: unknown, expression: string, template: string, line: number, col: number): unknown {
      at(expression, template, line, col);
      if (typeof value !== 'object' || value === null || isSafe(value))
        return stop('BadValue', `${whatIs(value)} and cannot be looped over`);
      const known = knownOf.get(value);
      return known !== undefined && Array.isArray(known.raw) ? known.raw.map((item, i) => strict(item, known, String(i))) : value;
    },
    truthOf: isTrue,
    bothOf: (left: unknown, right: () => unknown): unknown => (isTrue(left) ? right() : left),
    eitherOf: (left: unknown, right: () => unknown): unknown => (isTrue(left) ? left : right()),
    operatorAt(sign: string, left: unknown, right: unknown, expression: string, template: string, line: number, col: number): unknown {
      at(expression, template, line, col);
      if (typeof left === 'number' && typeof right === 'number' && sign !== '~') {
        if (sign === '+') return left + right;
        if (sign === '-') return left - right;
        if (sign === '*') return left * right;
        return sign === '/' ? left / right : left % right;
      }
      if (sign !== '~' && sign !== '+')
        return stop('BadValue', `takes numbers for ${sign}; one side ${whatIs(typeof left === 'number' ? right : left)}`);
      const text = textOf(left, 'joined') + textOf(right, 'joined');
      return isSafe(left) || isSafe(right) ? new SafeString(text) : text;
    },
  });

  /** The line that says whose the following lines are; `config` turns it into owners and drops it. */
  function from(object: unknown): unknown {
    // Asked for every object of a device: what is known to be one of the intent is not looked at through its proxy.
    const { kind, name, source } = rawOf(object) as { kind: unknown; name: unknown; source: { file: unknown; line: unknown } };
    const file = textOf(source.file, 'printed').replaceAll(/\s/g, '%20');
    return new SafeString(
      `${input.comment} plumbline:from ${textOf(kind, 'printed')}/${textOf(name, 'printed')} ${file}:${textOf(source.line, 'printed')}`,
    );
  }

  function rawOf(object: unknown): unknown {
    return (typeof object === 'object' && object !== null ? knownOf.get(object)?.raw : undefined) ?? object;
  }

  /** A map of the intent as one line of JSON. */
  function json(value: unknown): unknown {
    const raw = rawOf(value);
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw) || isSafe(raw))
      return stop('BadValue', `${whatIs(value)}, not a map`);
    const members = Object.entries(raw).map(([key, member]) => `${JSON.stringify(key)}: ${JSON.stringify(member)}`);
    return `{ ${members.join(', ')} }`;
  }

  /** A secret by reference, for templates of a repository. What it prints is no value and no token: the parent knows what to do with it. */
  function secret(name: unknown, key: unknown): unknown {
    const text = `<secret:${textOf(name, 'printed')}/${textOf(key, 'printed')}>`;
    return /^<secret:[-a-z0-9.]+\/[-._A-Za-z0-9]+>$/.test(text) ? text : stop('BadValue', 'takes the name and the key of a secret');
  }

  function range(...bounds: unknown[]): number[] {
    const [start, stopAt, step] = bounds.length === 1 ? [0, bounds[0], 1] : [bounds[0], bounds[1], bounds[2] ?? 1];
    if (typeof start !== 'number' || typeof stopAt !== 'number' || typeof step !== 'number' || step === 0)
      return stop('BadValue', 'takes numbers');
    const length = Math.max(0, Math.ceil((stopAt - start) / step));
    if (!(length <= 100_000)) return stop('BadValue', 'gives more than 100000 numbers');
    return Array.from({ length }, (_, i) => start + i * step);
  }

  /** A field of each item, for filters that take its name. A name that is not there is a fault, as everywhere. */
  function fieldOf(item: unknown, name: unknown): unknown {
    if (typeof name !== 'string' || typeof item !== 'object' || item === null)
      return stop('BadValue', 'takes a list of objects and the name of a field');
    return Object.hasOwn(item, name) ? Reflect.get(item, name) : unknownName(pathTo(knownOf.get(item), name), Object.keys(item));
  }

  function listOf(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : stop('BadValue', `${whatIs(value)}, not a list`);
  }

  const ownFilters: NunjucksEnvironment['filters'] = {
    default: (value, fallback) => (value === null ? fallback : value),
    groupby(list, name) {
      const groups: Record<string, unknown[]> = Object.create(null) as Record<string, unknown[]>;
      for (const item of listOf(list)) (groups[textOf(fieldOf(item, name), 'grouped by')] ??= []).push(item);
      return groups;
    },
    join(list, separator = '', name = null) {
      const parts = listOf(list).map((item) => textOf(name === null ? item : fieldOf(item, name), 'joined'));
      return new SafeString(parts.join(textOf(separator === '\n' ? new SafeString('\n') : separator, 'joined')));
    },
    length(value) {
      if (Array.isArray(value) || typeof value === 'string' || isSafe(value)) return value.length;
      return typeof value === 'object' && value !== null
        ? Object.keys(value).length
        : stop('BadValue', `${whatIs(value)} and has no length`);
    },
    /** As in Jinja: sort(reverse, case_sensitive, attribute), by position or by name. */
    sort(list, ...args) {
      const last = args.at(-1);
      const named = typeof last === 'object' && last !== null ? (last as Record<string, unknown>) : {};
      const option = (index: number, name: string): unknown => named[name] ?? (typeof args[index] === 'object' ? undefined : args[index]);
      const [reverse, exact, attribute] = [option(0, 'reverse'), option(1, 'case_sensitive'), option(2, 'attribute')];
      const keyed = listOf(list).map((item) => {
        const key = attribute === undefined ? item : fieldOf(item, attribute);
        return { item, key: typeof key === 'number' ? key : exact === true ? textOf(key, 'sorted') : textOf(key, 'sorted').toLowerCase() };
      });
      keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (reverse === true ? -1 : 1));
      return keyed.map(({ item }) => item);
    },
    rejectattr: (list, name) => listOf(list).filter((item) => !isTrue(fieldOf(item, name))),
    selectattr: (list, name) => listOf(list).filter((item) => isTrue(fieldOf(item, name))),
  };

  const env = new nunjucks.Environment(new nunjucks.PrecompiledLoader(templates), { autoescape: false });
  const filters = Object.fromEntries(allowedFilters.map((name) => [name, ownFilters[name] ?? env.filters[name]]));
  env.filters = filters as NunjucksEnvironment['filters'];
  env.globals = { from, json, range, secret };
  let input: RenderInput;

  return (json) => {
    try {
      input = JSON.parse(json) as RenderInput;
      here.template = input.entry;
      const text = env.render(input.entry, strict(input.root, undefined, ''));
      if (firstFault !== undefined) return JSON.stringify({ ok: false, fault: firstFault });
      if (text.length > input.maxOutput) stop('TooLarge', 'is too long');
      return JSON.stringify({ ok: true, text });
    } catch (error) {
      const says =
        error instanceof RangeError ? 'calls itself too deeply, or builds a text that is too long' : (error as Error).message.slice(0, 500);
      const { template, line, col, expression } = here;
      const fault = firstFault ?? { kind: 'Failed', template, line, col, expression, says, path: '', known: [] };
      return JSON.stringify({ ok: false, fault });
    }
  };
}
