import { expect, it } from 'vitest';
import { systemClock } from '../../lib/index.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';
import { noteJudgement } from './note-judgement.ts';
import type { Look } from './publish.ts';

/** How often whoever plans is asked, over looks at one device that waits for a person. */
function asked(...looks: readonly Look[]): number {
  let count = 0;
  const standings = new Map([['edge1', { reason: 'ApprovalRequired', message: '' }]]);
  const world = { judgements: new Map(), standings, onJudged: () => count++, runtime: { corridor: { clock: systemClock } } };
  const device = { name: 'edge1', ready: { rendered: { digest: 'd' } } } as unknown as DesiredDevice;
  for (const look of looks) noteJudgement(world as unknown as World, device, look);
  return count;
}

function look({
  effect = 'e',
  since = '09:00',
  at = '10:00',
  held,
}: {
  effect?: string;
  since?: string;
  at?: string;
  held?: Look['held'];
} = {}): Look {
  const differences = [{ path: ['hostname'], since }];
  const outcome = { device: 'edge1', verdict: 'Pending', at, differences };
  const facts = { verdict: outcome, removals: { owned: 0, removed: [] }, startupDiffers: false, problems: [] };
  const planned = { plan: { effectDigest: effect, provenance: { liveFingerprint: 'f' } }, removals: facts.removals, problems: [] };
  return { outcome, held, proposal: { planned, facts } } as unknown as Look;
}
const inSync = { outcome: { device: 'edge1', verdict: 'InSync' } } as unknown as Look;

it('asks nobody to plan anew while a device differs as it did', () => {
  expect(asked(look(), look({ at: '10:05' }), look({ at: '10:10' }))).toBe(1);
});

it.each<{ name: string; second: Look }>([
  { name: 'what would be done moved', second: look({ effect: 'other' }) },
  { name: 'it was changed once more', second: look({ since: '10:04' }) },
  { name: 'somebody holds it', second: look({ held: { by: 'mona', reason: 'fibre', where: 'Device' } }) },
  { name: 'it is what Git says', second: inSync },
])('asks when $name', ({ second }) => {
  expect(asked(look(), second)).toBe(2);
});
