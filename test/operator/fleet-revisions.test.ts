import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type DeskOptions, openOperatorDesk, type OperatorDesk } from './desk.ts';

async function deskWith(options: DeskOptions = {}): Promise<OperatorDesk> {
  const desk = await openOperatorDesk(options);
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  return desk;
}

const fileOf = (device: string) => `sites/site0000/${device}.yaml`;
const headOf = ({ repository }: OperatorDesk) => `main@sha1:${repository.git('rev-parse', 'HEAD')}`;
/** What a Device of Git is not allowed to say: it stands in line 3 of its file. */
const broken = (desk: OperatorDesk, device: string) =>
  desk.edited(fileOf(device), '"kind": "Device"', '"kind": "Device",\n "colour": "red"');
const toldOf = (desk: OperatorDesk, kind: string) => desk.notices.filter((notice) => notice.kind === kind);

test('a repository is put in force, and every device of it is judged', async () => {
  const desk = await deskWith({ devices: 3 });
  expect(await desk.allJudged()).toEqual({ r00000: 'InSync', r00001: 'InSync', r00002: 'InSync' });
  const head = headOf(desk);
  expect(await desk.fleetReady('InForce')).toMatchObject({ status: 'True', message: `${head} is in force` });
  expect((await desk.fleet())?.status).toMatchObject({ revision: head, attemptedRevision: head });
  expect((await desk.look('r00001')).status).toMatchObject({ revision: head, appliedRevision: head });
  expect(toldOf(desk, 'Fleet')).toMatchObject([{ type: 'Normal', reason: 'InForce' }]);
  expect(toldOf(desk, 'Device')).toEqual([]);
});

test('a commit that changes one device is wanted of that device alone', async () => {
  const desk = await deskWith({ devices: 3 });
  const before = headOf(desk);
  const untouched = await desk.device('r00001');
  const after = desk.commit({ [fileOf('r00000')]: desk.edited(fileOf('r00000'), '198.18.0.0/24', '198.18.77.0/24') });
  await desk.deviceReady('r00000', 'Pending');
  expect((await desk.device('r00000'))?.status).toMatchObject({ revision: after, appliedRevision: before });
  expect((await desk.drift('r00000'))?.status?.differences.map(({ source }) => source?.file)).toContain(fileOf('r00000'));
  await desk.fleetReady('InForce', after);
  expect(await desk.device('r00001')).toEqual(untouched);
});

test('a commit with errors changes nothing: the last good revision stays, and every error is told with its place', async () => {
  const desk = await deskWith();
  const good = headOf(desk);
  const bad = desk.commit({ [fileOf('r00000')]: broken(desk, 'r00000'), [fileOf('r00001')]: broken(desk, 'r00001') });
  const ready = await desk.fleetReady('Invalid');
  expect(ready).toMatchObject({ status: 'False' });
  expect(ready.message).toMatch(new RegExp(`${bad} has 2 errors; first: ${fileOf('r00000')}:4:\\d+ .*colour.*${good} stays in force`));
  const fleet = await desk.fleet();
  expect(fleet?.status).toMatchObject({ revision: good, attemptedRevision: bad });
  expect(fleet?.status?.problems).toEqual([
    expect.stringMatching(/^sites\/site0000\/r00000\.yaml:4:\d+ UnknownField: /),
    expect.stringMatching(/^sites\/site0000\/r00001\.yaml:4:\d+ UnknownField: /),
  ]);
  expect(toldOf(desk, 'Fleet').at(-1)).toMatchObject({ type: 'Warning', reason: 'Invalid', message: ready.message });
  expect((await desk.look('r00000')).status).toMatchObject({ verdict: 'InSync', revision: good });
  expect(await desk.metric('plumbline_git_problems', { fleet: 'lab' })).toBe(2);

  const mended = desk.commit({
    [fileOf('r00000')]: desk.edited(fileOf('r00000'), ',\n "colour": "red"', ''),
    [fileOf('r00001')]: desk.edited(fileOf('r00001'), ',\n "colour": "red"', ''),
  });
  expect(await desk.fleetReady('InForce')).toMatchObject({ message: `${mended} is in force` });
  expect((await desk.fleet())?.status?.problems).toEqual([]);
});

