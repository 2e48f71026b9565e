import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FleetSpec, type ReconcileMode } from '../../api/index.ts';
import { type FleetWords, readFleetFile } from '../../desired/index.ts';
import {
  openFolderSource,
  openGitSource,
  openNoticeLog,
  type Operator,
  operatorMetrics,
  operatorPool,
  type Runtime,
  startOperator,
  webhookReceivers,
} from '../../operator/index.ts';
import type { Corridor } from '../../pipeline/index.ts';
import { formatProblems } from '../../report/index.ts';
import { storeFolder } from '../../store/index.ts';
import { createReads, createWebhooks, serveWeb } from '../../web/index.ts';
import type { Context, FleetOptions } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { errors } from '../errors.ts';
import { readNamedFile } from '../files.ts';
import { keepHeapSmall } from '../heap.ts';
import { logFile, openLog } from '../log.ts';
import { lockStore } from '../operator-lock.ts';
import { readsToken } from '../reads-token.ts';
import { openRegistry } from '../process-metrics.ts';
import { summarize } from './summary.ts';
import { withCorridor } from './prepare.ts';

export interface UpOptions extends FleetOptions {
  interval: number;
  gitInterval: number;
  branch?: string;
  path?: string;
  gitSecret?: string;
  webhookSecret?: string;
  port: number;
  ceiling: ReconcileMode;
  once?: true;
  fleet?: string;
}

/** The Fleet of `plumb up`: one machine has one. */
const fleetName = 'local';

/** `plumb up`: the operator on this machine, with the store of this machine. */
export async function up(place: string, options: UpOptions, context: Context): Promise<ExitCode> {
  const { words, problems } = options.fleet === undefined ? noWords : readFleetFile(options.fleet, readNamedFile(options.fleet));
  if (problems.length > 0) {
    context.terminal.say(formatProblems(problems, context.terminal.style));
    return 1;
  }
  keepHeapSmall();
  return withCorridor(options, async (corridor) => runUp(place, options, words, corridor, context), operatorPool);
}

const noWords: ReturnType<typeof readFleetFile> = { words: {}, problems: [] };

async function runUp(place: string, options: UpOptions, words: FleetWords, corridor: Corridor, context: Context): Promise<ExitCode> {
  const source = placeOf(place);
  refuseUnused(source, options, words);
  const spec = specOf(source, options, words, context.typed);
  const folder = options.store ?? storeFolder(process.env);
  const release = lockStore(folder);
  try {
    return await runAlone({ place, source, spec, suspend: words.suspend, folder, options }, corridor, context);
  } finally {
    release();
  }
}

interface Run {
  place: string;
  source: Place;
  spec: FleetSpec;
  /** As the file of the Fleet says it. */
  suspend: boolean | undefined;
  folder: string;
  options: UpOptions;
}

async function runAlone({ place, source, spec, suspend, folder, options }: Run, corridor: Corridor, context: Context): Promise<ExitCode> {
  const { terminal, signal } = context;
  const registry = openRegistry();
  const { objects } = corridor.store;
  const log = openLog(logFile(folder));
  const runtime: Runtime = {
    corridor,
    objects,
    notify: openNoticeLog(objects, corridor.clock, log),
    log,
    metrics: operatorMetrics.on(registry),
    registry,
    cacheFolder: join(folder, 'mirrors'),
  };
  const token = readsToken(process.env);
  const running: { operator?: Operator } = {};
  const hooks = createWebhooks({
    receivers: () => webhookReceivers(running.operator?.fleets() ?? [], corridor.secrets),
    onHint: (_fleet, { requestId }, sender) => (sender === 'netbox' ? running.operator?.hintNetBox(requestId) : running.operator?.hint()),
    count: (result) => runtime.metrics.plumbline_webhooks_total.inc({ result }),
    clock: corridor.clock,
  });
  // Before anything is written: a port that is taken leaves all as it was.
  const web = await serveWeb({
    port: options.port,
    registry,
    ready: () => running.operator?.world.inForce !== undefined,
    healthy: () => true,
    mount: (app) => {
      app.route('/', hooks);
      if (token !== undefined) app.route('/', createReads({ token, text: () => running.operator?.lastReads() }));
    },
  });
  const stop = new AbortController();
  try {
    await declareFleet(objects, spec, suspend);
    const operator = await startOperator(
      runtime,
      {
        openSource: async (fleet) =>
          source.kind === 'folder'
            ? openFolderSource(join(source.folder, fleet.spec.path), corridor.clock)
            : openGitSource({
                fleet: fleet.name,
                spec: fleet.spec,
                cacheFolder: runtime.cacheFolder,
                secrets: corridor.secrets,
                clock: corridor.clock,
                allowLocal: true,
              }),
        // The Fleet of one machine says it: `reads.atOnce`.
        workers: 1000,
        knowsGroups: false,
        epoch: await corridor.store.epoch.lead(),
        keepsReads: token !== undefined,
      },
      AbortSignal.any([signal, stop.signal]),
    );
    running.operator = operator;
    terminal.say(`plumb up: ${place}; ${sayCeiling[spec.ceiling]}; metrics and health at ${web.url}; Ctrl-C ends it\n`);
    return await summarize(operator, { once: options.once === true, stop: () => stop.abort(), terminal, clock: corridor.clock, objects });
  } finally {
    stop.abort();
    await web.close();
    await running.operator?.done;
  }
}

