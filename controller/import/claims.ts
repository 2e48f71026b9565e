import type { Node } from '../config/index.ts';

/** What a part of the import may become: an object or a value of Git, named so that it can be refused when it does not come back as it was. */
export type Unit = string;

/** Who expresses which lines of one original. */
export interface Claims {
  /** Takes the lines for a unit; false when the unit was refused, and nothing is taken. */
  take(unit: Unit, nodes: readonly Node[]): boolean;
  mayTake(unit: Unit): boolean;
  unitOf(node: Node): Unit | undefined;
  /** Lets go of lines that were taken. */
  release(nodes: readonly Node[]): void;
}

export function createClaims(refused: { has(unit: Unit): boolean }): Claims {
  const units = new Map<Node, Unit>();
  const mayTake = (unit: Unit): boolean => !refused.has(unit);
  return {
    mayTake,
    take(unit, nodes) {
      if (!mayTake(unit)) return false;
      for (const node of nodes) units.set(node, unit);
      return true;
    },
    unitOf: (node) => units.get(node),
    release(nodes) {
      for (const node of nodes) units.delete(node);
    },
  };
}
