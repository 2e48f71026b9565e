import type { Gap, PlannedCommand, Proof, SessionReset } from '../api/index.ts';
import { type Atom, removeCommands, toAtom } from './atoms.ts';
import { type Change, compare } from './compare.ts';
import { settlesDefaults } from './defaults.ts';
import type { Dialect } from './dialect.ts';
import { effectsOf } from './effects.ts';
import { planByLevel } from './level.ts';
import { order } from './order.ts';
import { intendedWith } from './ownership.ts';
import { isAsGood, prove } from './proof.ts';
import { type CompiledDialect, compileDialect } from './rules.ts';
import { execute, pathOf } from './simulate.ts';
import { createState, nodesOf, rewind, type State } from './state.ts';
import type { Node, Tree } from './types.ts';

export interface PlanOptions {
  /** `all`: the intended text is the whole configuration. `owned`: what Git does not claim and never claimed is left alone. */
  readonly scope: 'owned' | 'all';
  /** Item keys that Git owned before; what it no longer wants of them is removed. */
  readonly previouslyOwned?: ReadonlySet<string>;
  /** Keys of sections in which everything foreign is removed too. */
  readonly exactContainers?: ReadonlySet<string>;
}

/** Commands that make the device what it should be, and those that take them back. */
export interface Patch {
  readonly commands: readonly PlannedCommand[];
  readonly rollback: readonly PlannedCommand[];
  /** The configuration afterwards, unmanaged lines included. */
  readonly predicted: Tree;
  readonly resets: readonly SessionReset[];
  readonly gaps: readonly Gap[];
  readonly deferred: readonly { text: string; until: string }[];
  /** Commands that hold for all neighbors of their section, whoever owns them, and move routes or sessions. */
  readonly sweeping: readonly PlannedCommand[];
  readonly proof: Proof;
}

/** Plans the way from live to intended, the way back, and proves both by simulation. Equal trees give an empty patch. */
export function planPatch(live: Tree, intended: Tree, dialect: Dialect, options: PlanOptions): Patch {
  const compiled = compileDialect(dialect, live.version);
  const target = intendedWith(live, intended, options, dialect);
  const forward = planCommands(live.roots, target, compiled);
  // One simulated device goes there and back, and is set back for the proof: making one costs more than a plan.
  const back = forward.commands.length === 0 ? forward : planCommands(forward.reached, live.roots, compiled, forward.state);
  if (forward.state) rewind(forward.state, 0);
  const { proof, gaps } = prove(live.roots, target, forward.commands, back.commands, forward.state ?? createState([], compiled));
  const { resets, deferred, sweeping } = effectsOf(forward.atoms, live, compiled);
  return {
    commands: forward.commands,
    rollback: back.commands,
    predicted: { ...intended, roots: target },
    resets,
    gaps: [...forward.gaps, ...gaps],
    deferred,
    sweeping,
    proof,
  };
}

interface Way {
  readonly commands: PlannedCommand[];
  readonly atoms: readonly Atom[];
  readonly gaps: readonly Gap[];
  /** What the simulated device holds at the end. */
  readonly reached: readonly Node[];
  /** The simulated device; none where nothing had to be planned. */
  readonly state?: State;
}

const maxRounds = 5;

/**
 * Plans in rounds: what one round's commands take along or bring with them (a rebuilt neighbor, a family that comes up by default) is seen
 * in the simulated device and put right in the next.
 */
