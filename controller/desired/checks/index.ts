/**
 * checks: rules over objects that are each well formed. One file per subject, each a pure function from all objects to
 * problems; nothing here stops at the first. A rule must not refuse a valid network: scope it by session type and role.
 */
import type { PlumblineError } from '../../lib/index.ts';
import { checkChangeRules } from './change-rules.ts';
import { checkDevices } from './devices.ts';
import { checkDhcp } from './dhcp.ts';
import { checkFiles } from './files.ts';
import type { Check, CheckInput } from './input.ts';
import { checkMetadata } from './metadata.ts';
import { checkPeerGroups } from './peer-groups.ts';
import { checkPolicies } from './policies.ts';
import { checkReferences } from './references.ts';
import { checkRpki } from './rpki.ts';
import { checkSessionRules } from './session-rules.ts';
import { checkSessions } from './sessions.ts';
import { checkSets } from './sets.ts';

const checks: readonly Check[] = [
  checkReferences,
  checkFiles,
  checkMetadata,
  checkDevices,
  checkSessions,
  checkSessionRules,
  checkPeerGroups,
  checkPolicies,
  checkRpki,
  checkSets,
  checkDhcp,
  checkChangeRules,
];

/** Runs every check. `checkTime` may throw between two of them. */
export function checkAll(input: CheckInput, checkTime: () => void): PlumblineError[] {
  return checks.flatMap((check) => {
    checkTime();
    return check(input);
  });
}

export { errors as dhcpErrors } from './dhcp-errors.ts';
export { errors } from './errors.ts';
export type { CheckInput } from './input.ts';
