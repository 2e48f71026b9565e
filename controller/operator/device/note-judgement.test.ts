import { expect, it } from 'vitest';
import { systemClock } from '../../lib/index.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';
import { noteBrokenOff, noteJudgement } from './note-judgement.ts';
import type { Look } from './publish.ts';

/** How often whoever plans is asked, over looks at one device that waits for a person. */
function asked(...looks: readonly Look[]): number {
  let count = 0;
  const standings = new Map([['edge1', { reason: 'ApprovalRequired', message: '' }]]);
  const world = {
    judgements: new Map(),
    standings,
    drained: new Map(),
    onJudged: () => count++,
    runtime: { corridor: { clock: systemClock } },
  };
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

it.each<{ name: string; isTouched: boolean; aborts: boolean; known: string | undefined }>([
  { name: 'is broken off leaves the device Unknown: nobody waits for it any more', isTouched: false, aborts: true, known: 'Unknown' },
  { name: 'is broken off amid a change of ours says nothing', isTouched: true, aborts: true, known: undefined },
  { name: 'fails is tried again, and says nothing', isTouched: false, aborts: false, known: undefined },
])('a look that $name', async ({ isTouched, aborts, known }) => {
  const stop = new AbortController();
  const device = { name: 'edge1', ready: { rendered: { digest: 'd' } } } as unknown as DesiredDevice;
  const world = {
    judgements: new Map(),
    standings: new Map(),
    drained: new Map(),
    touched: new Map<string, number>(),
    inForce: { devices: new Map([['edge1', device]]) },
    onJudged: () => undefined,
    runtime: { corridor: { clock: systemClock } },
  };
  const looking = noteBrokenOff(world as unknown as World, device, stop.signal, async () => {
    if (isTouched) world.touched.set('edge1', 1);
    if (aborts) stop.abort(new Error('not done within 2 s'));
    throw new Error('not done');
  });
  await expect(looking).rejects.toThrow('not done');
  expect(world.judgements.get('edge1')).toEqual(known && expect.objectContaining({ verdict: known, digest: 'd' }));
});
