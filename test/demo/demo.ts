/**
 * `make demo`: the corridor on real routers, as a user would walk it. Each step says what it does, runs `plumb`, and checks what came of it;
 * the demo fails when a router does not end as told. KEEP=1 leaves the network up.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commit, edit, type Example, git, plumb, plumbPath, upExample, write, writeSecret } from '../lab/example-network.ts';
import { lock } from '../lab/cache.ts';
import { down, whyNot } from '../lab/frr.ts';
import { upDhcpNetwork } from '../lab/dhcp-network.ts';
import { down as downKea, whyNot as whyNoKea } from '../lab/kea/index.ts';
import { bold, playSteps, run, say, seconds, type Step, tellFailure, until } from './stage.ts';
import {
  carefulRollout,
  fatalSection,
  longerTerm,
  newImportPolicy,
  officePool,
  ownSpaceTerm,
  ownSpaceTest,
  printerAddress,
  ringSession,
} from './story.ts';

const prefix = 'demo';
const keaPrefix = 'demokea';
const keep = process.env['KEEP'] === '1';
const routerNames = ['edge1-fra', 'core1-fra', 'core1-lon', 'edge1-lon'];

const steps: readonly Step<Example>[] = [
  ['A network that was made by hand becomes desired state', importNetwork],
  ['A mistake is found before anything is sent', findMistake],
  ['First contact: adopt what the routers hold', adoptNetwork],
  ['A pull request reorders two terms, and is stopped by what it would withdraw', stopReorder],
  ['A pull request brings a session between the edges', mergeSession],
  ['Somebody changes a router by hand', putBack],
  ['An import policy is swapped under live routes', swapPolicy],
  ['A password is rotated on both ends at once', rotatePassword],
  ['A change cuts the management path, and the router takes it back', surviveCut],
  ['A pull request reserves an address, and the printer gets it', reserveAddress],
  ['One pull request over four routers: plan, approval, canary, failure, way back, repair', rollOut],
];

async function main(): Promise<number> {
  const missing = whyNot();
  if (missing !== undefined) {
    say(`The demo needs real routers, and here they cannot run: ${missing}.`);
    say('As root on Debian, make demo installs what is missing and builds them in network namespaces.');
    return 1;
  }
  // The network has one name, so that a kept one is found again: a second demo would take the first one's routers down.
  using _mine = await lock(join(tmpdir(), `plumbline-demo-${userInfo().uid}.lock`), () =>
    say('Another demo runs on this machine; waiting for its end.'),
  );
  await down(prefix);
  const stop = (): void => {
    say('\nInterrupted: taking the network down.');
    void Promise.allSettled([down(prefix), downKea(keaPrefix)]).finally(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  say('Building four FRR routers in Frankfurt and London, a transit provider and a customer, each in a network namespace …');
  const example = await upExample(prefix, {
    ...(keep && { keep }),
    changeInitial: (router, config) =>
      router === 'edge1-lon' ? config.replace(/(neighbor 192\.0\.2\.2 description ).*/, '$1ticket 4711, ask before touching') : config,
  });
  try {
    say(`They run, their sessions are up (${seconds()} s). Git: the desired-state folder of this repository, in a clone of its own.`);
    await playSteps(steps, example);
    if (keep) explainKept(example);
    return 0;
  } catch (error) {
    tellFailure(error);
    return 1;
  } finally {
    if (!keep) await down(prefix);
  }
}

