import { createLease, loadKubeConfig, openKubeClient, type Leadership } from '../../controller/kube/index.ts';
import { configMaps } from './real-api.ts';

/**
 * One replica for `lease.test.ts`: takes the lease, then writes its name into a ConfigMap as fast as it can. Says what happens on standard
 * output, a line each. SIGUSR2 keeps its event loop busy past the renew deadline; SIGTERM releases.
 */
const [, , kubeconfig = '', namespace = '', name = ''] = process.argv;
const times = { durationMs: 8_000, renewDeadlineMs: 6_000, retryMs: 500 };
const say = (line: string) => process.stdout.write(`${line}\n`);
const config = await loadKubeConfig({ file: kubeconfig });

let leadership: Leadership | undefined;
const client = openKubeClient(config, { manager: name, beforeWrite: () => leadership?.check() });
const lease = createLease({ client: openKubeClient(config, { manager: name }), namespace, name: 'replicas', holder: name, ...times });
const maps = configMaps(namespace);

process.on('SIGUSR2', () => {
  const end = performance.now() + 1.5 * times.durationMs;
  while (performance.now() < end);
});
const ending = new AbortController();
process.on('SIGTERM', () => {
  ending.abort();
  void (leadership?.release() ?? Promise.resolve()).then(() => process.exit(0));
});

say('waits');
leadership = await lease.acquire(new AbortController().signal);
say(`leads ${leadership.transitions}`);
leadership.lost.addEventListener('abort', () => say('lost'));
for (let writes = 1; !ending.signal.aborted; writes++) {
  try {
    await client.apply(maps, { metadata: { name: 'written' }, data: { by: name, writes: String(writes) } });
    if (writes === 1) say('writes');
  } catch (error) {
    if (leadership.lost.aborted && !ending.signal.aborted) {
      say(`refused ${(error as Error).message}`);
      process.exit(1);
    }
  }
}
