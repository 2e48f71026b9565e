import type { World } from '../world.ts';
import type { Proposal } from './proposal.ts';

/** What can be planned now: of devices whose last look was about what they should be today, with the mode that holds today. */
export function currentProposals({ inForce, judgements }: Pick<World, 'inForce' | 'judgements'>): Map<string, Proposal> {
  const found = new Map<string, Proposal>();
  for (const [name, { digest, proposal }] of judgements) {
    const device = inForce?.devices.get(name);
    if (proposal && device && device.ready?.rendered.digest === digest) found.set(name, { ...proposal, device });
  }
  return found;
}