type Place = { kind: 'folder'; folder: string } | { kind: 'url'; url: string };

/** A folder is read as it is: nothing of it is fetched, chosen or verified. Whoever asks for that must not believe that it is done. */
function refuseUnused({ kind }: Place, { branch, gitSecret }: UpOptions, { git, verify, revision }: FleetWords): void {
  const asked: Readonly<Record<string, unknown>> = {
    '--branch': branch,
    '--git-secret': gitSecret,
    'verify of the Fleet': verify,
    'revision of the Fleet': revision,
    'git.tag of the Fleet': git?.tag,
    'git.semver of the Fleet': git?.semver,
    'git.commit of the Fleet': git?.commit,
  };
  const [unused] = Object.keys(asked).filter((option) => asked[option] !== undefined);
  if (kind === 'folder' && unused !== undefined)
    throw errors.OptionsConflict({
      option: unused,
      with: 'a folder: it is read as it is, and only a repository by its address is fetched',
    });
}

/** A folder of this machine, or the address of a repository. */
function placeOf(place: string): Place {
  if (/^(https|ssh|file):\/\//.test(place)) return { kind: 'url', url: place };
  const refuse = (why: string) => errors.FileUnusable({ path: place, doing: 'read', why });
  const folder = resolve(place);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return { kind: 'folder', folder };
  if (found) throw refuse('it is a file, and the desired state is a folder');
  const [, login, path] = /^([\w.-]+@[\w.-]+):(?!\/\/)(.+)$/.exec(place) ?? [];
  if (login !== undefined) throw refuse(`there is no such folder; the address of a repository is written ssh://${login}/${path}`);
  if (/^\w+:\/\//.test(place)) throw refuse('the address of a repository begins with https:// or ssh://');
  throw refuse('there is no such folder');
}

const sayCeiling: Record<ReconcileMode, string> = {
  Report: 'nothing is written to a device',
  Approve: 'what people approve is written to devices',
  Enforce: 'what policy in Git allows is written to devices',
};

/** What stands on the command line outranks the file; what is said nowhere is the default. */
function specOf(source: Place, options: UpOptions, words: FleetWords, typed: readonly string[]): FleetSpec {
  const { branch, path, gitSecret, webhookSecret, interval, gitInterval, timeout, ceiling } = options;
  const { tag, semver, commit, ...git } = words.git ?? { url: '' };
  const follows = branch === undefined ? { tag, semver, commit } : { branch };
  const prefer = <T>(option: string, given: T, written: T | undefined) => (typed.includes(option) ? given : (written ?? given));
  const parsed = FleetSpec.safeParse({
    ...words,
    git: {
      ...git,
      ...follows,
      url: source.kind === 'url' ? source.url : `file://${source.folder}`,
      ...(gitSecret !== undefined && { secretRef: { name: gitSecret } }),
      intervalSeconds: prefer('--git-interval', gitInterval, git.intervalSeconds),
    },
    path: path ?? words.path ?? '.',
    ...(webhookSecret !== undefined && { webhook: { secretRef: { name: webhookSecret } } }),
    ceiling: prefer('--ceiling', ceiling, words.ceiling),
    reads: {
      ...words.reads,
      intervalSeconds: prefer('--interval', interval, words.reads?.intervalSeconds),
      timeoutSeconds: prefer('--timeout', timeout, words.reads?.timeoutSeconds),
    },
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = (issue?.path ?? []).join('.');
  throw errors.ArgumentRefused({ argument: argumentOf[field] ?? `${field || 'the Fleet'} of --fleet`, why: issue?.message ?? '' });
}

/** Which word of the command line a field of the Fleet comes from. */
const argumentOf: Readonly<Record<string, string>> = {
  'git.url': 'the address of the repository',
  'git.branch': '--branch',
  'git.secretRef.name': '--git-secret',
  'webhook.secretRef.name': '--webhook-secret',
  path: '--path',
};

/**
 * Writes the Fleet that the arguments describe. One that somebody suspended stays so until `plumb unsuspend`, or until the file of the Fleet says
 * otherwise: a restart must not begin again what was stopped.
 */
async function declareFleet(objects: Corridor['store']['objects'], spec: FleetSpec, suspend: boolean | undefined): Promise<void> {
  for (const { name } of await objects.list('Fleet')) if (name !== fleetName) await objects.delete('Fleet', name);
  const found = await objects.get<FleetSpec>('Fleet', fleetName);
  if (found) await objects.update<FleetSpec>({ ...found, spec: { ...spec, suspend: suspend ?? found.spec.suspend } });
  else await objects.create<FleetSpec>({ kind: 'Fleet', name: fleetName, spec });
}
