import { createRequire } from 'node:module';

/** A node of nunjucks' syntax tree. Lines and columns count from 0. */
export interface TemplateNode {
  readonly typename: string;
  readonly lineno: number;
  readonly colno: number;
  readonly fields: readonly string[];
  readonly [field: string]: unknown;
}

/** Compile-time scopes: the JavaScript variable that holds a template's name, when there is one. */
export interface CompileFrame {
  lookup(name: string): string | null | undefined;
}

/** The parts of nunjucks 3.2.4's code generator that the strict compiler builds on. None of them runs a template. */
export interface CodeGenerator {
  templateName: string;
  buffer: string | null;
  compile(node: TemplateNode, frame?: CompileFrame): void;
  getCode(): string;
  _emit(code: string): void;
  _emitLine(code: string): void;
  _compileExpression(node: TemplateNode, frame: CompileFrame): void;
  _compileAggregate(node: TemplateNode, frame: CompileFrame, open?: string, close?: string): void;
  _withScopedSyntax(body: () => void): void;
  _binOpEmitter(node: TemplateNode, frame: CompileFrame, operator: string): void;
  compileLiteral(node: TemplateNode, frame: CompileFrame): void;
  compileFor(node: TemplateNode, frame: CompileFrame): void;
  compileIf(node: TemplateNode, frame: CompileFrame, async?: boolean): void;
  compileInlineIf(node: TemplateNode, frame: CompileFrame): void;
}

const require = createRequire(import.meta.url);

// The index of nunjucks loads a file watcher; these four files are all that parsing needs.
const compilerModule = require('nunjucks/src/compiler.js') as { Compiler: new (name: string, throwOnUndefined: boolean) => CodeGenerator };
const parserModule = require('nunjucks/src/parser.js') as {
  parse(source: string, extensions: readonly never[], options: { trimBlocks: boolean; lstripBlocks: boolean }): TemplateNode;
};
const transformerModule = require('nunjucks/src/transformer.js') as {
  transform(root: TemplateNode, asyncFilters: readonly never[], name: string): TemplateNode;
};

export const NunjucksCompiler = compilerModule.Compiler;

/** Source text to syntax tree. Throws nunjucks' TemplateError with `lineno` and `colno` (from 1, or 0 when unknown). */
export function parseTemplate(source: string, name: string): TemplateNode {
  const root = parserModule.parse(source, [], { trimBlocks: true, lstripBlocks: true });
  return transformerModule.transform(root, [], name);
}

/** nunjucks' runtime without parser and compiler: what the sandbox loads. */
export const slimRuntimePath = require.resolve('nunjucks/browser/nunjucks-slim.js');
