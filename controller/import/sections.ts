import { type Node, print, type Tree } from '../config/index.ts';
import type { Claims } from './claims.ts';
import { topicOf } from './frr/index.ts';
import { type Original, tokensIn } from './original.ts';

/** Raw lines of one original that become one file. */
export interface RawSection {
  name: string;
  /** Path in the repository. */
  path: string;
  /** A template, because secrets stand in it as references. */
  isTemplate: boolean;
  text: string;
  /** By line of the file, the node. */
  nodes: readonly (Node | undefined)[];
}

/** Characters of one section file; a longer topic becomes several. Far below what a file of the repository may have. */
const fileLength = 4_000_000;

/**
 * What no unit expresses, by topic. `isLeftOut` says which lines cannot stand in Git at all; `referenceOf` gives the secret that a token stands for.
 */
export function composeSections(
  original: Original,
  claims: Claims,
  isLeftOut: (node: Node) => boolean,
  referenceOf: (node: Node, token: string) => { name: string; key: string },
): RawSection[] {
  const raw = original.tree.roots.flatMap((node) => keepRaw(node, claims, isLeftOut) ?? []);
  const topics = Map.groupBy(raw, (node) => `${topicOf(node.text)}${holdsSecret(node) ? '-keys' : ''}`);
  return [...topics].flatMap(([topic, roots]) =>
    split(roots).map((part, i) => {
      const name = i === 0 ? topic : `${topic}-${i + 1}`;
      const isTemplate = topic.endsWith('-keys');
      const nodes = listLines(part, original.tree);
      const lines = print({ ...original.tree, roots: part }).split('\n');
      const text = isTemplate ? lines.map((line, at) => asTemplate(line, nodes[at], referenceOf)).join('\n') : lines.join('\n');
      const path = `sections/${original.device}/${name}.${isTemplate ? 'njk' : 'conf'}`;
      return { name, path, isTemplate, text, nodes };
    }),
  );
}

/** The node with the lines inside that are raw; undefined when there is nothing to keep. */
function keepRaw(node: Node, claims: Claims, isLeftOut: (node: Node) => boolean): Node | undefined {
  if (isLeftOut(node)) return undefined;
  const children = node.children.flatMap((child) => keepRaw(child, claims, isLeftOut) ?? []);
  if (children.length === 0 && (node.children.length > 0 || claims.unitOf(node) !== undefined)) return undefined;
  if (children.length === node.children.length && children.every((child, i) => child === node.children[i])) return node;
  const copy = { ...node, children };
  wholeOf.set(copy, node);
  return copy;
}

/** The node of the original behind one that holds its raw lines only. */
const wholeOf = new WeakMap<Node, Node>();

function holdsSecret(node: Node): boolean {
  return tokensIn(node.text).length > 0 || node.children.some(holdsSecret);
}

function split(roots: readonly Node[]): Node[][] {
  const parts: Node[][] = [];
  let length = fileLength;
  for (const root of roots) {
    const own = lengthOf(root);
    if (length + own > fileLength) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(root);
    length += own;
  }
  return parts;
}

function lengthOf(node: Node): number {
  return node.children.reduce((sum, child) => sum + lengthOf(child) + 2, node.text.length + 8);
}

/** By line as `print` puts them: a block has a line at its end. */
function listLines(roots: readonly Node[], tree: Tree): (Node | undefined)[] {
  const lines: (Node | undefined)[] = [];
  const go = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      lines.push(wholeOf.get(node) ?? node);
      if (!node.rule.inner) continue;
      go(node.children);
      if ((node.rule.row.close ?? tree.dialect.exit) !== '') lines.push(undefined);
    }
  };
  go(roots);
  return lines;
}

/** The line as a template that prints it: secrets as references, and what a template would read as its own put into quotes. */
function asTemplate(
  line: string,
  node: Node | undefined,
  referenceOf: (node: Node, token: string) => { name: string; key: string },
): string {
  return line
    .split(/(<secret:[^>]+>|\{\{|\{%|\{#)/)
    .map((part) => {
      if (part === '{{' || part === '{%' || part === '{#') return `{{ "${part}" }}`;
      if (!node || tokensIn(part).length === 0) return part;
      const { name, key } = referenceOf(node, part);
      return `{{ secret("${name}", "${key}") }}`;
    })
    .join('');
}
