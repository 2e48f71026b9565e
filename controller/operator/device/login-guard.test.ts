import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock, settle } from '../../../test/kube/fake-clock.ts';
import { createLoginGuard, createLoginGuards, type LoginEnd, type LoginGuard, type Trial } from './login-guard.ts';

const retryMs = 60_000;
let clock: FakeClock;
let guard: LoginGuard;
let limit: number;
beforeEach(() => {
  clock = createFakeClock();
  limit = 3;
  guard = createLoginGuard({ limit: () => limit, retryMs, clock });
});

const signal = new AbortController().signal;

/** One device after the other: each is asked, when the guard lets it, and answers so. */
async function ask(...answers: readonly (readonly [device: string, login: LoginEnd])[]): Promise<(boolean | 'not asked')[]> {
  const said: (boolean | 'not asked')[] = [];
  for (const [device, login] of answers) said.push((await guard.admit(device, signal))?.end(login) ?? 'not asked');
  return said;
}

/** Asks for many devices at the same time; those that were let through so far stand in `tried`. */
function askAtOnce(count: number): { tried: Trial[]; turnedAway: () => number } {
  const tried: Trial[] = [];
  let turnedAway = 0;
  for (let k = 0; k < count; k++) {
    void guard.admit(`r${k}`, signal).then((trial) => {
      if (trial) tried.push(trial);
      else turnedAway++;
    });
  }
  return { tried, turnedAway: () => turnedAway };
}

describe('a guard of logins', () => {
  it.each<{ name: string; answers: [string, LoginEnd][]; closed: boolean; count: number }>([
    { name: 'is open at first', answers: [], closed: false, count: 0 },
    {
      name: 'is open below the limit',
      answers: [
        ['r1', 'refused'],
        ['r2', 'refused'],
      ],
      closed: false,
      count: 2,
    },
    {
      name: 'closes at the limit',
      answers: [
        ['r1', 'refused'],
        ['r2', 'refused'],
        ['r3', 'refused'],
      ],
      closed: true,
      count: 3,
    },
    {
      name: 'counts a device that refuses again and again once: its own account is wrong',
      answers: [
        ['r1', 'refused'],
        ['r1', 'refused'],
        ['r1', 'refused'],
        ['r1', 'refused'],
      ],
      closed: false,
      count: 1,
    },
    {
      name: 'begins anew when somebody is let in',
      answers: [
        ['r1', 'refused'],
        ['r2', 'refused'],
        ['r3', 'accepted'],
        ['r4', 'refused'],
      ],
      closed: false,
      count: 1,
    },
    {
      name: 'learns nothing from who does not answer',
      answers: [
        ['r1', 'refused'],
        ['r2', 'unknown'],
        ['r3', 'refused'],
        ['r4', 'unknown'],
      ],
      closed: false,
      count: 2,
    },
  ])('$name', async ({ answers, closed, count }) => {
    await ask(...answers);
    expect({ closed: guard.closed(), count: guard.count() }).toEqual({ closed, count });
  });

  it('says once that it closed, and once that it opened', async () => {
    const refused = await ask(['r1', 'refused'], ['r2', 'refused'], ['r3', 'refused'], ['r4', 'refused']);
    expect(refused).toEqual([false, false, true, 'not asked']);
    await clock.advance(retryMs);
    expect(await ask(['r4', 'accepted'], ['r5', 'accepted'])).toEqual([true, false]);
  });

  it('follows a limit that is changed while it stands', async () => {
    await ask(['r1', 'refused'], ['r2', 'refused']);
    limit = 2;
    expect(guard.closed()).toBe(true);
    limit = 4;
    expect(guard.closed()).toBe(false);
  });
});

describe('while it is closed', () => {
  beforeEach(() => ask(['r1', 'refused'], ['r2', 'refused'], ['r3', 'refused']));

  it('nobody is asked, but one device after a while, and then none again', async () => {
    expect(await guard.admit('r4', signal)).toBeUndefined();
    await clock.advance(retryMs - 1);
    expect(await guard.admit('r4', signal)).toBeUndefined();
    await clock.advance(1);
    expect(await guard.admit('r5', signal)).toBeDefined();
    expect(await guard.admit('r6', signal)).toBeUndefined();
  });

  it('stays closed when the trial is refused or not answered, and opens for all when it is let in', async () => {
    await clock.advance(retryMs);
    await ask(['r1', 'refused']);
    await clock.advance(retryMs);
    await ask(['r9', 'unknown']);
    expect(guard.closed()).toBe(true);
    await clock.advance(retryMs);
    await ask(['r5', 'accepted']);
    expect(guard.closed()).toBe(false);
    expect(await ask(['r1', 'accepted'], ['r2', 'accepted'])).toEqual([false, false]);
  });
});

describe('while the account is not proven', () => {
  it('no more are tried at once than may refuse', async () => {
    const { tried, turnedAway } = askAtOnce(20);
    await settle();
    expect(tried).toHaveLength(3);
    for (const trial of tried.slice(0, 3)) trial.end('refused');
    await settle();
    expect(tried).toHaveLength(3);
    expect(turnedAway()).toBe(17);
  });

  it('all go on as soon as one is let in', async () => {
    const { tried } = askAtOnce(20);
    await settle();
    tried[0]?.end('accepted');
    await settle();
    expect(tried).toHaveLength(20);
  });

  it('those that do not answer make room for others, so that a dark site keeps nobody waiting', async () => {
    const { tried } = askAtOnce(20);
    await clock.advance(2_999);
    expect(tried).toHaveLength(3);
    await clock.advance(1);
    expect(tried).toHaveLength(6);
    tried[4]?.end('unknown');
    await settle();
    expect(tried).toHaveLength(7);
  });

  it.each<{ name: string; lately: () => Promise<unknown>; tried: number }>([
    { name: 'a login a moment ago is proof enough for all', lately: () => ask(['r1', 'accepted']), tried: 20 },
    {
      name: 'one refusal makes it careful again',
      lately: () => ask(['r1', 'accepted'], ['r2', 'refused']),
      tried: 2,
    },
    {
      name: 'an old login is no proof: the password may have been changed since',
      lately: () => ask(['r1', 'accepted']).then(() => clock.advance(10_000)),
      tried: 3,
    },
    { name: 'who did not answer proves nothing', lately: () => ask(['r1', 'unknown']), tried: 3 },
  ])('$name', async ({ lately, tried }) => {
    await lately();
    const asked = askAtOnce(20);
    await settle();
    expect(asked.tried).toHaveLength(tried);
  });

  it('who waits is let go when the work is called off', async () => {
    const off = new AbortController();
    askAtOnce(3);
    const waiting = guard.admit('r9', off.signal);
    off.abort(new Error('the operator ends'));
    await expect(waiting).rejects.toThrow('the operator ends');
  });
});

it('one account that is refused does not stop another one', async () => {
  const guards = createLoginGuards({ limit: () => 2, retryMs, clock });
  for (const device of ['r1', 'r2']) (await guards.of('routers').admit(device, signal))?.end('refused');
  expect([guards.of('routers').closed(), guards.of('switches').closed(), guards.closed()]).toEqual([true, false, true]);
  (await guards.of('switches').admit('s1', signal))?.end('accepted');
  expect(guards.closed()).toBe(true);
});
