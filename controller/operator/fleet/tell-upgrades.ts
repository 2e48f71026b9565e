import type { Notice } from '../runtime.ts';
import type { World } from '../world.ts';

/** Devices that a notice names; the others are counted. */
const named = 5;

/**
 * Devices that run another version since this was asked last: one notice for all that went the same way. A version has defaults of its own, so whoever
 * looks at what else changed wants to know.
 */
export function tellUpgrades({ upgraded }: Pick<World, 'upgraded'>): Pick<Notice, 'reason' | 'message'>[] {
  const moves = [...upgraded].toSorted(([a], [b]) => (a < b ? -1 : 1));
  upgraded.clear();
  return moves.map(([move, devices]) => {
    const names = [...devices].toSorted();
    const more = names.length > named ? ` and ${names.length - named} more` : '';
    const does = names.length === 1 ? 'runs' : 'run';
    return { reason: 'VersionChanged', message: `${names.slice(0, named).join(', ')}${more} ${does} ${move}` };
  });
}
