/**
 * `node test/soak/kills.ts [KILLS] [DEVICES] [SEED]`: replicas of the operator are killed while people commit and type on routers; then what
 * is published must be what Git and the routers say. Default: 50 kills, 200 devices, a seed that is printed.
 */
import { up } from '../lab/kube/index.ts';
import { killAtRandom } from '../operator/kube/killing.ts';
import { startNetwork } from '../operator/kube/network.ts';

const [kills = 50, devices = 200, seed = Math.floor(Math.random() * 1e9)] = process.argv.slice(2).map(Number);
const say = (line: string) => process.stdout.write(`${line}\n`);
say(`${kills} kills, ${devices} devices, seed ${seed}`);
const lab = await up({ say });
try {
  const network = await startNetwork(lab, { devices, sessionsPerDevice: 3, reads: { intervalSeconds: 10 } });
  try {
    const { leaders, changes, settledMs } = await killAtRandom(network, { kills, seed, say });
    say(`${leaders} leaders killed amid ${changes} changes; true ${(settledMs / 1000).toFixed(1)} s after the last one`);
  } finally {
    await network.close();
  }
} finally {
  await lab.down();
}
