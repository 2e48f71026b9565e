import { type Dialect, dialectFor, type Item, type Node, parse, redact, type Tree } from '../config/index.ts';
import { secretToken } from '../lib/index.ts';

/** One configuration as it was found, with tokens in place of secret values. */
export interface Original {
  /** Name of the Device. */
  readonly device: string;
  /** What it was read from, for people. */
  readonly from: string;
  readonly platform: string;
  readonly dialect: Dialect;
  readonly tree: Tree;
  /** Every node of the tree, outermost first, with its key and place. */
  readonly entries: readonly Entry[];
  readonly entryOf: ReadonlyMap<Node, Entry>;
  /** Every line that says something, by number, with the node it became. */
  readonly lines: readonly OriginalLine[];
  /** Token to value, where the values are known. */
  readonly values: ReadonlyMap<string, string>;
}

export interface Entry extends Item {
  readonly node: Node;
  readonly parents: readonly Node[];
}

interface OriginalLine {
  readonly number: number;
  readonly text: string;
  /** Undefined: says what the platform does by itself, or was taken back or written again further down. */
  readonly node: Node | undefined;
}

/** A configuration to be imported. Secret values in it may be tokens already. */
export interface OriginalText {
  device: string;
  from: string;
  platform: string;
  text: string;
  /** Software version, where it is known. */
  version?: string;
}

/** Reads a text; `tokenOf` gives the token of a secret value, the same for the same value. Never fails: what no row of the dialect knows is kept as it stands. */
export function readOriginal(input: OriginalText, tokenOf: (value: string) => string): Original {
  const dialect = dialectFor(input.platform);
  const values = new Map<string, string>();
  const plain = input.text.replaceAll('\r\n', '\n');
  const bare = dialect.prepare ? dialect.prepare(plain) : plain;
  const { text } = redact(bare, dialect, (value) => {
    const token = tokenOf(value);
    values.set(token, value);
    return token;
  });
  // What goes without saying differs from release to release, and a text says which one wrote it.
  const version = input.version ?? /^frr version (\S+)/m.exec(text)?.[1];
  const made = new Map<number, Node>();
  const tree = parse(text, dialect, {
    ...(version !== undefined && { version }),
    onNode: (node, line) => made.set(line, node),
  });
  const entries = listEntries(tree);
  const entryOf = new Map(entries.map((entry) => [entry.node, entry]));
  const byLine = new Map(entries.map(({ node }) => [node.line, node]));
  const exits = new Set(dialect.exits);
  const lines = text.split('\n').flatMap((written, i): OriginalLine[] => {
    const line = written.trim();
    if (line === '' || dialect.comments.some((comment) => line.startsWith(comment)) || exits.has(line)) return [];
    const node = made.get(i + 1);
    return [{ number: i + 1, text: line, node: node && entryOf.has(node) ? node : byLine.get(i + 1) }];
  });
  return { device: input.device, from: input.from, platform: input.platform, dialect, tree, entries, entryOf, lines, values };
}

function listEntries(tree: Tree): Entry[] {
  const entries: Entry[] = [];
  const { dialect } = tree;
  const negations = new Set(dialect.negation);
  const go = (nodes: readonly Node[], parents: readonly Node[], around: string, within: string | undefined): void => {
    const path = parents.map(({ text }) => text);
    for (const node of nodes) {
      const words = node.text.split(' ');
      const named = node.rule.object?.(negations.has(words[0] ?? '') ? words.slice(1) : words);
      const object = named ? `${around} ${named}` : within;
      const key = around === '' ? node.key : `${around} > ${node.key}`;
      entries.push({ key, path, text: node.text, node, parents, ...(object !== undefined && { object }) });
      if (node.children.length > 0) go(node.children, [...parents, node], key, object);
    }
  };
  go(tree.roots, [], '', undefined);
  return entries;
}

/** The tokens of a line. */
export function tokensIn(text: string): readonly string[] {
  return text.match(secretToken) ?? [];
}
