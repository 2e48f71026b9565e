import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ChangeApprovalSpec, type ChangePlanSpec, type ChangePlanStatus, findCondition } from '../../controller/api/index.ts';
import { systemClock } from '../../controller/lib/index.ts';
import { openStore, type Store, type StoredObject } from '../../controller/store/index.ts';
import { plumbPath } from '../lab/example-network.ts';

export interface UpPlaces {
  repository: string;
  /** Folder of the store, which this process looks into as well. */
  store: string;
  secrets: string;
}

/** `plumb up` as a process that is killed and started again, and the people who answer its plans. */
export interface UpProcess {
  readonly store: Store;
  start(): void;
  /** `kill -9`, waited for. */
  kill(): Promise<void>;
  plans(): Promise<readonly StoredObject<ChangePlanSpec, ChangePlanStatus>[]>;
  /** Somebody says yes to whatever waits for people and was not answered a moment ago. Gives how many that were. */
  approveAll(): Promise<number>;
  /** What is still under way, in words; empty when every change, plan and grant is at its end. */
  unfinished(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openUpProcess({ repository, store: folder, secrets }: UpPlaces): Promise<UpProcess> {
  const store = await openStore(folder, systemClock);
  let child: ChildProcess | undefined;
  let [said, endedWith] = ['', ''];
  const kill = async () => {
    if (!child) return;
    const running = child;
    child = undefined;
    if (running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'close');
    running.kill('SIGKILL');
    await ended;
  };
  const start = () => {
    const words = ['up', repository, '--ceiling', 'Enforce', '--interval', '2', '--git-interval', '5', '--port', '0'];
    const env = { ...process.env, PLUMB_STORE: folder, PLUMB_SECRETS: secrets };
    const started = spawn(plumbPath, words, { stdio: ['ignore', 'ignore', 'pipe'], env });
    started.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2000)));
    started.once('close', (code, signal) => {
      if (child === started) endedWith = `plumb up ended by itself with ${code ?? signal}: ${said}`;
    });
    child = started;
  };
  /** Whoever waits for what it does need not wait for long. */
  const goesOn = () => {
    if (endedWith !== '') throw new Error(endedWith);
  };
  const plans = () => store.objects.list<ChangePlanSpec, ChangePlanStatus>('ChangePlan');
  return {
    store,
    start,
    kill,
    plans,
    approveAll: async () => {
      goesOn();
      const said = await store.objects.list<ChangeApprovalSpec>('ChangeApproval');
      const now = systemClock.now().getTime();
      // A plan may wait for people after it has begun as well: of what an earlier approval did not speak of. Who was not heard says it again.
      const isAnswered = (plan: string) =>
        said.some(({ spec, createdAt }) => spec.plan === plan && now - Date.parse(createdAt) < patienceMs);
      const asking = (await plans()).filter(
        ({ name, spec, status }) =>
          spec.mode === 'Approve' &&
          !ends.has(status?.phase ?? '') &&
          findCondition(status?.conditions, 'Ready')?.reason === 'ApprovalRequired' &&
          !isAnswered(name),
      );
      for (const { name, spec } of asking) {
        const effectDigests = spec.groups.map(({ effectDigest }) => effectDigest);
        const approval: ChangeApprovalSpec = { plan: name, effectDigests, decision: 'Approve', approver: 'mona', groups: [] };
        await store.objects.create<ChangeApprovalSpec>({ kind: 'ChangeApproval', name: `${name}-mona-${now}`, spec: approval });
      }
      return asking.length;
    },
    unfinished: async () => [
      ...(await store.changes.listOpen()).map(({ record }) => `${record.token} is ${record.state}`),
      ...(await store.grants.list()).map(({ group }) => `somebody holds ${group}`),
      ...(await plans())
        .filter(({ status }) => !ends.has(status?.phase ?? ''))
        .map(({ name, status }) => `${name} is ${status?.phase} ${status?.progress ?? ''}: ${status?.conditions[0]?.message}`),
    ],
    close: async () => {
      await kill();
      store.close();
    },
  };
}

/** How long whoever approved waits for it to begin. */
const patienceMs = 20_000;

const ends: ReadonlySet<string> = new Set(['Succeeded', 'Failed', 'Stopped', 'Rejected', 'Superseded']);
