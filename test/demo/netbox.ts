/**
 * `make demo-netbox`: Git, a real NetBox and real FRR routers side by side. Each of the three is wrong in turn; Plumbline says which one, and it is
 * set right. The demo fails when one of them does not end as told.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { lock } from '../lab/cache.ts';
import { commit, edit, type Example, exampleState, upExample } from '../lab/example-network.ts';
import { down, whyNot } from '../lab/frr.ts';
import { type NetBoxLab, up, whyNoNetBox } from '../lab/netbox/index.ts';
import { playSteps, run, say, seconds, type Step, tellFailure } from './stage.ts';

const prefix = 'demonb';
const device = 'edge1-fra';
const port = 'to-transit-a';
const file = `devices/${device}.yaml`;
const circuit = 'transit-a, circuit 4711';

interface Place {
  example: Example;
  netbox: NetBoxLab;
}

const steps: readonly Step<Place>[] = [
  ['NetBox is empty: what Git and the router agree on is written into it', makeRecord],
  ['NetBox is wrong: somebody edits the record', mendRecord],
  ['The router is wrong: somebody changes it by hand', mendRouter],
  ['Nobody is wrong: a merge that is not rolled out yet', rollOut],
  ['Git is wrong: a repair at night that was recorded in NetBox, and that Git does not know', mendGit],
  ['Three different words', settleConflict],
];

async function main(): Promise<number> {
  const missing = whyNot() ?? (await whyNoNetBox());
  if (missing !== undefined) {
    say(`The demo needs real routers and a real NetBox, and here they cannot run: ${missing}.`);
    say('As root on Debian, make demo-netbox installs what is missing, save for Python 3.12 or newer.');
    return 1;
  }
  using _mine = await lock(join(tmpdir(), `plumbline-demo-netbox-${userInfo().uid}.lock`), () =>
    say('Another demo of NetBox runs on this machine; waiting for its end.'),
  );
  await down(prefix);
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-demo-netbox-'));
  let netbox: NetBoxLab | undefined;
  const clear = async (): Promise<void> => {
    rmSync(folder, { recursive: true, force: true });
    await Promise.allSettled([down(prefix), netbox?.down()]);
  };
  const stop = (): void => {
    say('\nInterrupted: taking routers and NetBox down.');
    void clear().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    say('Starting a NetBox with PostgreSQL and Redis: half a minute, the first time on a machine up to ten minutes …');
    netbox = await up({ say: (line) => say(`» ${line}`) });
    // The only way that a token comes to plumb: arguments of a process are seen by everybody on the machine.
    Object.assign(process.env, { PLUMB_NETBOX_URL: netbox.url, PLUMB_NETBOX_TOKEN: netbox.token });
    say(`It runs (${seconds()} s). Building the FRR routers of the example, each in a network namespace …`);
    const example = await upExample(prefix, { state: writeState(folder) });
    say(`They run, their sessions are up (${seconds()} s).`);
    await playSteps(steps, { example, netbox });
    return 0;
  } catch (error) {
    tellFailure(error);
    return 1;
  } finally {
    await clear();
  }
}

/** The example, with interfaces that Git renders too: only then a router tells of them. */
function writeState(folder: string): string {
  const repository = join(folder, 'desired-state');
  cpSync(exampleState, repository, { recursive: true });
  edit({ repository }, 'profile.yaml', '  platform: frr\n', '  platform: frr\n  renderInterfaces: true\n');
  edit({ repository }, file, '    role: edge\n', '    role: edge\n    device-type: router\n');
  edit({ repository }, file, `    - name: ${port}\n`, `    - name: ${port}\n      description: ${circuit}\n`);
  return repository;
}

async function makeRecord({ example, netbox }: Place): Promise<void> {
  say('Somebody keeps sites, roles, types and platforms in NetBox. They are there; the routers are not.');
  const maker = await inNetBox(netbox, 'POST', 'dcim/manufacturers', { name: 'FRRouting', slug: 'frrouting' });
  await inNetBox(netbox, 'POST', 'dcim/device-types', { manufacturer: maker.id, model: 'Router', slug: 'router' });
  await inNetBox(netbox, 'POST', 'dcim/sites', { name: 'Frankfurt', slug: 'fra' });
  await inNetBox(netbox, 'POST', 'dcim/device-roles', { name: 'Edge', slug: 'edge', color: '9e9e9e' });
  await inNetBox(netbox, 'POST', 'dcim/platforms', { name: 'FRR', slug: 'frr' });
  await inNetBox(netbox, 'POST', 'ipam/rirs', { name: 'Documentation', slug: 'documentation' });
  await run(example, 0, 'drift', device);
  expect(await run(example, 1, 'netbox', 'diff', device), 'Missing');
  await run(example, 0, 'netbox', 'record', device, '--yes');
  await run(example, 0, 'netbox', 'diff', device);
  const before = await countChanges(netbox);
  await run(example, 0, 'netbox', 'record', device, '--yes');
  if ((await countChanges(netbox)) !== before) throw new Error('a second record left changes in NetBox');
  say('✓ Git, NetBox and the router say the same; recorded again, nothing was written');
}

