import { expect, it } from 'vitest';
import type { DevicePlan } from '../../api/index.ts';
import { type DraftFacts, draftPlans } from './draft-plans.ts';
import type { Proposal } from './proposal.ts';

/** A new password of the session with `neighbor`, which both ends must get at once. */
function proposal(device: string, neighbor: string): [string, Proposal] {
  const command = { path: ['router bgp 64500'], text: `neighbor ${neighbor} password <secret:hmac-${'1'.repeat(32)}>` };
  const plan: DevicePlan = {
    effect: {
      device,
      platform: 'frr',
      commands: [command],
      rollback: [{ ...command, text: command.text.replace('1', '0') }],
      secretVersions: {},
      resets: [{ neighbor, vrf: 'default', because: command.text }],
      gaps: [],
      deferred: [],
      risk: 'medium',
      riskReasons: [],
    },
    effectDigest: `sha256:${device}`,
    provenance: { revision: '', renderedDigest: '', templatesDigest: '', liveFingerprint: '', deviceVersion: '' },
    predicted: {},
    proof: { forward: true, rollback: true, checked: 1, of: 1 },
  };
  const counts = { owned: 1, inSync: 0, unmanaged: 0 };
  const removals = { owned: 1, removed: [] };
  const verdict = { device, verdict: 'Pending' as const, at: '', revision: '', differences: [], counts };
  const facts = { verdict, removals, startupDiffers: false, problems: [] };
  return [device, { device: { name: device, mode: 'Approve' }, planned: { plan, removals, problems: [] }, facts } as unknown as Proposal];
}

const facts = (given: Partial<DraftFacts> = {}): DraftFacts => ({
  proposals: new Map([proposal('rr1', '192.0.2.2'), proposal('rr2', '192.0.2.1'), proposal('edge1', '192.0.2.9')]),
  sessions: [
    {
      name: 'rr1-rr2',
      ends: [
        { device: 'rr1', neighbor: '192.0.2.2', vrf: 'default' },
        { device: 'rr2', neighbor: '192.0.2.1', vrf: 'default' },
      ],
    },
  ],
  revision: 'main@sha1:1',
  at: new Date('2026-11-20T12:00:00.000Z'),
  groupsOf: () => [],
  quarantineOf: () => undefined,
  peerProblems: () => [],
  rejectedBy: () => undefined,
  haltedBy: () => undefined,
  stoppedBy: () => undefined,
  ...given,
});

it('puts devices that must change together into one set', () => {
  expect(draftPlans(facts()).plans.Approve.sets).toEqual([['edge1'], ['rr1', 'rr2']]);
});

it('says of a set that no budget will ever have room for why, and which way out there is, and plans the others', () => {
  const groupsOf = (device: string) => (device.startsWith('rr') ? [{ group: 'redundancyGroup reflectors', max: 1 }] : []);
  const { plans, blocked } = draftPlans(facts({ groupsOf }));
  expect(plans.Approve.sets).toEqual([['edge1']]);
  expect([...blocked.keys()]).toEqual(['rr1', 'rr2']);
  expect(blocked.get('rr2')).toMatchObject({ reason: 'BudgetTooSmall', message: expect.stringContaining('rr1, rr2: change together') });
  expect(blocked.get('rr2')?.message).toContain('redundancyGroups of the devices');
});
