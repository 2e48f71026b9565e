import { expect, test } from 'vitest';
import type { ChangePlanSpec, DevicePlan, Plan } from '../api/index.ts';
import { plain } from './style.ts';
import { formatWholePlan, type WholePlan, wholePlanMarkdown } from './whole-plan-text.ts';

const sentence = 'it changes 201 devices, more than 200';
const wholeRisk = { risk: 'high' as const, riskReasons: [sentence] };
const command = { path: [], text: 'log syslog' };
const member = {
  effect: { device: 'edge1', commands: [command], rollback: [command], resets: [], gaps: [], deferred: [], risk: 'low', riskReasons: [] },
  effectDigest: 'sha256:ab',
  proof: { forward: true, rollback: true, checked: 1, of: 1 },
} as unknown as DevicePlan;
const plan: Plan = { id: 'plan-1', createdAt: '', revision: 'r', sets: [['edge1']], devices: [member], wholeRisk };
const group = {
  effectDigest: 'sha256:ab',
  devices: 1,
  examples: ['edge1'],
  risk: 'low',
  riskReasons: [],
  commands: ['log syslog'],
  total: 1,
  resets: [],
};
const spec = {
  mode: 'Approve',
  cause: 'Desired',
  revision: 'r',
  devices: 1,
  sets: 1,
  groupCount: 1,
  risk: 'high',
  wholeRisk,
  groups: [group],
};
const whole: WholePlan = {
  name: 'plan-1',
  spec: spec as unknown as ChangePlanSpec,
  groups: new Map([['sha256:ab', [member]]]),
  approvals: [],
  missing: [],
};

test.each([
  { name: 'all of a plan', given: { ...whole, plan } },
  { name: 'what its object has', given: whole },
])('what a plan risks as a whole stands once at the head of $name', ({ given }) => {
  const text = formatWholePlan(given, plain);
  expect(text.split('\n')[2]).toBe(`  risk of the whole: ${sentence}`);
  expect(text.split(sentence)).toHaveLength(2);
  expect(text.split('log syslog').length).toBeGreaterThan(1);
  expect(wholePlanMarkdown(given).split(sentence)).toHaveLength(2);
  expect(wholePlanMarkdown(given).toLowerCase()).toContain(`risk of the whole: ${sentence}`);
});
