import type { PlannedCommand, SessionReset } from '../api/index.ts';
import type { Atom } from './atoms.ts';
import type { RowEffect } from './dialect.ts';
import { type CompiledDialect, positiveWords, type Rule } from './rules.ts';
import type { Node, Tree } from './types.ts';

export interface Effects {
  /** Sessions of the live device that drop, each once, with the first command that does it. */
  readonly resets: readonly SessionReset[];
  /** What is accepted but has no effect yet. */
  readonly deferred: readonly { text: string; until: string }[];
  /** Commands that hold for all neighbors of their section, whoever owns them, and move routes or sessions. */
  readonly sweeping: readonly PlannedCommand[];
}

/** A neighbor as the live configuration has it. */
interface Neighbor {
  readonly name: string;
  readonly vrf: string;
  /** Own AS number equals the other end's; undefined when a group says it. */
  readonly internal: boolean | undefined;
  readonly group: string | undefined;
  readonly isGroup: boolean;
}

/**
 * What the steps of a plan cost on the sessions that the live configuration has. A new neighbor costs nothing. Rows say what a line does;
 * the captures `{peer}`, `<group>`, `<asn>` and `{vrf}` say to whom.
 */
export function effectsOf(atoms: readonly Atom[], live: Tree, compiled: CompiledDialect): Effects {
  const resets = new Map<string, SessionReset>();
  const deferred: { text: string; until: string }[] = [];
  const sweeping: PlannedCommand[] = [];
  const instances = new Map<string, Map<string, Neighbor>>();
  for (const root of live.roots) if (root.rule.row.effect === 'reset-all') instances.set(root.key, neighborsOf(root, compiled));

  const reset = (neighbors: Iterable<Neighbor>, because: string): void => {
    for (const { name, vrf, isGroup } of neighbors) {
      const key = `${vrf} ${name}`;
      if (!isGroup && !resets.has(key)) resets.set(key, { neighbor: name, vrf, because });
    }
  };

  for (const atom of atoms) {
    const { change } = atom;
    const node = change.kind === 'add' ? change.want : change.live;
    const because = atom.commands[0]?.text ?? node.text;
    const known = instances.get((change.path[0] ?? node).key);
    if (!known) continue;
    if (change.path.length === 1 && atom.object === undefined && moves.has(node.rule.row.effect)) sweeping.push(...atom.commands);
    for (const line of change.path.length === 0 || change.kind === 'change' ? [node] : linesOf(node)) {
      const { effect } = line.rule.row;
      if (effect === 'reset-all') reset(known.values(), because);
      else if (effect === 'reset-ibgp') reset(only(known, true), because);
      else if (effect === 'reset-ebgp') reset(only(known, false), because);
      else if (effect === 'reset') reset(sessionsOf(capturesOf(line, compiled).get('peer'), known), because);
      else if (effect === 'later') {
        const peer = capturesOf(line, compiled).get('peer');
        const touched = peer === undefined ? [...known.values()] : sessionsOf(peer, known);
        if (touched.length > 0)
          deferred.push({ text: because, until: peer === undefined ? 'each session is reset' : `the session with ${peer} is reset` });
      }
    }
  }
  return { resets: [...resets.values()], deferred, sweeping };
}

const moves: ReadonlySet<RowEffect | undefined> = new Set<RowEffect>(['soft', 'reset-all', 'reset-ibgp', 'reset-ebgp']);

function* linesOf(node: Node): Iterable<Node> {
  yield node;
  for (const child of node.children) yield* linesOf(child);
}

/** The neighbor, or the members of the group of this name. */
function sessionsOf(peer: string | undefined, known: ReadonlyMap<string, Neighbor>): Neighbor[] {
  const named = peer === undefined ? undefined : known.get(peer);
  if (!named?.isGroup) return named ? [named] : [];
  return [...known.values()].filter((each) => each.group === peer);
}

function only(known: ReadonlyMap<string, Neighbor>, internal: boolean): Neighbor[] {
  return [...known.values()].filter((each) => (each.internal ?? known.get(each.group ?? '')?.internal ?? internal) === internal);
}

function neighborsOf(instance: Node, compiled: CompiledDialect): Map<string, Neighbor> {
  const own = capturesOf(instance, compiled);
  const neighbors = new Map<string, Neighbor>();
  for (const line of instance.children) {
    if (!line.rule.row.cascades) continue;
    const said = capturesOf(line, compiled);
    const name = said.get('peer');
    if (name === undefined) continue;
    const before = neighbors.get(name);
    const asn = said.get('asn');
    neighbors.set(name, {
      name,
      vrf: own.get('vrf') ?? 'default',
      internal: asn === undefined ? before?.internal : asn === 'internal' || asn === own.get('asn'),
      group: said.get('group') ?? before?.group,
      isGroup: before?.isGroup === true || [line.rule.row.defines].flat().some((each) => each?.startsWith('peer-group ')),
    });
  }
  return neighbors;
}

function capturesOf(node: Node, { negations }: CompiledDialect): Map<string, string> {
  return capture(node.rule, positiveWords(node.text, negations));
}

/** Words by the names that the pattern gives them. */
function capture({ pattern }: Rule, words: readonly string[]): Map<string, string> {
  const captures = new Map<string, string>();
  for (const [i, word] of pattern.entries()) {
    if (word.kind === 'literal') continue;
    const rest = word.kind === 'names' || word.kind === 'values';
    captures.set(word.name, rest ? words.slice(i).join(' ') : (words[i] ?? ''));
  }
  return captures;
}
