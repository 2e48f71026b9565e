import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type DeskOptions, openOperatorDesk } from './desk.ts';

const names = Array.from({ length: 12 }, (_, k) => `r${String(k).padStart(5, '0')}`);

/** A network of twelve routers that was looked at, and whose operator has ended. */
async function pausedDesk(options: DeskOptions = {}) {
  const desk = await openOperatorDesk({ devices: names.length, ...options });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  await desk.pause();
  const right = readFileSync(join(desk.secretsFolder, 'routers-observe/privateKey'), 'utf8');
  const reasons = async () => {
    const devices = await Promise.all(names.map((name) => desk.device(name)));
    return devices.map((device) => device?.status?.conditions[0]?.reason);
  };
  return {
    desk,
    loginAs: (username: string) => desk.giveSecret('routers-observe', 'ssh-observe for *', { username, privateKey: right }),
    connections: async () => (await desk.routers.counts()).connections,
    reasons,
    allAre: (reason: string) => desk.until(`all to be ${reason}`, async () => (await reasons()).every((each) => each === reason)),
  };
}

test('an account that is refused meets as many routers as may refuse, and not one more', async () => {
  const { desk, loginAs, connections, allAre } = await pausedDesk({ fleet: { reads: { intervalSeconds: 3600, refusedLogins: 3 } } });
  loginAs('nobody');
  const before = await connections();
  await desk.resume();
  await allAre('AuthFailed');
  expect((await connections()) - before).toBe(3);
  const devices = await Promise.all(names.map((name) => desk.device(name)));
  const turnedAway = devices.filter((each) => each?.status?.conditions[0]?.message.includes('was not asked'));
  expect(turnedAway).toHaveLength(names.length - 3);
  expect(turnedAway[0]?.status?.conditions[0]).toMatchObject({
    status: 'Unknown',
    message: expect.stringMatching(/3 devices in a row refused the login.*Next: Check the observe account/) as string,
  });
  expect(await desk.metric('plumbline_logins_stopped')).toBe(1);
});

test('when the account works again one router is let through, and then all go on', async () => {
  const { desk, loginAs, allAre } = await pausedDesk({ retryLoginsMs: 1500, fleet: { reads: { intervalSeconds: 2, refusedLogins: 3 } } });
  loginAs('nobody');
  await desk.resume();
  await allAre('AuthFailed');
  loginAs('plumb-observe');
  await allAre('InSync');
  expect(await desk.metric('plumbline_logins_stopped')).toBe(0);
});

test('some routers that refuse stop nobody else', async () => {
  const { desk, reasons } = await pausedDesk({ fleet: { reads: { intervalSeconds: 2, refusedLogins: 3 } } });
  const refusing = names.slice(0, 2);
  await Promise.all(refusing.map((name) => desk.routers.setFault(name, { kind: 'refuses-login' })));
  await desk.resume();
  const wanted = names.map((name) => (refusing.includes(name) ? 'AuthFailed' : 'InSync'));
  await desk.until('the two to be refused', async () => (await reasons()).join() === wanted.join());
  const read = (await desk.routers.counts()).reads;
  await desk.until('everybody to be read again', async () => (await desk.routers.counts()).reads >= read + names.length);
  expect(await reasons()).toEqual(wanted);
  expect(await desk.metric('plumbline_logins_stopped')).toBe(0);
});
