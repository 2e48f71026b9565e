import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createReflector, type KubeClient } from '../../controller/kube/index.ts';
import { describeWithKube } from '../lab/kube/index.ts';
import { configMaps, eventually, openRealClient } from './real-api.ts';

interface Replica {
  name: string;
  child: ChildProcess;
  said: string[];
}

/** Others wait 8 s (`lease-child.ts`), and look every half second: with what a busy machine adds. */
const takeOverMs = 16_000;

describeWithKube('leader election between real processes', (kube) => {
  let client: KubeClient;
  let namespace: string;
  let replicas: Replica[];
  /** Who wrote, in order, as a watch saw it. */
  let writers: string[];
  let stop: AbortController;

  beforeAll(async () => {
    client = await openRealClient(kube());
  });
  afterAll(() => client.close());
  beforeEach(async () => {
    namespace = await kube().namespace('lease');
    replicas = [];
    writers = [];
    stop = new AbortController();
    const cache = createReflector(client, configMaps(namespace), { signal: stop.signal });
    await cache.synced;
    cache.onChange(({ object }) => writers.push((object['data'] as { by: string }).by));
  });
  afterEach(() => {
    stop.abort();
    for (const { child } of replicas) child.kill('SIGKILL');
  });

  function start(name: string): Replica {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'lease-child.ts'), kube().kubeconfig(), namespace, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const replica: Replica = { name, child, said: [] };
    createInterface({ input: child.stdout }).on('line', (line) => replica.said.push(line));
    replicas.push(replica);
    return replica;
  }
  const leads = ({ said }: Replica) => said.includes('writes');
  /** A leader and two who wait. */
  const startThree = async () => {
    const first = start('first');
    await eventually('a leader', () => leads(first));
    const others = [start('second'), start('third')];
    return { first, others };
  };
  const another = async (others: Replica[]) => {
    const from = performance.now();
    await eventually('another leader', () => others.some(leads), takeOverMs);
    expect(others.filter(leads)).toHaveLength(1);
    return { next: others.find(leads)!, tookMs: performance.now() - from };
  };

  it('another leads when the leader is killed', async () => {
    const { first, others } = await startThree();
    first.child.kill('SIGKILL');
    const { next } = await another(others);
    expect(next.said).toContain('leads 1');
  });

  it.each([
    ['stopped past the lease', 'SIGSTOP', 'SIGCONT'],
    ['busy past the lease', 'SIGUSR2', undefined],
  ] as const)('a leader that was %s writes nothing when it wakes', async (_name, stopIt, wakeIt) => {
    const { first, others } = await startThree();
    first.child.kill(stopIt);
    const { next } = await another(others);
    const turn = writers.indexOf(next.name);
    expect(turn).toBeGreaterThan(0);
    if (wakeIt) first.child.kill(wakeIt);
    await eventually('the first to learn it', () => first.child.exitCode !== null);
    expect(first.said).toEqual(['waits', 'leads 0', 'writes', 'lost', expect.stringContaining('refused lease')]);
    const seen = writers.length;
    await eventually('more writes', () => writers.length > seen + 20);
    expect(new Set(writers.slice(writers.indexOf(next.name)))).toEqual(new Set([next.name]));
  });

  it('another leads at once when the leader ends in good order', async () => {
    const { first, others } = await startThree();
    await eventually('the others to wait', () => others.every(({ said }) => said.includes('waits')));
    first.child.kill('SIGTERM');
    await eventually('the first to end', () => first.child.exitCode !== null);
    expect({ code: first.child.exitCode, said: first.said }).toMatchObject({ code: 0, said: ['waits', 'leads 0', 'writes', 'lost'] });
    const { tookMs } = await another(others);
    expect(tookMs).toBeLessThan(3_000);
  });
});
