import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/kube/fake-clock.ts';
import { type Driver, driverErrors, type Target } from '../../drivers/index.ts';
import type { Outcome } from '../machine/table.ts';
import { applyInTurns, findUnwell } from './partners.ts';
import type { Bystander } from './ports.ts';
import type { Member, Run } from './run.ts';

const signal = new AbortController().signal;

/** Two servers of a pair; a server that is asked answers what `isWell` says of it then. */
function pair(isWell: (device: string) => boolean): { run: Run; clock: ReturnType<typeof createFakeClock> } {
  const clock = createFakeClock();
  const reach = (device: string): Bystander => {
    const probe: Driver['probe'] = async () =>
      isWell(device)
        ? { outcome: 'Probed', at: '', tookMs: 1, bootId: '', neighbors: [], checks: [] }
        : { outcome: 'NotReached', error: driverErrors.NotServing({ device, service: 'dhcp4', why: 'it waits for its partner' }) };
    return { device, driver: { probe } as Driver, target: { device } as Target };
  };
  const member = (device: string, partner: string, turn: number): Member => ({
    ...reach(device),
    expected: [],
    plan: undefined,
    armed: 'maybe',
    turn,
    partners: [reach(partner)],
  });
  const members = [member('primary', 'standby', 1), member('standby', 'primary', 0)];
  return { run: { members, clock, notes: new Set() } as unknown as Run, clock };
}

describe('the two servers of a pair', () => {
  it('change one after the other, who stands by first', async () => {
    const sent: string[] = [];
    const send = async (members: readonly Member[]): Promise<Outcome[]> => {
      sent.push(members.map(({ device }) => device).join());
      return members.map(() => 'applied');
    };
    expect(await applyInTurns(pair(() => true).run, send, signal)).toEqual(['applied', 'applied']);
    expect(sent).toEqual(['standby', 'primary']);
  });

  it('the second one is left alone when the first one refuses', async () => {
    const sent: string[] = [];
    const send = async (members: readonly Member[]): Promise<Outcome[]> => {
      sent.push(members.map(({ device }) => device).join());
      return members.map(() => 'rejected');
    };
    expect(await applyInTurns(pair(() => true).run, send, signal)).toEqual(['rejected']);
    expect(sent).toEqual(['standby']);
  });

  it('are unwell when one is, whoever it is; servers that nobody stands in for are not asked', async () => {
    expect(await findUnwell(pair(() => true).run.members, signal)).toBeUndefined();
    expect(await findUnwell(pair((device) => device !== 'primary').run.members, signal)).toMatchObject({ device: 'primary' });
    const alone = pair(() => false).run.members.map((member) => ({ ...member, partners: [] }));
    expect(await findUnwell(alone, signal)).toBeUndefined();
  });

  it('the second one waits until the first is well again, and is left alone when that does not come', async () => {
    const send = async (members: readonly Member[]): Promise<Outcome[]> => members.map(() => 'applied');
    let looks = 0;
    const slow = pair((device) => device !== 'standby' || ++looks > 3);
    const done = applyInTurns(slow.run, send, signal);
    for (let i = 0; i < 10; i++) await slow.clock.advance(1_000);
    expect(await done).toEqual(['applied', 'applied']);

    const dead = pair((device) => device !== 'standby');
    const given = applyInTurns(dead.run, send, signal);
    for (let i = 0; i < 60; i++) await dead.clock.advance(1_000);
    expect(await given).toEqual(['applied', 'lost']);
    expect(dead.run.reason).toMatchObject({ code: 'ProbeFailed', device: 'standby' });
  });
});
