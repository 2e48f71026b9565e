import { describe, expect, it, test } from 'vitest';
import { DeviceStatus, type DeviceVerdict, type Difference, type UnknownReason } from '../../api/index.ts';
import { type DeviceFacts, describeDevice, revisionOf } from './device-status.ts';

const at = new Date('2026-11-21T10:00:00.000Z');
const later = new Date('2026-11-21T11:00:00.000Z');
type Judged = Exclude<DeviceVerdict, { verdict: 'Unknown' }>;

const difference = (verdict: Difference['verdict'], line: string): Difference => ({
  path: ['router bgp 64500', line],
  verdict,
  severity: 'warning',
  since: at.toISOString(),
});
const judged = (verdict: Judged['verdict'], ...differences: Difference[]): Judged => ({
  device: 'edge1-fra',
  verdict,
  at: at.toISOString(),
  revision: 'main@sha1:1',
  differences,
  counts: { owned: 40, inSync: 40 - differences.length, unmanaged: 0 },
});
const unknown = (reason: UnknownReason): DeviceVerdict => ({
  device: 'edge1-fra',
  verdict: 'Unknown',
  at: at.toISOString(),
  revision: 'main@sha1:1',
  reason,
  message: 'edge1-fra does not answer',
  next: 'Look at the way to it',
});
const inSync = judged('InSync');
const drifted = judged('Drifted', difference('Drifted', 'description'), difference('Pending', 'timers'));
const held = { by: 'mona', reason: 'case 4711', where: 'Object' as const };

/** A status after a look with these facts, held to what the CRD takes. */
function after(facts: Partial<DeviceFacts> = {}): DeviceStatus {
  return DeviceStatus.parse(
    describeDevice({
      device: 'edge1-fra',
      last: undefined,
      generation: 1,
      at,
      outcome: inSync,
      digest: 'sha256:a',
      revision: 'main@sha1:1',
      signers: undefined,
      mode: 'Report',
      standing: undefined,
      receipt: undefined,
      held: undefined,
      version: '8.4.4',
      requestedAt: undefined,
      ...facts,
    }),
  );
}

describe('Ready of a device', () => {
  it.each<{ name: string; facts: Partial<DeviceFacts>; status: string; reason: string; says: string }>([
    {
      name: 'is True when it is what Git says',
      facts: {},
      status: 'True',
      reason: 'InSync',
      says: 'edge1-fra is what Git says at main@sha1:1',
    },
    { name: 'stays True under a hold', facts: { held }, status: 'True', reason: 'InSync', says: 'is what Git says' },
    {
      name: 'names how many lines differ, by verdict, the first, and the next step',
      facts: { outcome: drifted },
      status: 'False',
      reason: 'Drifted',
      says: '2 lines differ: 1 Drifted, 1 Pending; first: router bgp 64500 > description. Next: ',
    },
    {
      name: 'says one line in the singular',
      facts: { outcome: judged('Pending', difference('Pending', 'x')) },
      status: 'False',
      reason: 'Pending',
      says: '1 line differs: 1 Pending',
    },
    {
      name: 'is Diverged when both moved',
      facts: { outcome: judged('Diverged', difference('Diverged', 'x')) },
      status: 'False',
      reason: 'Diverged',
      says: '1 Diverged',
    },
    {
      name: 'is Unadopted at first contact',
      facts: { outcome: judged('Unadopted', difference('Unadopted', 'x')) },
      status: 'False',
      reason: 'Unadopted',
      says: 'plumb adopt edge1-fra',
    },
    {
      name: 'is Held while a person holds what differs',
      facts: { outcome: drifted, held },
      status: 'False',
      reason: 'Held',
      says: 'Held by mona (case 4711). 2 lines differ',
    },
    {
      name: 'says what its change waits for',
      facts: { outcome: drifted, standing: { reason: 'ApprovalRequired', message: 'plan-1: one person must approve' } },
      status: 'False',
      reason: 'ApprovalRequired',
      says: '2 lines differ: 1 Drifted, 1 Pending; first: router bgp 64500 > description. plan-1: one person must approve',
    },
    {
      name: 'is Held whatever its change waits for',
      facts: { outcome: drifted, held, standing: { reason: 'ApprovalRequired', message: 'plan-1: one person must approve' } },
      status: 'False',
      reason: 'Held',
      says: 'Held by mona',
    },
    {
      name: 'is Unknown when the device is, with the next step',
      facts: { outcome: unknown('Unreachable') },
      status: 'Unknown',
      reason: 'Unreachable',
      says: 'edge1-fra does not answer. Next: Look at the way to it',
    },
    {
      name: 'is Unknown also under a hold: nobody knows whether it differs',
      facts: { outcome: unknown('PartialRead'), held },
      status: 'Unknown',
      reason: 'PartialRead',
      says: 'does not answer',
    },
    {
      name: 'is Unknown while the Fleet is suspended',
      facts: { outcome: { kind: 'Suspended', message: 'The Fleet is suspended' } },
      status: 'Unknown',
      reason: 'Suspended',
      says: 'suspended',
    },
    {
      name: 'is False when Git cannot be rendered for it',
      facts: { outcome: { kind: 'Invalid', message: 'a.yaml:3:5' } },
      status: 'False',
      reason: 'Invalid',
      says: 'a.yaml:3:5',
    },
  ])('$name', ({ facts, status, reason, says }) => {
    const [ready] = after(facts).conditions;
    expect(ready).toMatchObject({ type: 'Ready', status, reason, observedGeneration: 1 });
    expect(ready?.message).toContain(says);
  });

  it('keeps its time while its status is the same, whatever the reason', () => {
    const first = after({ outcome: drifted });
    const second = after({ outcome: judged('Pending', difference('Pending', 'x')), last: first, at: later });
    expect(second.conditions[0]?.lastTransitionTime).toBe(at.toISOString());
    expect(after({ last: second, at: later }).conditions[0]?.lastTransitionTime).toBe(later.toISOString());
  });
});

