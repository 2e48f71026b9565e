import { type CompileFrame, NunjucksCompiler, type TemplateNode } from './nunjucks-internals.ts';

/** What wraps an expression where nunjucks compiles the inner one itself. */
type Wrapper = 'truthOf' | 'eachOf';

/**
 * nunjucks' code generator with every place where a value could be silently undefined routed through the strict runtime
 * (`sandbox/strict-runtime.ts`), with template, line, column and the expression as written. nunjucks' own throwOnUndefined looks at
 * printed values only: `if`, `for`, filters, comparison and concatenation take undefined for false or for text.
 */
export class StrictCompiler extends NunjucksCompiler {
  readonly #wrappers = new WeakMap<TemplateNode, Wrapper>();

  constructor(name: string) {
    super(name, false);
  }

  compileSymbol(node: TemplateNode, frame: CompileFrame): void {
    const name = String(node['value']);
    const variable = frame.lookup(name);
    if (variable) this._emit(`runtime.variableAt(${variable}, ${JSON.stringify(name)}, ${this.#place(node)})`);
    else this._emit(`runtime.nameAt(context, frame, ${JSON.stringify(name)}, ${this.#place(node)})`);
  }

  compileLookupVal(node: TemplateNode, frame: CompileFrame): void {
    this._emit('runtime.memberAt(');
    this._compileExpression(node['target'] as TemplateNode, frame);
    this._emit(', ');
    this._compileExpression(node['val'] as TemplateNode, frame);
    this._emit(`, ${JSON.stringify(describe(node))}, ${this.#place(node)})`);
  }

  compileFunCall(node: TemplateNode, frame: CompileFrame): void {
    this._emit('runtime.callAt(');
    this._compileExpression(node['name'] as TemplateNode, frame);
    this._emit(', context, ');
    this._compileAggregate(node['args'] as TemplateNode, frame, '[', ']');
    this._emit(`, ${JSON.stringify(describe(node))}, ${this.#place(node)})`);
  }

  compileFilter(node: TemplateNode, frame: CompileFrame): void {
    this._emit('runtime.filterAt(env, context, ');
    this._emit(JSON.stringify(filterName(node)));
    this._emit(', ');
    this._compileAggregate(node['args'] as TemplateNode, frame, '[', ']');
    this._emit(`, ${JSON.stringify(describe(node))}, ${this.#place(node)})`);
  }

  compileOutput(node: TemplateNode, frame: CompileFrame): void {
    for (const child of node['children'] as TemplateNode[]) {
      this._emit(`${this.buffer} += `);
      if (child.typename === 'TemplateData') {
        this.compileLiteral(child, frame);
        this._emitLine(';');
        continue;
      }
      this._emit('runtime.printAt(');
      this.compile(child, frame);
      this._emitLine(`, ${JSON.stringify(describe(child))}, ${this.#place(child)});`);
    }
  }

  /** `{% set x %}…{% endset %}`: text of the template, not a value, so it may hold more than one line. */
  compileCapture(node: TemplateNode, frame: CompileFrame): void {
    const buffer = this.buffer;
    this.buffer = 'output';
    this._emitLine('(function() {');
    this._emitLine('var output = "";');
    this._withScopedSyntax(() => this.compile(node['body'] as TemplateNode, frame));
    this._emitLine('return new runtime.SafeString(output);');
    this._emitLine('})()');
    this.buffer = buffer;
  }

  override compileFor(node: TemplateNode, frame: CompileFrame): void {
    this.#wrappers.set(node['arr'] as TemplateNode, 'eachOf');
    super.compileFor(node, frame);
  }

  /** One object for what nunjucks sets in seven steps for each turn of a loop. */
  _emitLoopBindings(_node: TemplateNode, _list: string, i: string, length: string): void {
    this._emitLine(
      `frame.set("loop", { index: ${i} + 1, index0: ${i}, revindex: ${length} - ${i}, revindex0: ${length} - ${i} - 1, first: ${i} === 0, last: ${i} === ${length} - 1, length: ${length} });`,
    );
  }

  override compileIf(node: TemplateNode, frame: CompileFrame, async?: boolean): void {
    this.#wrappers.set(node['cond'] as TemplateNode, 'truthOf');
    super.compileIf(node, frame, async);
  }

