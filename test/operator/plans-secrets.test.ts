import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { fleetPassword } from '../simulator/desired-state.ts';
import { openPlanDesk } from './plan-desk.ts';

/** Every text below a folder: files, each row of a database, and what is packed in them. */
function textsBelow(folder: string): { place: string; text: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const place = relative(folder, path);
      const whole = { place, text: readFileSync(path, 'latin1') };
      return whole.text.startsWith('SQLite format 3') ? [whole, ...rowsOf(path).map((text) => ({ place, text }))] : [whole];
    });
}

function rowsOf(path: string): string[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
  const values = tables.flatMap(({ name }) =>
    db
      .prepare(`SELECT * FROM "${name}"`)
      .all()
      .flatMap((row) => Object.values(row)),
  );
  db.close();
  return values.flatMap((value) => {
    if (value instanceof Uint8Array) return [inflateRawSync(value).toString()];
    if (typeof value !== 'string') return [];
    const packed = value.match(/H4sI[A-Za-z0-9+/]{20,}={0,2}/g) ?? [];
    return [value, ...packed.map((text) => gunzipSync(Buffer.from(text, 'base64')).toString())];
  });
}

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

  const keys = ['privateKey', 'password'].flatMap((key) =>
    ['routers-apply', 'routers-observe', 'ibgp'].flatMap((name) => {
      try {
        return [readFileSync(join(desk.secretsFolder, name, key), 'utf8')];
      } catch {
        return []; // not every Secret has every key
      }
    }),
  );
  // Of a private key any line of its body would do harm.
  const secrets = [
    first,
    second,
    fleetPassword,
    ...keys.flatMap((key) => key.split('\n').filter((line) => line.length > 20 && !line.includes('-----'))),
  ];
  const texts = textsBelow(desk.folder).filter(({ place }) => !place.startsWith('secrets/'));
  const everything = [
    ...texts,
    ...said.map((text) => ({ place: 'output', text })),
    { place: 'notices', text: JSON.stringify(desk.notices) },
  ];
  expect(texts.map(({ place }) => place)).toEqual(expect.arrayContaining([expect.stringMatching(/\.db$/), expect.stringMatching(/log/)]));
  expect(everything.some(({ text }) => text.includes('<secret:hmac-'))).toBe(true);
  const found = everything.flatMap(({ place, text }) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${place}: ${secret.slice(0, 12)}`),
  );
  expect(found).toEqual([]);
}, 600_000);