test('a refused revision is told once and read once, however often it is looked at', async () => {
  let loads = 0;
  const desk = await deskWith({
    openSource: (_fleet, git) => {
      const source = git();
      const counting = async (...asked: Parameters<typeof source.look>) => {
        const found = await source.look(...asked);
        return { ...found, load: () => (loads++, found.load()) };
      };
      return { ...source, look: counting };
    },
  });
  desk.commit({ [fileOf('r00000')]: broken(desk, 'r00000') });
  await desk.fleetReady('Invalid');
  const [loaded, told] = [loads, desk.notices.length];
  for (let looks = 0; looks < 3; looks++) await desk.lookAtFleet();
  expect([loads, desk.notices.length]).toEqual([loaded, told]);
  expect((await desk.fleet())?.status?.problems).toHaveLength(1);
});

test('an operator that starts while the newest commit has errors goes on with the last good one', async () => {
  const desk = await deskWith();
  const good = headOf(desk);
  desk.commit({ [fileOf('r00000')]: broken(desk, 'r00000') });
  await desk.fleetReady('Invalid');
  await desk.pause();
  await desk.routers.edit('r00001', ['router bgp 64500', ' address-family ipv4 unicast', '  network 203.0.113.0/24']);
  await desk.resume();
  await desk.allJudged();
  await desk.deviceReady('r00001', 'Drifted');
  expect((await desk.lookAtFleet()).status).toMatchObject({ revision: good });
  expect(await desk.fleetReady('Invalid')).toMatchObject({ message: expect.stringContaining(`${good} stays in force`) });
});

test('an operator that starts while the repository is away goes on with what its mirror keeps', async () => {
  const desk = await deskWith();
  await desk.pause();
  renameSync(desk.repository.folder, `${desk.repository.folder}-away`);
  await desk.resume();
  expect(await desk.allJudged()).toEqual({ r00000: 'InSync', r00001: 'InSync' });
  expect((await desk.look('r00000')).status).toMatchObject({ verdict: 'InSync' });
  expect((await desk.fleetReady('SourceRepositoryNotFound')).message).toMatch(/stays in force$/);
});

test('an operator that starts with nothing while the repository is away goes on with the last good one when it is back', async () => {
  const desk = await deskWith();
  const good = headOf(desk);
  await desk.pause();
  rmSync(join(desk.folder, 'mirrors'), { recursive: true });
  renameSync(desk.repository.folder, `${desk.repository.folder}-away`);
  await desk.resume();
  expect((await desk.fleetReady('SourceRepositoryNotFound')).message).toContain('no device is looked at');
  renameSync(`${desk.repository.folder}-away`, desk.repository.folder);
  desk.commit({ [fileOf('r00000')]: broken(desk, 'r00000') });
  expect((await desk.fleetReady('Invalid', `${good} stays in force`)).status).toBe('False');
  expect((await desk.look('r00001')).status).toMatchObject({ verdict: 'InSync', revision: good });
});

test('a device that cannot be rendered stands alone in it', async () => {
  const desk = await deskWith({ devices: 3 });
  desk.commit({
    'sections/banner.njk': 'banner motd line {{ device.greeting.words }}\n',
    [fileOf('r00001')]: desk.edited(
      fileOf('r00001'),
      '"spec": {',
      '"spec": {"sections": [{"name": "banner", "template": "sections/banner.njk"}],',
    ),
  });
  const ready = await desk.deviceReady('r00001', 'Invalid');
  expect(ready).toMatchObject({ status: 'False', message: expect.stringMatching(/banner\.njk:1:\d+ .*greeting/) });
  expect(await desk.fleetReady('InForce')).toMatchObject({ status: 'True' });
  expect((await desk.look('r00000')).status).toMatchObject({ verdict: 'InSync' });
  expect((await desk.look('r00002')).status).toMatchObject({ verdict: 'InSync' });
});

const takeBack = (desk: OperatorDesk) => (desk.repository.git('revert', '--no-edit', 'HEAD'), desk.commit({}));
const moveAway = (desk: OperatorDesk) => (renameSync(desk.repository.folder, `${desk.repository.folder}-away`), desk.operator.hint());
const putBack = (desk: OperatorDesk) => (renameSync(`${desk.repository.folder}-away`, desk.repository.folder), desk.operator.hint());
const renameBranch = (desk: OperatorDesk, from: string, to: string) => (
  desk.repository.git('branch', '-m', from, to), desk.operator.hint()
);