  override compileInlineIf(node: TemplateNode, frame: CompileFrame): void {
    this._emit('(runtime.truthOf(');
    this.compile(node['cond'] as TemplateNode, frame);
    this._emit(`, "", ${this.#place(node)}) ? `);
    this.compile(node['body'] as TemplateNode, frame);
    this._emit(' : ');
    if (node['else_']) this.compile(node['else_'] as TemplateNode, frame);
    else this._emit('""');
    this._emit(')');
  }

  compileNot(node: TemplateNode, frame: CompileFrame): void {
    this._emit('!runtime.truthOf(');
    this.compile(node['target'] as TemplateNode, frame);
    this._emit(`, "", ${this.#place(node)})`);
  }

  compileAnd(node: TemplateNode, frame: CompileFrame): void {
    this.#compileOperator('bothOf', node, frame);
  }

  compileOr(node: TemplateNode, frame: CompileFrame): void {
    this.#compileOperator('eitherOf', node, frame);
  }

  override _compileExpression(node: TemplateNode, frame: CompileFrame): void {
    const wrapper = this.#wrappers.get(node);
    if (wrapper === undefined) return super._compileExpression(node, frame);
    this.#wrappers.delete(node);
    this._emit(`runtime.${wrapper}(`);
    super._compileExpression(node, frame);
    this._emit(`, ${JSON.stringify(describe(node))}, ${this.#place(node)})`);
  }

  /** `+ - * / % ~`: operands must be what the operator is for; JavaScript would make "null" or NaN of the rest. */
  override _binOpEmitter(node: TemplateNode, frame: CompileFrame, operator: string): void {
    const sign = operator.trim() === '+ "" +' ? '~' : operator.trim();
    this._emit(`runtime.operatorAt(${JSON.stringify(sign)}, `);
    this.compile(node['left'] as TemplateNode, frame);
    this._emit(', ');
    this.compile(node['right'] as TemplateNode, frame);
    this._emit(`, ${JSON.stringify(describe(node))}, ${this.#place(node)})`);
  }

  /** `and`, `or` give one of their operands, as in Jinja; the right one is only computed when it is needed. */
  #compileOperator(operator: 'bothOf' | 'eitherOf', node: TemplateNode, frame: CompileFrame): void {
    this._emit(`runtime.${operator}(`);
    this.compile(node['left'] as TemplateNode, frame);
    this._emit(', () => ');
    this.compile(node['right'] as TemplateNode, frame);
    this._emit(')');
  }

  #place(node: TemplateNode): string {
    const { lineno, colno } = startOf(node);
    return `${JSON.stringify(this.templateName)}, ${lineno + 1}, ${colno + 1}`;
  }
}

/** Where an expression begins: nunjucks gives a lookup the position of its dot. */
function startOf(node: TemplateNode): { lineno: number; colno: number } {
  if (node.typename === 'LookupVal') return startOf(node['target'] as TemplateNode);
  if (node.typename === 'FunCall') return startOf(node['name'] as TemplateNode);
  if (node.typename === 'Filter') {
    const first = ((node['args'] as TemplateNode)['children'] as TemplateNode[])[0];
    return first && first.typename !== 'Capture' ? startOf(first) : node;
  }
  if (node['left'] !== undefined && node['left'] !== null) return startOf(node['left'] as TemplateNode);
  return node;
}

export function filterName(node: TemplateNode): string {
  return String((node['name'] as TemplateNode)['value']);
}

/** An expression as a person wrote it, near enough to find it on its line. */
function describe(node: TemplateNode): string {
  switch (node.typename) {
    case 'Symbol':
      return String(node['value']);
    case 'Literal':
      return JSON.stringify(node['value']);
    case 'LookupVal': {
      const key = node['val'] as TemplateNode;
      const target = describe(node['target'] as TemplateNode);
      const isName = key.typename === 'Literal' && /^[A-Za-z_]\w*$/.test(String(key['value']));
      return isName ? `${target}.${String(key['value'])}` : `${target}[${describe(key)}]`;
    }
    case 'FunCall':
      return `${describe(node['name'] as TemplateNode)}(…)`;
    case 'Filter': {
      const first = ((node['args'] as TemplateNode)['children'] as TemplateNode[])[0];
      return `${first === undefined ? '…' : describe(first)} | ${filterName(node)}`;
    }
    default:
      return '(…)';
  }
}
