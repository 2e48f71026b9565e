import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stateOf } from '../../test/builders/state.ts';
import type { CheckedState, DesiredObject } from '../api/index.ts';
import { type Driver, driverErrors } from '../drivers/index.ts';
import { systemClock } from '../lib/index.ts';
import { openSecrets, openStore, type Store } from '../store/index.ts';
import { settleOrphan } from './settle-orphan.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-orphan-'));
  store = await openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

type Answer = Awaited<ReturnType<Driver['rollback']>>;
const orphan = { device: 'r1', token: 'plan-1-ab', state: 'applied', holder: 'plumb@elsewhere', epoch: 7 };
const status = { outcome: 'Status', guardAlive: false, rebooted: false, persisted: false, epoch: 8 } as const;

function stateWith(mode: 'Report' | 'Approve'): CheckedState {
  const state = stateOf(`kind: ReconcilePolicy\nname: all\nspec:\n  selector: {}\n  mode: ${mode}\n`);
  const device = {
    kind: 'Device',
    metadata: { name: 'r1', labels: {} },
    spec: {
      platform: 'frr',
      management: { address: '192.0.2.1', port: 22, hostKeys: [] },
      credentials: { observe: { name: 'login' }, apply: { name: 'login' } },
    },
  } as unknown as DesiredObject<'Device'>;
  return { ...state, objects: { ...state.objects, Device: new Map([['r1', device]]) } };
}

async function settle(answer: Answer, mode: 'Report' | 'Approve' = 'Approve') {
  const asked: unknown[] = [];
  const rollback: Driver['rollback'] = async (_target, request) => {
    asked.push(request);
    return answer;
  };
  const environment = Object.fromEntries(
    ['USERNAME', 'PASSWORD'].flatMap((key) => [
      [`PLUMB_SECRET_LOGIN_${key}`, 'value'],
      [`PLUMB_SECRET_LOGIN_${key}_USE`, '* for *'],
    ]),
  );
  const secrets = openSecrets({ environment, versionKey: await store.versionKey() });
  const driver = { platform: 'frr', rollback } as unknown as Driver;
  const corridor = { clock: systemClock, store, secrets, driver: () => driver, timeoutMs: 5_000, close: async () => undefined };
  return { end: await settleOrphan(orphan, stateWith(mode), corridor), asked };
}

const left = driverErrors.RollbackIncomplete({ device: 'r1', lines: 1 });
const lost = driverErrors.ConnectionLost({ device: 'r1', during: 'rolling back', why: 'reset' });

describe('settleOrphan', () => {
  it.each<{ name: string; answer: Answer; end: object }>([
    { name: 'tells that the device went back', answer: { outcome: 'RolledBack', rebooted: false }, end: { end: 'RolledBack', rest: [] } },
    {
      name: 'shows what is left over',
      answer: { outcome: 'RollbackIncomplete', rest: ['+log syslog'], error: left },
      end: { end: 'RollbackIncomplete', rest: ['+log syslog'] },
    },
    {
      name: 'tells that it had been confirmed, and is saved now',
      answer: { outcome: 'TooLate', status: { ...status, state: 'confirmed', persisted: true } },
      end: { end: 'Confirmed', message: expect.stringContaining('is saved now') },
    },
    {
      name: 'tells that it had been confirmed, and could not be saved',
      answer: { outcome: 'TooLate', status: { ...status, state: 'confirmed' } },
      end: { end: 'Confirmed', message: expect.stringContaining('a reboot would undo it') },
    },
    {
      name: 'calls an end that was not seen OutcomeUnknown',
      answer: { outcome: 'Lost', error: lost },
      end: { end: 'OutcomeUnknown', message: expect.stringContaining('the next plumb apply asks again') },
    },
    {
      name: 'calls a device that is not done OutcomeUnknown',
      answer: { outcome: 'TooLate', status: { ...status, state: 'restoring', guardAlive: true } },
      end: { end: 'OutcomeUnknown' },
    },
  ])('$name', async ({ answer, end }) => {
    const told = await settle(answer);
    expect(told.end).toMatchObject({ device: 'r1', message: expect.stringContaining('change plan-1-ab by plumb@elsewhere'), ...end });
    // Above what the device has seen: who began the change cannot go on with it.
    expect(told.asked).toEqual([{ token: 'plan-1-ab', epoch: 8 }]);
    expect(await store.history.list('r1')).toMatchObject([{ event: (end as { end: string }).end, actor: expect.any(String) }]);
  });

  it('gives the refusal of the device back, and tells nothing of it in the history', async () => {
    const told = await settle({
      outcome: 'Refused',
      error: driverErrors.Unreachable({ device: 'r1', address: '192.0.2.1', why: 'timeout' }),
    });
    expect(told.end).toMatchObject({ code: 'Unreachable' });
    expect(await store.history.list('r1')).toEqual([]);
  });

  it('asks nothing of a device that policy allows to be reported only, and names the line that says so', async () => {
    const { end, asked } = await settle({ outcome: 'RolledBack', rebooted: false }, 'Report');
    expect(end).toMatchObject({ code: 'ReportOnly', message: expect.stringContaining('state.yaml:5') });
    expect(asked).toEqual([]);
  });
});
