import { isNode, LineCounter, parseAllDocuments } from 'yaml';
import {
  type CheckedState,
  type DesiredObject,
  type DesiredObjects,
  type Kind,
  kindNames,
  Metadata,
  specs,
  type ValuePath,
} from '../../controller/api/index.ts';
import type { Position } from '../../controller/lib/index.ts';

/**
 * A checked state from YAML, without the checks: for tests of the parts behind them. Each document needs `kind`, `name` and `spec` only.
 * Positions are those of the text, in the file `state.yaml`.
 */
export function stateOf(yaml: string, files: Readonly<Record<string, string>> = {}): CheckedState {
  const lines = new LineCounter();
  const objects = Object.fromEntries(kindNames.map((kind) => [kind, new Map<string, DesiredObject>()])) as Record<
    Kind,
    Map<string, DesiredObject>
  >;
  for (const document of parseAllDocuments(yaml, { lineCounter: lines })) {
    if ('empty' in document || document.contents === null) continue;
    const { kind, name, labels, spec } = document.toJS() as { kind: Kind; name: string; labels?: Record<string, string>; spec: unknown };
    const place = (offset: number): Position => {
      const { line, col } = lines.linePos(offset);
      return { file: 'state.yaml', line, col };
    };
    const locate = (path: ValuePath): Position => {
      for (let length = path.length; length > 0; length--) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) return place(node.range[0]);
      }
      return place(document.contents?.range?.[0] ?? 0);
    };
    const object = { kind, metadata: Metadata.parse({ name, labels }), spec: specs[kind].parse(spec), position: locate([]), locate };
    objects[kind].set(name, object);
  }
  return {
    revision: `worktree@sha256:${'0'.repeat(64)}`,
    objects: objects as unknown as DesiredObjects,
    problems: [],
    files: new Map(Object.entries(files)),
  };
}
