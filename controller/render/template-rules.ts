import { nearest } from '../lib/index.ts';
import { filterName } from './strict-compiler.ts';
import type { TemplateNode } from './nunjucks-internals.ts';

/** Filters of nunjucks that are pure and about text or lists. HTML, `safe` and `random` are left out. */
export const allowedFilters = [
  'abs', 'batch', 'capitalize', 'center', 'default', 'dictsort', 'dump', 'first', 'float', 'groupby', 'indent', 'int', 'join', 'last',
  'length', 'list', 'lower', 'reject', 'rejectattr', 'replace', 'reverse', 'round', 'select', 'selectattr', 'slice', 'sort', 'string', 
  'title', 'trim', 'truncate', 'upper', 'wordcount',
] as const; // biome-ignore format: a list of words

/** Tests (`x is odd`). `defined` and `undefined` are left out: an unknown name is an error before any test sees it. */
const allowedTests = [
  'divisibleby',
  'eq',
  'equalto',
  'even',
  'falsy',
  'ge',
  'greaterthan',
  'gt',
  'iterable',
  'le',
  'lessthan',
  'lower',
  'lt',
  'mapping',
  'ne',
  'null',
  'number',
  'odd',
  'sameas',
  'string',
  'truthy',
  'upper',
];

const refusedNodes: Readonly<Record<string, string>> = {
  AsyncEach: 'asyncEach is not available; write for',
  AsyncAll: 'asyncAll is not available; write for',
  IfAsync: 'ifAsync is not available; write if',
  CallExtension: 'extensions are not available',
  CallExtensionAsync: 'extensions are not available',
};

/** One thing that a template may not do, at a line and column that count from 1. */
export interface RuleProblem {
  line: number;
  col: number;
  says: string;
  instead?: string;
}

/**
 * Checks a syntax tree before code is generated from it, and lists the templates that it includes.
 * Names are checked because nunjucks takes any run of letters for one and prints it into code: `a"…` would end a string there.
 */
export function checkTemplate(root: TemplateNode, known: ReadonlySet<string>): { problems: RuleProblem[]; uses: string[] } {
  const problems: RuleProblem[] = [];
  const uses = new Set<string>();
  const report = (node: TemplateNode, says: string, instead?: string): void => {
    problems.push({ line: node.lineno + 1, col: node.colno + 1, says, ...(instead === undefined ? {} : { instead }) });
  };

  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (Array.isArray(node)) for (const child of node.toReversed()) pending.push(child);
    if (!isNode(node)) continue;
    checkNode(node);
    for (const field of node.fields.toReversed()) pending.push(node[field]);
  }
  problems.sort((a, b) => a.line - b.line || a.col - b.col);
  return { problems, uses: [...uses].sort() };

  function checkNode(node: TemplateNode): void {
    const refused = refusedNodes[node.typename];
    if (refused !== undefined) report(node, refused);
    if (node.typename === 'Symbol') checkName(node);
    if (node.typename === 'Literal' && node['value'] instanceof RegExp)
      report(node, 'regular expressions are not available', 'Use text with replace.');
    if (node.typename === 'Filter') checkWord(node, filterName(node), allowedFilters, 'filter');
    if (node.typename === 'Is') checkWord(node, testName(node['right'] as TemplateNode), allowedTests, 'test');
    if (isReference(node)) checkReference(node, node['template'] as TemplateNode);
  }

  function checkName(node: TemplateNode): void {
    const name = String(node['value']);
    // The parser itself names the results of `super()` and of filters hole_N.
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith('__')) {
      report(node, `${JSON.stringify(name)} is not a name`, 'A name is letters, digits and _, and does not begin with a digit or __.');
    }
  }

  function checkWord(node: TemplateNode, word: string, allowed: readonly string[], what: string): void {
    if (allowed.includes(word)) return;
    const close = nearest(word, allowed);
    report(node, `no ${what} ${word}`, close === undefined ? `Available: ${allowed.join(', ')}.` : `Write ${close}.`);
  }

  function checkReference(node: TemplateNode, template: TemplateNode): void {
    const name = template['value'];
    if (template.typename !== 'Literal' || typeof name !== 'string') {
      return report(
        node,
        `${node.typename.toLowerCase()} takes a name in quotes`,
        'Write the name of the template in quotes, without variables.',
      );
    }
    if (known.has(name)) return void uses.add(name);
    const close = nearest(name, known);
    report(
      template,
      `no template ${name}`,
      close === undefined ? 'A template is named by its path below templates/, without . and ...' : `Write "${close}".`,
    );
  }
}

function isNode(value: unknown): value is TemplateNode {
  return typeof value === 'object' && value !== null && 'typename' in value && 'fields' in value;
}

function isReference(node: TemplateNode): boolean {
  return ['Include', 'Import', 'FromImport', 'Extends'].includes(node.typename);
}

function testName(right: TemplateNode): string {
  const named = right['name'] as TemplateNode | undefined | null;
  return String((named ?? right)['value']);
}
