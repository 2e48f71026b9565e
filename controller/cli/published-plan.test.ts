import { expect, test } from 'vitest';
import type { ChangePlanStatus, PlanPhase } from '../api/index.ts';
import { asksPeople } from './published-plan.ts';

test.each<{ name: string; phase?: PlanPhase; reason?: string; asks: boolean }>([
  { name: 'a plan that nobody has stepped yet', asks: true },
  { name: 'a proposal', phase: 'Proposed', reason: 'ApprovalRequired', asks: true },
  { name: 'one that has begun, whose rest nobody approved', phase: 'Running', reason: 'ApprovalRequired', asks: true },
  { name: 'one of which a part waits for people and a part for a window', phase: 'Waiting', reason: 'ApprovalRequired', asks: true },
  { name: 'one that waits for a window', phase: 'Waiting', reason: 'WindowClosed', asks: false },
  { name: 'one that runs', phase: 'Running', reason: 'Running', asks: false },
])('whether $name waits for people: $asks', ({ phase, reason, asks }) => {
  const at = '2026-11-22T02:00:00.000Z';
  const ready = {
    type: 'Ready',
    status: 'False' as const,
    reason: reason ?? '',
    message: '',
    lastTransitionTime: at,
    observedGeneration: 1,
  };
  const status: ChangePlanStatus | undefined = phase && {
    observedGeneration: 1,
    conditions: [ready],
    phase,
    waves: [1],
    failed: [],
    approvedBy: [],
    since: at,
  };
  expect(asksPeople(status ? { status } : {})).toBe(asks);
});
