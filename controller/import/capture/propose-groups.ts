import type { CheckedState } from '../../api/index.ts';
import type { Found } from '../frr/index.ts';
import type { Spec } from '../found.ts';
import { specOfGroup } from '../groups.ts';
import { carryOver } from './delta.ts';
import type { NamesInGit } from './found.ts';
import { type Proposal, proposeSpec } from './proposal.ts';
import { pairs } from './propose-device.ts';

/** Changes of the peer groups and BFD profiles that the device uses. They are of all devices: what others would get with it refuses the proposal. */
export function proposeGroups(state: CheckedState, before: Found, after: Found, names: NamesInGit): Proposal[] {
  return [
    ...pairs(before.groups, after.groups, ({ unit }) => unit).flatMap(([, was, is]) => {
      const name = is && names.groupOf(is.group, is.vrf)?.name;
      if (!was || !is || name === undefined) return [];
      const [old, now] = [was, is].map((group) => specOfGroup(group, name, names, undefined));
      return [proposeSpec(state, 'PeerGroup', name, `peer-group ${is.group}`, (spec) => carryOver(old, now, spec) as Spec)];
    }),
    ...pairs(before.profiles, after.profiles, ({ profile }) => profile).flatMap(([profile, was, is]) => {
      const name = names.profileOf(profile);
      if (!was || !is || name === undefined) return [];
      return [proposeSpec(state, 'BFDProfile', name, `profile ${profile}`, (spec) => carryOver(was.spec, is.spec, spec) as Spec)];
    }),
  ];
}
