import { expect, it } from 'vitest';
import type { DevicePlan } from '../../api/index.ts';
import { type BeginFacts, whyNot } from './may-begin.ts';
import type { Judgement, Proposal } from './proposal.ts';

const plan = {
  effect: { device: 'edge1', platform: 'frr', commands: [], rollback: [], resets: [] },
  effectDigest: 'sha256:e',
  proof: { forward: true, rollback: true },
} as unknown as DevicePlan;
const removals = { owned: 0, removed: [] };
const proposal = {
  device: { name: 'edge1', mode: 'Approve' },
  planned: { plan, removals, problems: [] },
  facts: { verdict: { verdict: 'Pending', differences: [] }, removals, startupDiffers: false, problems: [] },
} as unknown as Proposal;

const facts: BeginFacts = {
  proposals: new Map([['edge1', proposal]]),
  judgements: new Map([['edge1', { digest: 'd', verdict: 'Pending', atMs: 0 }]]),
  quarantineOf: () => undefined,
  peerProblems: () => [],
  leadsToGit: true,
  isInGit: () => true,
  awaitedPeer: () => undefined,
  changing: new Map(),
  heldBy: () => undefined,
  approvalOf: () => undefined,
  windowOf: () => ({ open: true }),
  createdAt: '',
  revision: 'main@sha1:0',
};

it('a set may begin when nothing is in its way', () => {
  expect(whyNot([plan], facts)).toMatchObject({ ok: true });
});

it.each<{ name: string; given: Partial<BeginFacts>; code: string; because: string; isBrief?: boolean }>([
  {
    name: 'a change of whomever has not ended on its device',
    given: { changing: new Map([['edge1', 'plan-9-ab']]) },
    code: 'ChangeInProgress',
    because: 'change plan-9-ab of edge1 has not ended',
  },
  {
    name: 'its device was not read yet',
    given: { judgements: new Map<string, Judgement>() },
    code: 'Pending',
    because: 'edge1 is being read',
    isBrief: true,
  },
  {
    name: 'the other end of a session that it resets was not read yet',
    given: { awaitedPeer: () => 'edge2' },
    code: 'Pending',
    because: 'edge2 is being read',
    isBrief: true,
  },
  {
    name: 'its device left Git',
    given: { judgements: new Map<string, Judgement>(), isInGit: () => false },
    code: 'Pending',
    because: 'edge1 left Git: it is not touched',
  },
])('a set does not begin while $name', ({ given, code, because, isBrief }) => {
  expect(whyNot([plan], { ...facts, ...given })).toEqual({ ok: false, code, because, ...(isBrief && { isBrief }) });
});

const judged = { state: 'Approved' as const, by: ['mona', 'luis'] };
const closed = { open: false, because: 'closed until tonight' };

it.each<{ name: string; given: Partial<BeginFacts>; because: string }>([
  { name: 'policy, where nobody is asked', given: {}, because: 'as policy says' },
  { name: 'those who approved this very set', given: { approvalOf: () => judged }, because: 'approved by luis, mona' },
  {
    name: 'who says that it cannot wait, and why',
    given: { approvalOf: () => ({ ...judged, overridesWindows: { by: ['mona'], reason: 'leak' } }), windowOf: () => closed },
    because: 'approved by luis, mona, outside of its windows: leak',
  },
])('the audit names $name', ({ given, because }) => {
  expect(whyNot([plan], { ...facts, ...given })).toMatchObject({ ok: true, because });
});

it('an approval does not open a window by itself', () => {
  expect(whyNot([plan], { ...facts, approvalOf: () => judged, windowOf: () => closed })).toMatchObject({ ok: false, code: 'WindowClosed' });
});