async function mendRecord({ example, netbox }: Place): Promise<void> {
  await describe(netbox, 'transit-b, circuit 99');
  expect(await run(example, 1, 'netbox', 'diff', device), 'Behind');
  await run(example, 0, 'netbox', 'record', device, '--yes');
  await agree({ example, netbox }, circuit);
  say('✓ the record is right again, and its change log says by which commit');
}

async function mendRouter({ example, netbox }: Place): Promise<void> {
  await changeRouter(example, 'spare, please ignore');
  await run(example, 1, 'drift', device);
  say('NetBox is asked too. It says what Git says, so there is nothing to write into it:');
  await run(example, 0, 'netbox', 'diff', device);
  await run(example, 0, 'apply', device, '--yes');
  await agree({ example, netbox }, circuit);
  say('✓ the router was put back, NetBox was left alone');
}

async function rollOut({ example, netbox }: Place): Promise<void> {
  const next = 'transit-a, circuit 4712';
  edit(example, file, circuit, next);
  await commit(example, 'The provider moved us to another circuit');
  await run(example, 1, 'drift', device);
  say('NetBox says what the router still has. That is right until the change is rolled out:');
  await run(example, 0, 'netbox', 'diff', device);
  await run(example, 0, 'apply', device, '--yes');
  say('Now it is not:');
  expect(await run(example, 1, 'netbox', 'diff', device), 'Behind');
  await run(example, 0, 'netbox', 'record', device, '--yes');
  await agree({ example, netbox }, next);
  say('✓ router first, record after it');
}

async function mendGit({ example, netbox }: Place): Promise<void> {
  const repaired = 'transit-a, circuit 4713 since the fibre cut';
  await changeRouter(example, repaired);
  await describe(netbox, repaired);
  expect(await run(example, 1, 'netbox', 'diff', device), 'Ahead');
  say(
    'Two against one, and the router is not what it was when it last was as Git says. It is written into Git, where a person looks at it:',
  );
  await run(example, 0, 'capture', device, '--from', 'netbox');
  await commit(example, 'The repair of last night');
  await run(example, 0, 'drift', device);
  await agree({ example, netbox }, repaired);
  say('✓ nothing was sent to the router, nothing written into NetBox');
}

async function settleConflict({ example, netbox }: Place): Promise<void> {
  await changeRouter(example, 'unused');
  await describe(netbox, 'customer-b');
  expect(await run(example, 1, 'netbox', 'diff', device), 'Conflict');
  const written = await run(example, 1, 'netbox', 'record', device, '--yes');
  expect(written, 'nothing to write');
  say('Nothing is written while nobody knows who is right. A person finds out: Git is. The router first, then the record:');
  await run(example, 0, 'apply', device, '--yes');
  await run(example, 0, 'netbox', 'record', device, '--yes');
  await agree({ example, netbox }, 'transit-a, circuit 4713 since the fibre cut');
  say('✓ all three say the same');
}

/** None of the three differs, and they hold the description that is meant. */
async function agree({ example, netbox }: Place, description: string): Promise<void> {
  await run(example, 0, 'netbox', 'diff', device);
  const recorded = (await interfaceOf(netbox))['description'];
  const live = await example.lab.vtysh(device, 'show running-config');
  if (recorded !== description) throw new Error(`NetBox says ${String(recorded)}, not ${description}`);
  if (!live.includes(` description ${description}\n`)) throw new Error(`the router does not say ${description}`);
}

function expect({ stdout }: { stdout: string }, word: string): void {
  if (!stdout.includes(word)) throw new Error(`nothing was said of: ${word}`);
}

async function changeRouter({ lab }: Example, description: string): Promise<void> {
  say(`\n  ${device}# interface ${port} / description ${description}`);
  await lab.byHand(device, 'configure terminal', `interface ${port}`, `description ${description}`, 'end', 'write');
}

async function describe(netbox: NetBoxLab, description: string): Promise<void> {
  say(`\n  In NetBox: interface ${port} of ${device}, description: ${description}`);
  await inNetBox(netbox, 'PATCH', `dcim/interfaces/${(await interfaceOf(netbox)).id}`, { description });
}

type Row = Readonly<Record<string, unknown>> & { id: number };

async function interfaceOf(netbox: NetBoxLab): Promise<Row> {
  const { results } = await inNetBox<{ results: Row[] }>(netbox, 'GET', 'dcim/interfaces', undefined, `?device=${device}&name=${port}`);
  const [row] = results;
  if (!row || row['name'] !== port) throw new Error(`NetBox has no ${port} of ${device}`);
  return row;
}

async function countChanges(netbox: NetBoxLab): Promise<number> {
  return (await inNetBox<{ count: number }>(netbox, 'GET', 'core/object-changes', undefined, '?limit=1')).count;
}

/** What a person does in NetBox. */
async function inNetBox<Answer = Row>(netbox: NetBoxLab, method: string, path: string, body?: object, query = ''): Promise<Answer> {
  const answer = await fetch(`${netbox.url}/api/${path}/${query}`, {
    method,
    headers: { authorization: `Bearer ${netbox.token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`NetBox: ${method} ${path}: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
  return (await answer.json()) as Answer;
}

process.exitCode = await main();
