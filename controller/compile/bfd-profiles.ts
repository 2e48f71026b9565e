import type { DesiredObject } from '../api/index.ts';
import type { Compilation } from './context.ts';
import { errors } from './errors.ts';
import { titleOf } from './owner.ts';

/** Name on the device of the profile that a session or a group asks for, which the device has from then on. */
export function useBfdProfile(
  compilation: Compilation,
  object: DesiredObject<'BGPSession'> | DesiredObject<'PeerGroup'>,
  name: string | undefined,
): string | null {
  if (name === undefined) return null;
  const profile = compilation.desired.get('BFDProfile', name);
  if (profile) {
    compilation.bfdProfiles.set(name, profile);
    return profile.spec.nameOnDevice ?? name;
  }
  const facts = { device: compilation.device.metadata.name, object: titleOf(object), lacks: `BFDProfile/${name} does not exist` };
  compilation.problems.push(errors.IntentIncomplete(facts, { at: object.locate(['spec', 'bfd', 'profile']) }));
  return null;
}