test.each<{ name: string; reason: string; breakIt: (desk: OperatorDesk) => unknown; mendIt: (desk: OperatorDesk) => unknown }>([
  {
    name: 'a commit without any Device',
    reason: 'FleetEmpty',
    breakIt: (desk) => desk.commit({ sites: undefined, 'policies.yaml': undefined, 'notes.md': 'moved\n' }),
    mendIt: takeBack,
  },
  {
    name: 'a commit without any file',
    reason: 'SourcePathNotFound',
    breakIt: (desk) => desk.commit({ sites: undefined, 'policies.yaml': undefined }),
    mendIt: takeBack,
  },
  { name: 'a repository that is away', reason: 'SourceRepositoryNotFound', breakIt: moveAway, mendIt: putBack },
  {
    name: 'a branch that is gone',
    reason: 'SourceRefNotFound',
    breakIt: (desk) => renameBranch(desk, 'main', 'trunk'),
    mendIt: (desk) => renameBranch(desk, 'trunk', 'main'),
  },
])('$name removes nothing, and is forgiven when it is over', async ({ reason, breakIt, mendIt }) => {
  const desk = await deskWith();
  const good = headOf(desk);
  breakIt(desk);
  const ready = await desk.fleetReady(reason);
  expect(ready).toMatchObject({ status: 'False', message: expect.stringContaining(`${good} stays in force`) });
  expect((await desk.look('r00000')).status).toMatchObject({ verdict: 'InSync', revision: good });
  expect((await desk.fleet())?.status).toMatchObject({ revision: good, releasing: [] });
  mendIt(desk);
  await desk.fleetReady('InForce');
  expect(await desk.allJudged()).toEqual({ r00000: 'InSync', r00001: 'InSync' });
  expect(toldOf(desk, 'Fleet').map((notice) => notice.reason)).toEqual(['InForce', reason, 'InForce']);
});

test('a fetch that breaks off in the middle removes nothing', async () => {
  const desk = await deskWith();
  const good = headOf(desk);
  // An object that the new commit needs is missing at the host, as after a broken push or a half-synced replica.
  const blob = execFileSync('git', ['-C', desk.repository.folder, 'hash-object', '-w', '--stdin'], {
    input: 'kind: half\n',
    encoding: 'utf8',
  }).trim();
  desk.repository.git('update-index', '--add', '--cacheinfo', `100644,${blob},half.yaml`);
  desk.repository.git('commit', '--quiet', '--message', 'half');
  renameSync(join(desk.repository.folder, '.git/objects', blob.slice(0, 2), blob.slice(2)), join(desk.folder, 'lost-object'));
  desk.operator.hint();
  const ready = await desk.fleetReady('SourceAnswerRefused');
  expect(ready.message).toContain(`${good} stays in force`);
  expect((await desk.look('r00001')).status).toMatchObject({ verdict: 'InSync', revision: good });
  renameSync(join(desk.folder, 'lost-object'), join(desk.repository.folder, '.git/objects', blob.slice(0, 2), blob.slice(2)));
  desk.repository.git('rm', '--quiet', '--cached', 'half.yaml');
  const mended = desk.commit({});
  await desk.fleetReady('InForce', mended);
});

/** A set that may lose a fifth of its prefixes from one revision to the next. */
const resellers = (count: number) => ({
  'resellers.yaml':
    'apiVersion: plumbline.dev/v1alpha1\nkind: PrefixSet\nmetadata: {name: resellers}\nspec: {entriesFile: resellers.txt, maxShrinkPercent: 20}\n',
  'resellers.txt': Array.from({ length: count }, (_, k) => `198.51.100.${k}/32\n`).join(''),
});

/** What is refused is refused by the next process too. */
async function restartWhileRefused(desk: OperatorDesk): Promise<void> {
  desk.commit(resellers(10));
  await desk.fleetReady('Invalid', 'PrefixSetShrinks');
  await desk.pause();
  await desk.resume();
  await desk.lookAtFleet();
  await desk.fleetReady('Invalid', 'PrefixSetShrinks');
}