async function importNetwork({ lab, store }: Example): Promise<void> {
  say('Suppose that nobody had written a line of YAML, and these routers had grown by hand. From what they run now:');
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-demo-import-'));
  const imported = { repository: join(folder, 'desired-state'), secrets: join(folder, 'secrets'), store };
  try {
    mkdirSync(imported.repository);
    const files = await Promise.all(
      routerNames.map(async (name) => {
        const file = join(folder, `${name}.conf`);
        writeFileSync(file, await lab.vtysh(name, 'show running-config'), { mode: 0o600 });
        return file;
      }),
    );
    await run(imported, 0, 'import', 'device', ...files, '--secrets-out', imported.secrets);
    await run(imported, 0, 'check');
    say('✓ what was written renders back to the four configurations with no difference; the password of the cores is a reference');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function stopReorder(example: Example): Promise<void> {
  await git(example, 'checkout', '-q', '-b', 'reorder');
  edit(example, 'policies/transit.yaml', ownSpaceTerm, `${ownSpaceTerm}${longerTerm(15)}`);
  write(example, 'own-space-test.yaml', ownSpaceTest);
  await commit(example, 'Never more specific routes to the provider, and what must stay so');
  await run(example, 0, 'check', '--all');
  say('The next one moves that term up, for tidiness. The lines are the same, and a diff of the text looks harmless:');
  edit(example, 'policies/transit.yaml', `${ownSpaceTerm}${longerTerm(15)}`, `${longerTerm(5)}${ownSpaceTerm}`);
  await commit(example, 'Terms that deny come first');
  const { stdout } = await run(example, 1, 'plan', 'edge1-fra', '--base', 'HEAD~1');
  if (!stdout.includes('no router of fra would announce 198.51.100.0/24')) throw new Error('the plan does not say what is withdrawn');
  await run(example, 1, 'check', '--all');
  say('✓ it would have taken the network off the Internet: the plan says so, and the check stops the pull request');
  await git(example, 'checkout', '-q', 'main');
}

async function findMistake(example: Example): Promise<void> {
  say('An engineer misspells a policy and forgets a digit:');
  edit(example, 'sessions/external.yaml', 'import: transit-in', 'import: transit-inn');
  edit(example, 'devices/core1-lon.yaml', '10.0.1.3/31', '10.0.1.33/31');
  await run(example, 1, 'check');
  await git(example, 'checkout', '-q', '.');
}

async function adoptNetwork(example: Example): Promise<void> {
  say(
    'Three routers are what Git says. On the fourth a person once wrote a note that Git does not have. Nothing is overwritten on first contact:',
  );
  await run(example, 1, 'drift');
  await run(example, 0, 'adopt', 'edge1-lon', '--yes');
  say('From now on Git wins, and the note is shown as what Git would change:');
  await run(example, 1, 'drift', 'edge1-lon');
}

async function mergeSession(example: Example): Promise<void> {
  await git(example, 'checkout', '-q', '-b', 'ring');
  write(example, 'sessions/ring.yaml', ringSession);
  await commit(example, 'A session between the edges');
  say('What a reviewer sees, without any router: what would be sent if the routers were what main says.');
  await run(example, 1, 'plan', '--base', 'main');
  await git(example, 'checkout', '-q', 'main');
  await git(example, 'merge', '-q', 'ring');
  say('Merged. Now from what the routers really hold, with a dead-man timer on each, read back, probed, confirmed:');
  await run(example, 0, 'apply', '-l', 'role=edge', '--yes');
  await example.lab.established('edge1-fra', 6);
  say('✓ the new session carries both families');
}

async function putBack(example: Example): Promise<void> {
  await example.lab.byHand(
    'edge1-fra',
    'configure terminal',
    'router bgp 64500',
    'neighbor 192.0.2.0 description test, will remove later',
    'neighbor 192.0.2.99 remote-as 64511',
    'end',
    'write',
  );
  await run(example, 1, 'drift', 'edge1-fra');
  say('The rogue neighbor is somebody else’s: reported, not removed. The description is ours:');
  await run(example, 1, 'apply', 'edge1-fra', '--yes');
  say('What is left is the rogue neighbor. Whoever put it there takes it away by hand:');
  await example.lab.byHand('edge1-fra', 'configure terminal', 'router bgp 64500', 'no neighbor 192.0.2.99', 'end', 'write');
  await run(example, 0, 'drift', 'edge1-fra');
}

async function swapPolicy(example: Example): Promise<void> {
  write(example, 'policies/transit-backup.yaml', newImportPolicy);
  edit(example, 'sessions/external.yaml', 'import: transit-in\n', 'import: transit-in-backup\n');
  await commit(example, 'Prefer the other provider');
  say(
    'The provider becomes the second choice. The new policy is made, then bound, and only then the old one goes; routes are counted meanwhile:',
  );
  const watch = watchRoutes(example);
  await run(example, 0, 'apply', 'edge1-fra', '--yes');
  const { least, looks } = await watch.end();
  if (least !== 20) throw new Error(`routes of the provider fell to ${least}`);
  say(`✓ looked ${looks} times while it happened: all 20 routes of the provider were accepted every time`);
}

async function rotatePassword(example: Example): Promise<void> {
  writeSecret(example, 'ibgp-cores', 'password', 'second-password-of-the-cores', 'bgp-password for role=core');
  say('Only one router is named, but one end alone would break the session: both change as one unit.');
  await run(example, 0, 'apply', 'core1-fra', '--yes');
  await Promise.all([example.lab.established('core1-fra', 4), example.lab.established('core1-lon', 4)]);
  say('✓ the session is up with the new password, which no plan, log or status has shown');
}

async function surviveCut(example: Example): Promise<void> {
  write(example, 'sections/tidy-up.conf', fatalSection);
  edit(example, 'devices/core1-lon.yaml', 'spec:\n', 'spec:\n  sections:\n    - {name: tidy-up, file: sections/tidy-up.conf}\n');
  await commit(example, 'Tidy up unused interfaces');
  say('The plan says that it touches the management path. Suppose somebody approves it all the same:');
  await run(example, 1, 'apply', 'core1-lon', '--yes', '--deadline', '32');
  say('Nobody could confirm, so the router put itself back. Git takes the change back as well:');
  await git(example, 'revert', '--no-edit', 'HEAD');
  await run(example, 0, 'drift', 'core1-lon');
  say('✓ nobody drove to London');
}

async function reserveAddress(): Promise<void> {
  const missing = whyNoKea();
  if (missing !== undefined) {
    say(`Left out: here is no real DHCP server: ${missing}.`);
    return;
  }
  await downKea(keaPrefix);
  const network = await upDhcpNetwork(keaPrefix);
  try {
    say('A Kea server for an office, in a repository of its own, and a printer that asks it for an address:');
    await run(network, 0, 'drift');
    const printer = await network.lab.client('printer', printerAddress);
    say(`✓ the printer has ${(await printer.lease4())?.address ?? 'nothing'}, one of the pool`);
    edit(
      network,
      'subnets/office.yaml',
      officePool,
      `${officePool}\n  reservations: [{hwAddress: '${printerAddress}', addresses: [192.0.2.5], hostname: printer}]`,
    );
    await commit(network, 'An address of its own for the printer');
    say('Merged. Kea takes a configuration whole; it is tested, set, read back, looked at until it serves, and saved:');
    await run(network, 0, 'apply', 'dhcp1', '--yes');
    const address = (await printer.lease4())?.address;
    if (address !== '192.0.2.5') throw new Error(`the printer got ${address ?? 'nothing'}, not 192.0.2.5`);
    say('✓ the printer asked again, and has 192.0.2.5');
  } finally {
    await network.lab.down();
  }
}

async function rollOut(example: Example): Promise<void> {
  say('From here on nobody runs an apply: the operator watches Git and the routers. It writes nothing that nobody approved.');
  write(example, 'reconcile.yaml', carefulRollout);
  await commit(example, 'One router first, watched for five seconds; when a change fails, all of it is taken back');
  const operator = startOperator(example);
  try {
    const inSync = async () => (await get(example, 'devices')).filter(({ status }) => status?.verdict === 'InSync').length === 4;
    await until('the operator to have seen four routers in sync', inSync);
    edit(example, 'sections/logging.conf', 'log syslog informational', 'log syslog notifications');
    edit(
      example,
      'sets/prefixes.yaml',
      '    - {prefix: 224.0.0.0/3, le: 32}\n',
      '    - {prefix: 224.0.0.0/3, le: 32}\n    - {prefix: 198.18.0.0/15, le: 32}\n',
    );
    await commit(example, 'Log less; the benchmark range has no place in the global table');
    say('Merged. Every check was green, and two people found it harmless. Nobody remembered that the provider announces just that range.');
    const plan = await planIn(example, 'Proposed');
    await run(example, 0, 'plan', 'show', plan);
    await run(example, 0, 'approve', plan, '--yes', '--reason', 'looks harmless');
    say('The canary is a core router. Then the others, and the edge in Frankfurt loses every route of its provider:');
    await planIn(example, 'Failed', plan);
    await run(example, 0, 'get', 'changeplans');
    await until('every router to hold what it held before', () => holdsRoutes(example));
    say('✓ the edge took it back, and what had been confirmed elsewhere was taken back as well: all 20 routes of the provider are there');
    edit(example, 'sets/prefixes.yaml', '    - {prefix: 198.18.0.0/15, le: 32}\n', '');
    await commit(example, 'The provider announces the benchmark range: let it in');
    // What failed stands there as a proposal too: only a plan of this commit is without the bogon.
    const repaired = await planIn(example, 'Proposed', undefined, (await git(example, 'rev-parse', 'HEAD')).trim());
    await run(example, 0, 'approve', repaired, '--yes', '--reason', 'without the bogon');
    await planIn(example, 'Succeeded', repaired);
    await until('four routers in sync', inSync);
    await run(example, 0, 'get', 'changeplans');
    if (!(await holdsRoutes(example))) throw new Error('routes of the provider are missing');
    say('✓ one router first, the others after it, nothing lost');
  } finally {
    operator.kill('SIGTERM');
    await once(operator, 'exit');
  }
}

function startOperator({ repository, store, secrets }: Example): ChildProcess {
  const argv = ['up', repository, '--ceiling', 'Approve', '--interval', '2', '--git-interval', '5', '--port', '0'];
  say(`\n  ${bold(`$ plumb ${argv.join(' ')} &`)}`);
  return spawn(plumbPath, argv, { env: { ...process.env, PLUMB_STORE: store, PLUMB_SECRETS: secrets, NO_COLOR: '1' }, stdio: 'ignore' });
}

interface Published {
  metadata: { name: string };
  spec?: { revision?: string };
  status?: { phase?: string; verdict?: string };
}

async function get(example: Example, kind: string): Promise<Published[]> {
  return JSON.parse((await plumb(example, ['get', kind, '-o', 'json'])).stdout || '[]') as Published[];
}

/** The name of a plan that came to stand there: of this one, or of one that was computed from this commit. */
async function planIn(example: Example, phase: string, name?: string, commitId = ''): Promise<string> {
  let found: string | undefined;
  await until(`a plan that is ${phase}`, async () => {
    const all = (await get(example, 'changeplans')).filter(({ metadata, spec }) =>
      name === undefined ? spec?.revision?.endsWith(commitId) : metadata.name === name,
    );
    found = all.find(({ status }) => status?.phase === phase)?.metadata.name;
    return found !== undefined;
  });
  return found ?? '';
}

async function holdsRoutes({ lab }: Example): Promise<boolean> {
  return (await countRoutes(lab)) === 20;
}

/** Routes that the edge accepts from the provider. */
async function countRoutes(lab: Example['lab']): Promise<number> {
  const summary = JSON.parse(await lab.vtysh('edge1-fra', 'show bgp ipv4 unicast summary json')) as {
    peers: Record<string, { pfxRcd: number }>;
  };
  return summary.peers['192.0.2.0']?.pfxRcd ?? 0;
}

/** Counts the accepted routes of the provider until told to end. */
function watchRoutes({ lab }: Example): { end: () => Promise<{ least: number; looks: number }> } {
  const stopped = new AbortController();
  let [least, looks] = [Number.POSITIVE_INFINITY, 0];
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      least = Math.min(least, await countRoutes(lab));
      looks++;
      await delay(100);
    }
  };
  const done = loop();
  return {
    end: async () => {
      stopped.abort();
      await done;
      return { least, looks };
    },
  };
}

function explainKept({ lab, repository, secrets, store }: Example): void {
  say(`\nThe network stays up. Try:
  export PLUMB_STORE=${store} PLUMB_SECRETS=${secrets}; cd ${repository}
  plumb drift; plumb why edge1-fra; plumb plan
  ip netns exec ${lab.router('edge1-fra').namespace} vtysh -N ${lab.router('edge1-fra').namespace} -c 'show bgp summary'
make demo takes it down and builds it again.`);
}

process.exitCode = await main();