function planCommands(live: readonly Node[], target: readonly Node[], compiled: CompiledDialect, there?: State): Way {
  let changes = compare(live, target);
  if (changes.every(({ quiet }) => quiet) && !compiled.dialect.flat) return { commands: [], atoms: [], gaps: [], reached: live };
  const isWayBack = there !== undefined;
  const state = there ?? createState(live, compiled);
  const commands: PlannedCommand[] = [];
  const atoms: Atom[] = [];
  const gaps: Gap[] = [];
  let reached = live;
  const said = new Set<string>();
  const rounds = isByLevel(compiled) ? 1 : maxRounds;
  for (let round = 0; round < rounds && (changes.length > 0 || (round === 0 && compiled.dialect.flat)); round++) {
    // What the simulated device does not understand is not said twice.
    const step = planRound(round === 0 ? changes : changes.filter(isUnderstood), reached, target, state, isWayBack);
    // What the simulated device takes without an effect would be said for ever.
    if (step.commands.every((command) => said.has(`${command.path.join('\n')}\n${command.text}`))) break;
    for (const command of step.commands) said.add(`${command.path.join('\n')}\n${command.text}`);
    for (const command of step.commands) execute(state, command);
    commands.push(...step.commands);
    atoms.push(...step.atoms);
    gaps.push(...step.gaps);
    reached = nodesOf(state);
    changes = compare(reached, target).filter((change) => !isAsGood(change, compiled));
  }
  return { commands, atoms, gaps, reached, state };
}

function isUnderstood(change: Change): boolean {
  return change.kind !== 'remove' || typeof change.live.rule.row.remove !== 'function' || change.live.rule.inner !== undefined;
}

function isByLevel({ dialect }: CompiledDialect): boolean {
  return dialect.arrange === 'level' || dialect.arrange === 'kinds';
}

function planRound(
  changes: readonly Change[],
  reached: readonly Node[],
  target: readonly Node[],
  state: State,
  isWayBack: boolean,
): Omit<Way, 'reached'> {
  const { compiled } = state;
  if (isByLevel(compiled)) return { commands: planByLevel(reached, target, compiled), atoms: [], gaps: [] };
  const all = toAtoms(changes, compiled, isWayBack);
  const defaults = all.filter(settlesDefaults);
  if (defaults.length > 0) return { commands: defaults.flatMap((atom) => atom.commands), atoms: defaults, gaps: [] };
  const rebuilt = rebuildFirst(all, target, state);
  if (rebuilt.commands.length > 0) return rebuilt;
  const { ordered, gaps } = order(withoutTakenAlong(all, state, isWayBack));
  gaps.push(...swapped(all));
  return { commands: once(ordered), atoms: ordered, gaps };
}

/** Several lines may be taken back by one command: it is said where it is said first. */
function once(ordered: readonly Atom[]): PlannedCommand[] {
  const said = new Set<string>();
  return ordered.flatMap(({ change, commands }) =>
    change.kind !== 'remove'
      ? commands
      : commands.filter(({ path, text }) => {
          const whole = [...path, text].join('\n');
          return !said.has(whole) && said.add(whole);
        }),
  );
}

/**
 * Steps of the changes. A line that wants a slot which another line still holds is taken away first and comes again. On the way back every
 * line of such an object is: then it does not matter where the way there stopped.
 */
function toAtoms(changes: readonly Change[], compiled: CompiledDialect, isWayBack: boolean): Atom[] {
  const atoms = changes.map((change, index) => toAtom(change, index, compiled));
  const held = new Map(atoms.flatMap((atom) => (atom.frees === undefined ? [] : [[atom.frees, atom] as const])));
  const collides = (atom: Atom): boolean => atom.slot !== undefined && (held.get(atom.slot) ?? atom) !== atom;
  const collisions = atoms.filter(collides);
  if (collisions.length === 0) return atoms;
  const objects = new Set(isWayBack ? collisions.map((atom) => atom.object) : []);
  const gone = new Map<string, Atom[]>();
  const steps = atoms.flatMap((atom) => {
    const { change, object, index } = atom;
    if (change.kind !== 'change' || !(collides(atom) || (object !== undefined && objects.has(object)))) return [atom];
    const { path, live, want } = change;
    return [toAtom({ kind: 'remove', path, live }, index, compiled), toAtom({ kind: 'add', path, want }, index, compiled)];
  });
  for (const step of steps) {
    if (step.change.kind !== 'remove' || step.object === undefined || !objects.has(step.object)) continue;
    const before = gone.get(step.object);
    if (before) before.push(step);
    else gone.set(step.object, [step]);
  }
  return steps.map((step) =>
    step.change.kind === 'add' && step.object !== undefined && gone.has(step.object)
      ? { ...step, after: gone.get(step.object) ?? [] }
      : step,
  );
}

