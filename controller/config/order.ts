import type { Gap } from '../api/index.ts';
import type { Atom } from './atoms.ts';
import { nodeOf } from './compare.ts';

const defaultOrder = 50;

/**
 * Puts steps in an order in which nothing that is referenced is ever missing: make, rebind, remove. Within that the order of the text
 * is kept and a section is left as seldom as possible. Circles are cut and declared.
 */
export function order(atoms: readonly Atom[]): { ordered: Atom[]; gaps: Gap[] } {
  const preferred = [...atoms].sort(compareAtoms(atoms));
  const makers = groupBy(atoms, (atom) => atom.makes);
  const releasers = groupBy(atoms, (atom) => atom.releases);
  const slots = groupBy(atoms, (atom) => (atom.frees === undefined ? [] : [atom.frees]));
  const olds = new Map(atoms.filter((atom) => atom.change.kind === 'remove').map((atom) => [atom.key, [atom]]));
  const openers = new Map(
    atoms.filter((atom) => atom.change.kind === 'change' && atom.change.want.rule.inner).map((atom) => [atom.key, atom]),
  );

  function* before(atom: Atom): Iterable<readonly Atom[]> {
    const opener = openers.get(atom.section);
    if (opener) yield [opener];
    if (atom.change.kind === 'add') yield olds.get(atom.key) ?? [];
    if (atom.after) yield atom.after;
    for (const name of atom.needs) yield makers.get(name) ?? [];
    if (atom.change.kind === 'remove') for (const name of atom.unmakes) yield releasers.get(name) ?? [];
    if (atom.change.kind !== 'remove' && atom.slot !== undefined) yield slots.get(atom.slot) ?? [];
  }

  const settled = new Set<readonly Atom[]>();
  const ordered: Atom[] = [];
  const gaps: Gap[] = [];
  const state = new Map<Atom, 'open' | 'done'>();
  const visit = (atom: Atom): void => {
    state.set(atom, 'open');
    for (const group of before(atom)) {
      // A list of 20,000 entries is gone through once, not once per user.
      if (settled.has(group)) continue;
      let circle = false;
      for (const first of group) {
        if (first === atom) circle = true;
        else if (!state.has(first)) visit(first);
        else if (state.get(first) === 'open') {
          circle = true;
          if (first.section !== atom.section) gaps.push({ what: first.key, because: `${first.key} and ${atom.key} need each other` });
        }
      }
      if (!circle) settled.add(group);
    }
    state.set(atom, 'done');
    ordered.push(atom);
  };
  for (const atom of preferred) if (!state.has(atom)) visit(atom);
  return { ordered, gaps };
}

/** Early removals, then section by section what comes and changes, then what nothing needs any more, in the opposite order. */
function compareAtoms(atoms: readonly Atom[]): (a: Atom, b: Atom) => number {
  const units = new Map<string, number>();
  for (const atom of atoms) {
    if (!units.has(atom.unit)) units.set(atom.unit, units.size);
  }
  for (const [gone, come] of kin(atoms)) units.set(gone.unit, units.get(come.unit) ?? 0);
  const ranks = new Map(atoms.map((atom) => [atom, rankOf(atom, units.get(atom.unit) ?? 0)]));
  return (a, b) => {
    const [left, right] = [ranks.get(a) ?? [], ranks.get(b) ?? []];
    for (let i = 0; i < left.length; i++) {
      const difference = (left[i] ?? 0) - (right[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

/**
 * Lines that no row knows, of which one goes and one comes that says the same but for its end, `… priority 4096` and `… priority 8192`: what
 * takes back the old one may well take the new one too, so it goes first.
 */
function kin(atoms: readonly Atom[]): [Atom, Atom][] {
  const plain = atoms.filter(({ change }) => change.path.length === 0 && change.kind !== 'rewrite' && isUnknown(change));
  const headsOf = (atom: Atom): string[] => {
    const words = atom.key.split(' ');
    const least = Math.max(2, words.length - 1);
    return [words.slice(0, least).join(' '), ...(words.length > least ? [atom.key] : [])];
  };
  const comes = new Map<string, Atom>();
  for (const atom of plain) if (atom.change.kind === 'add') for (const head of headsOf(atom)) if (!comes.has(head)) comes.set(head, atom);
  return plain.flatMap((atom): [Atom, Atom][] => {
    if (atom.change.kind !== 'remove') return [];
    const found = headsOf(atom).flatMap((head) => comes.get(head) ?? [])[0];
    return found ? [[atom, found]] : [];
  });
}

function isUnknown(change: Atom['change']): boolean {
  const { row, inner } = nodeOf(change).rule;
  return row.match === '{all*}' && !inner;
}

function rankOf(atom: Atom, unit: number): readonly number[] {
  const { change, index } = atom;
  const node = nodeOf(change);
  const row = (change.path[0] ?? node).rule.row;
  const rank = row.order ?? defaultOrder;
  if (change.kind !== 'remove') return [1, rank, unit, 1, index];
  if (atom.early) return [0, -(row.undoOrder ?? rank), -unit, -1, -index];
  if (node.rule.row.removed === 'first' || node.rule.row.lingers) {
    const within = change.path.length > 0 ? (node.rule.row.undoOrder ?? 0) : 0;
    return [0, -(row.undoOrder ?? rank), -unit, within, -index];
  }
  // What defines a name, or a whole section, goes last, users before what they use.
  if (atom.unmakes.length > 0 || (change.path.length === 0 && node.rule.inner)) return [2, -rank, -unit, 0, -index];
  return [1, rank, unit, node.rule.row.removed === 'after' ? 2 : 0, node.rule.row.removed === 'after' ? index : -index];
}

function groupBy(atoms: readonly Atom[], namesOf: (atom: Atom) => readonly string[]): Map<string, Atom[]> {
  const groups = new Map<string, Atom[]>();
  for (const atom of atoms) {
    for (const name of namesOf(atom)) {
      const group = groups.get(name);
      if (group) group.push(atom);
      else groups.set(name, [atom]);
    }
  }
  return groups;
}
