import { afterEach, expect, it } from 'vitest';
import { describeWithKube } from '../../lab/kube/index.ts';
import { killAtRandom } from './killing.ts';
import { type Network, startNetwork } from './network.ts';

describeWithKube('replicas that are killed at any moment', (kube) => {
  let network: Network | undefined;
  afterEach(() => network?.close());

  // Fifty kills over two hundred devices: make soak.
  it('come back to what Git and the routers say, while people go on changing both', async () => {
    network = await startNetwork(kube(), { devices: 40, sessionsPerDevice: 2, reads: { intervalSeconds: 3 } });
    const done = await killAtRandom(network, { kills: 8, seed: 20_261_121 });
    expect(done).toMatchObject({ leaders: 7, changes: expect.any(Number) as number });
  });
});
