/**
 * checks: rules over objects that are each well formed. One file per subject, each a pure function from all objects to
 * problems; nothing here stops at the first. A rule must not refuse a valid network: scope it by session type and role.
 */
import type { PlumblineError } from '../../lib/index.ts';
import { askRules, createRuleMemory, type RuleMemory } from './ask-rules.ts';
import { checkChangeRules } from './change-rules.ts';
import { checkDevices } from './devices.ts';
import { checkDhcp } from './dhcp.ts';
import { checkFiles } from './files.ts';
import type { CheckInput } from './input.ts';
import { checkMetadata } from './metadata.ts';
import { checkPeerGroups } from './peer-groups.ts';
import { checkPolicies } from './policies.ts';
import { checkReferences } from './references.ts';
import type { Rule } from './rule.ts';
import { checkRpki } from './rpki.ts';
import { checkSessionRules } from './session-rules.ts';
import { checkSessions } from './sessions.ts';
import { checkSets } from './sets.ts';

const rules: readonly Rule[] = [
  checkReferences,
  ...checkFiles,
  ...checkMetadata,
  ...checkDevices,
  ...checkSessions,
  ...checkSessionRules,
  checkPeerGroups,
  checkPolicies,
  checkRpki,
  checkSets,
  ...checkDhcp,
  checkChangeRules,
];

/** Asks every rule. `checkTime` may throw between two of them. With the memory of the load before, those that would find nothing again are left out. */
export function checkAll(input: CheckInput, checkTime: () => void, memory: RuleMemory = createRuleMemory()): PlumblineError[] {
  return askRules(rules, input, checkTime, memory);
}

export { createRuleMemory, type RuleMemory } from './ask-rules.ts';
export { errors as dhcpErrors } from './dhcp-errors.ts';
export { errors } from './errors.ts';
export type { CheckInput } from './input.ts';