/** Sections that the device cannot hold in the old and the new form at once. */
function swapped(atoms: readonly Atom[]): Gap[] {
  const added = new Map(
    atoms.flatMap((atom) => (atom.change.kind === 'add' && atom.change.want.rule.inner ? [[atom.key, atom] as const] : [])),
  );
  return atoms.flatMap((atom) => {
    const next = atom.change.kind === 'remove' ? added.get(atom.key) : undefined;
    if (!next || atom.change.kind !== 'remove' || next.change.kind !== 'add') return [];
    return [{ what: atom.key, because: `"${next.change.want.text}" is refused while "${atom.change.live.text}" stands` }];
  });
}

/** Objects that can only be changed by removing them, where the target keeps them: they are removed ahead of everything. */
function rebuildFirst(atoms: readonly Atom[], target: readonly Node[], state: State): Omit<Way, 'reached'> {
  const suspects = atoms.filter(({ change, object }) => {
    if (object === undefined || change.kind === 'add') return false;
    const { row } = change.live.rule;
    return (row.change === 'rebuild' && change.kind !== 'rewrite') || (change.kind === 'remove' && row.cascades === true);
  });
  if (suspects.length === 0) return { commands: [], atoms: [], gaps: [] };
  const kept = createState(target, state.compiled).members;
  const seen = new Set<string>();
  const chosen: Atom[] = [];
  const commands: PlannedCommand[] = [];
  const gaps: Gap[] = [];
  for (const atom of suspects) {
    const { object } = atom;
    if (object === undefined || seen.has(object) || !kept.get(object)?.size) continue;
    seen.add(object);
    const anchor = [...(state.members.get(object) ?? [])].find((cell) => cell.rule.row.cascades);
    if (!anchor) continue;
    chosen.push(atom);
    commands.push(...removeCommands({ ...anchor, children: [] }, pathOf(anchor.parent ?? anchor), state.compiled));
    gaps.push({ what: object, because: `${atom.key} can only change by removing ${object} and building it again` });
  }
  return { commands, atoms: chosen, gaps };
}

/** Without the removals that happen by themselves when the lines that carry their object go. */
function withoutTakenAlong(atoms: readonly Atom[], state: State, isWayBack: boolean): Atom[] {
  const carriers = new Map<string, Atom[]>();
  for (const atom of atoms) {
    if (atom.change.kind !== 'remove' || atom.object === undefined || !atom.change.live.rule.row.cascades) continue;
    const group = carriers.get(atom.object);
    if (group) group.push(atom);
    else carriers.set(atom.object, [atom]);
  }
  if (carriers.size === 0) return [...atoms];
  return atoms.flatMap((atom) => {
    const group = atom.object === undefined || atom.change.kind !== 'remove' ? undefined : carriers.get(atom.object);
    const [first] = group ?? [];
    if (!group || !first || first.change.kind !== 'remove') return [atom];
    if (first.change.live.rule.row.cascades !== 'last') return atom === first ? [atom] : [];
    if (group.includes(atom) || group.length < countCarriers(state, first.object)) return [atom];
    // On the way back the lines are taken away one by one as well: a carrier may be left that the way there could not remove.
    return isWayBack ? [{ ...atom, early: true as const }] : [];
  });
}

function countCarriers(state: State, object: string | undefined): number {
  let count = 0;
  for (const cell of state.members.get(object ?? '') ?? []) if (cell.rule.row.cascades) count++;
  return count;
}
