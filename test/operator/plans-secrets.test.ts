import { expect, test } from 'vitest';
import { openPlanDesk } from './plan-desk.ts';
import { findSecrets, secretsIn, textsBelow } from './secret-search.ts';

test('no secret is found in any byte of store, artifacts, logs and output, after a password was changed, refused, and taken back', async (t) => {
  const [first, second] = ['canary-0c4f1e-of-the-first-password', 'canary-77b2a9-of-the-second-password'];
  const desk = await openPlanDesk(t, { devices: 3, sessionsPerDevice: 3 });
  await desk.follow('Approve');
  const said: string[] = [];
  const ask = async (...argv: string[]) => {
    const { stdout, stderr } = await desk.plumb(...argv);
    said.push(stdout, stderr);
    return stdout + stderr;
  };
  const give = async (password: string) => {
    desk.giveSecret('ibgp', 'bgp-password for *', { password });
    await desk.lookAtFleet();
    const plan = await desk.planIn('Proposed');
    expect(await ask('plan', 'show', plan.name)).toContain('password');
    await ask('plan', 'show', plan.name, '-o', 'json');
    await ask('get', 'changeplans', '-o', 'json');
    return plan;
  };

  const plan = await give(first);
  expect(plan.spec).toMatchObject({ devices: 3, sets: 1 });
  await desk.say(plan);
  await desk.planIn('Succeeded');
  expect(await desk.routers.running('r00001')).toContain(`password ${first}`);

  // A router that repeats, in its refusal, what it was asked.
  await desk.routers.setFault('r00001', { kind: 'rejects', words: 'password', message: `Bad word ${second}: neighbor password ${second}` });
  await desk.say(await give(second));
  expect((await desk.planIn('Failed')).status).toMatchObject({ progress: 'r', failed: ['r00000', 'r00001', 'r00002'] });
  for (const name of desk.names) expect(await desk.routers.running(name)).not.toContain(second);
  await desk.routers.setFault('r00001');
  await desk.say(await desk.planIn('Proposed'), { approver: 'luis' });
  const last = await desk.planIn('Succeeded', ({ name }) => name !== plan.name);
  expect(await desk.routers.running('r00001')).toContain(`password ${second}`);
  await ask('rollback', last.name, '--reason', 'worse than before', '--yes');
  for (const name of desk.names) await desk.look(name);
  for (const argv of [
    ['history', 'r00001'],
    ['events'],
    ['status'],
    ['logs'],
    ['get', 'devices', '-o', 'json'],
    ['get', 'changeapprovals'],
  ])
    expect(await ask(...argv)).not.toBe('');
  await desk.until('nothing at work', () => desk.operator.world.atWork.size === 0);
  await desk.pause();

  const secrets = [first, second, ...secretsIn(desk.secretsFolder)];
  const texts = textsBelow(desk.folder).filter(({ place }) => !place.startsWith('secrets/'));
  const everything = [
    ...texts,
    ...said.map((text) => ({ place: 'output', text })),
    { place: 'notices', text: JSON.stringify(desk.notices) },
  ];
  expect(texts.map(({ place }) => place)).toEqual(expect.arrayContaining([expect.stringMatching(/\.db$/), expect.stringMatching(/log/)]));
  expect(everything.some(({ text }) => text.includes('<secret:hmac-'))).toBe(true);
  expect(findSecrets(everything, secrets)).toEqual([]);
}, 600_000);
