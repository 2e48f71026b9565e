import type { Node, Tree } from './types.ts';

/** The tree as text that the platform reads back: sections opened, lines nested, blocks closed where the platform closes them. */
export function print(tree: Tree): string {
  const { syntax, assertion, exit } = tree.dialect;
  const lines: string[] = [];
  const add = (nodes: readonly Node[], indent: string): void => {
    for (const node of nodes) {
      lines.push(indent + node.text);
      if (!node.rule.inner) continue;
      add(node.children, `${indent} `);
      const close = node.rule.row.close ?? exit;
      if (close !== '') lines.push(indent + close);
    }
  };
  if (syntax === 'set' || syntax === 'braces')
    for (const node of tree.roots) lines.push(assertion ? `${assertion} ${node.text}` : node.text);
  else add(tree.roots, '');
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