test.each<{ name: string; happens: (desk: OperatorDesk) => Promise<unknown> }>([
  { name: 'nothing', happens: () => Promise.resolve() },
  {
    name: 'that Git was away',
    happens: async (desk) => {
      moveAway(desk);
      await desk.fleetReady('SourceRepositoryNotFound');
      putBack(desk);
      await desk.fleetReady('InForce');
    },
  },
  {
    name: 'a commit without any Device',
    happens: async (desk) => {
      desk.commit({ sites: undefined, 'policies.yaml': undefined, 'resellers.yaml': undefined, 'notes.md': 'moved\n' });
      await desk.fleetReady('FleetEmpty');
      desk.repository.git('revert', '--no-commit', 'HEAD');
    },
  },
  {
    name: 'another operator',
    happens: async (desk) => {
      await desk.pause();
      await desk.resume();
    },
  },
  {
    name: 'another operator while it was refused already',
    happens: async (desk) => {
      await restartWhileRefused(desk);
      takeBack(desk);
    },
  },
  {
    name: 'another operator while it was refused already, and it was never taken back',
    happens: restartWhileRefused,
  },
  {
    name: 'a while in which the Fleet was suspended',
    happens: async (desk) => {
      await desk.plumb('suspend');
      await desk.fleetReady('Suspended');
      desk.commit(resellers(10));
      await desk.plumb('unsuspend');
      await desk.fleetReady('Invalid', 'PrefixSetShrinks');
      takeBack(desk);
    },
  },
])('what may change from one revision to the next is held against the one in force, whatever came between: $name', async ({ happens }) => {
  const desk = await deskWith();
  const good = desk.commit(resellers(100));
  await desk.fleetReady('InForce', good);
  await happens(desk);
  const shrunk = desk.commit(resellers(79));
  const refused = await desk.fleetReady('Invalid', shrunk);
  expect(refused.message).toMatch(/PrefixSetShrinks.*from 100 entries/);
  const next = desk.commit(resellers(80));
  await desk.fleetReady('InForce', next);
});

test('a person who pins an older revision gets it, however much smaller it is', async () => {
  const desk = await deskWith();
  const small = desk.commit(resellers(10));
  await desk.fleetReady('InForce', small);
  await desk.fleetReady('InForce', desk.commit(resellers(100)));
  await desk.setFleet((spec) => ({ ...spec, revision: small }));
  await desk.fleetReady('InForce', small.slice(-40));
});

test('another path of the same commit is another desired state', async () => {
  const desk = await deskWith();
  desk.commit({ 'elsewhere/empty.md': 'nothing yet\n' });
  await desk.fleetReady('InForce', headOf(desk));
  await desk.setFleet((spec) => ({ ...spec, path: 'elsewhere' }));
  await desk.fleetReady('FleetEmpty');
  await desk.setFleet((spec) => ({ ...spec, path: 'no-such-folder' }));
  const ready = await desk.fleetReady('SourcePathNotFound', 'no folder no-such-folder');
  expect(ready.status).toBe('False');
  await desk.setFleet((spec) => ({ ...spec, path: '.' }));
  await desk.fleetReady('InForce');
  expect(await desk.allJudged()).toEqual({ r00000: 'InSync', r00001: 'InSync' });
});

test('history that goes backwards is refused, also after a restart, until a person allows it', async () => {
  const desk = await deskWith();
  const first = headOf(desk);
  const second = desk.commit({ 'notes.md': 'one\n' });
  await desk.fleetReady('InForce', second);
  desk.repository.git('reset', '--quiet', '--hard', 'HEAD~1');
  desk.operator.hint();
  expect((await desk.fleetReady('HistoryRewound')).message).toContain(`${second} stays in force`);
  await desk.pause();
  await desk.resume();
  await desk.lookAtFleet();
  await desk.fleetReady('HistoryRewound');
  await desk.setFleet((spec) => ({ ...spec, allowRewind: true }));
  await desk.fleetReady('InForce', first);
});

test('a pinned revision stays in force while the branch goes on, and is left when the pin is taken away', async () => {
  const desk = await deskWith();
  const first = headOf(desk);
  await desk.setFleet((spec) => ({ ...spec, revision: first }));
  const second = desk.commit({ [fileOf('r00000')]: desk.edited(fileOf('r00000'), '198.18.0.0/24', '198.18.77.0/24') });
  const pinned = (await desk.lookAtFleet()).status?.revision;
  expect(pinned).toContain(first.slice(-40));
  expect((await desk.look('r00000')).status).toMatchObject({ verdict: 'InSync' });
  await desk.setFleet((spec) => void delete spec.revision);
  await desk.fleetReady('InForce', second);
  await desk.deviceReady('r00000', 'Pending');
});