describe('the status of a device', () => {
  it('is the same after every look at a device that stands still', () => {
    for (const outcome of [inSync, drifted, unknown('Unreachable')]) {
      const first = after({ outcome });
      const again = 'differences' in outcome ? { ...outcome, at: later.toISOString() } : outcome;
      expect(after({ outcome: again, last: first, at: later })).toEqual(first);
    }
  });

  it('counts what differs while it is known, and says nothing of it while it is not', () => {
    expect(after({ outcome: drifted }).differences).toBe(2);
    expect(after().differences).toBe(0);
    expect(after({ outcome: unknown('Unreachable'), last: after({ outcome: drifted }) })).not.toHaveProperty('differences');
  });

  it('keeps the revision that last changed the device while commits change others', () => {
    const first = after();
    const second = after({ last: first, revision: 'main@sha1:2' });
    expect([second.revision, second.appliedRevision]).toEqual(['main@sha1:1', 'main@sha1:1']);
    const third = after({
      last: second,
      revision: 'main@sha1:3',
      digest: 'sha256:b',
      outcome: judged('Pending', difference('Pending', 'x')),
    });
    expect([third.revision, third.appliedRevision]).toEqual(['main@sha1:3', 'main@sha1:1']);
    const fourth = after({ last: third, revision: 'main@sha1:3', digest: 'sha256:b' });
    expect(fourth.appliedRevision).toBe('main@sha1:3');
  });

  it('keeps who signed what the device should be until it is that, and nobody after', () => {
    const proposed = after({ outcome: judged('Pending', difference('Pending', 'x')), signers: ['alice'] });
    expect(proposed.signers).toEqual(['alice']);
    const lost = after({ last: proposed, outcome: unknown('Unreachable'), signers: ['alice'] });
    expect(lost.signers).toEqual(['alice']);
    const reached = after({ last: lost, signers: ['alice'] });
    expect(reached.signers).toEqual([]);
    expect(after({ last: reached, outcome: drifted, signers: ['alice'] }).signers).toEqual([]);
    const next = after({ last: reached, digest: 'sha256:b', outcome: judged('Pending', difference('Pending', 'x')), signers: ['bob'] });
    expect(next.signers).toEqual(['bob']);
    expect(after({ outcome: drifted })).not.toHaveProperty('signers');
  });

  it('keeps what it knew when Git cannot be rendered or the device cannot be read', () => {
    const first = after();
    const invalid = after({
      last: first,
      digest: undefined,
      version: undefined,
      revision: 'main@sha1:2',
      outcome: { kind: 'Invalid', message: 'a.yaml:3:5' },
    });
    expect(invalid).toMatchObject({
      verdict: 'Unknown',
      digest: 'sha256:a',
      revision: 'main@sha1:1',
      appliedRevision: 'main@sha1:1',
      version: '8.4.4',
    });
  });

  it.each<[string, DeviceStatus | undefined, string | undefined, string]>([
    ['a device that was never looked at', undefined, 'sha256:a', 'main@sha1:2'],
    ['the same intended configuration', after(), 'sha256:a', 'main@sha1:1'],
    ['another one', after(), 'sha256:b', 'main@sha1:2'],
    ['one that was never rendered', after({ digest: undefined }), undefined, 'main@sha1:2'],
  ])('speaks of the right revision: %s', (_, last, digest, revision) => {
    expect(revisionOf(last, digest, 'main@sha1:2')).toBe(revision);
  });
});

test('what a device says at any length is cut to what a status takes', () => {
  const unknownFor = (message: string): DeviceVerdict => ({ ...unknown('Unreachable'), message }) as DeviceVerdict;
  expect(after({ version: '9'.repeat(500) }).version).toHaveLength(100);
  expect(after({ outcome: unknownFor('x'.repeat(100_000)) }).conditions[0]?.message).toHaveLength(32_768);
});
