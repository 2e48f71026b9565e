/**
 * `node test/soak/memory.ts [CYCLES] [DEVICES] [INTERVAL]`: the memory of an operator over CYCLES looks at every device, twelve an hour,
 * compressed by an interval of INTERVAL seconds. Default: 2000 cycles (a week of five-minute intervals), 200 devices, 4 s: two and a quarter
 * hours. Of an interval that the machine cannot keep verdicts decay, and something else is measured.
 *
 * Twice a second the heap is read from `/metrics`. It rises between collections; its floor is what is really kept. So the run is cut into 24
 * parts, the least of each is taken, and a line is laid through those after the first quarter, in which the caches fill. Its slope is MB an
 * hour of the compressed time. Ends with 1 when that is 1 MB or more.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { up } from '../lab/kube/index.ts';
import { startNetwork, untilAllReady } from '../operator/kube/network.ts';

const [cycles = 2000, devices = 200, intervalSeconds = 4] = process.argv.slice(2).map(Number);
const parts = 24;
const cyclesAnHour = 12;
const say = (line: string) => process.stdout.write(`${line}\n`);

interface Point {
  reads: number;
  heapMb: number;
  rssMb: number;
}

const lab = await up({ say });
try {
  const network = await startNetwork(lab, { devices, sessionsPerDevice: 3, reads: { intervalSeconds } });
  try {
    const operator = await network.start('operator');
    const ended = operator.ended().then((code): never => {
      throw new Error(`the operator ended with ${code}: ${JSON.stringify(operator.log.slice(-3))}`);
    });
    ended.catch(() => undefined); // heard where something is awaited
    await Promise.race([untilAllReady(network, 600_000), ended]);
    const first = (await network.routers.counts()).reads;
    const points: Point[] = [];
    while ((points.at(-1)?.reads ?? 0) < cycles * devices) {
      const samples = await Promise.race([operator.metrics(), ended]);
      const valueOf = (name: string) => (samples.find((sample) => sample.name === name)?.value ?? NaN) / 1e6;
      points.push({
        reads: (await network.routers.counts()).reads - first,
        heapMb: valueOf('nodejs_heap_size_used_bytes'),
        rssMb: valueOf('process_resident_memory_bytes'),
      });
      if (points.length % 60 === 0) say(JSON.stringify(points.at(-1)));
      await delay(500);
    }
    report(points);
  } finally {
    await network.close();
  }
} finally {
  await lab.down();
}

function report(points: readonly Point[]): void {
  const perPart = (cycles * devices) / parts;
  const hoursAPart = cycles / parts / cyclesAnHour;
  const floors = Array.from({ length: parts }, (_, k) => points.filter(({ reads }) => Math.floor(reads / perPart) === k)).map(
    (part, k) => ({
      hour: k * hoursAPart,
      heap: Math.min(...part.map(({ heapMb }) => heapMb)),
      rss: Math.max(...part.map(({ rssMb }) => rssMb)),
    }),
  );
  for (const { hour, heap, rss } of floors) say(`hour ${hour.toFixed(1)}: heap ${heap.toFixed(1)} MB, resident ${rss.toFixed(1)} MB`);
  const kept = floors.slice(parts / 4).flatMap(({ hour, heap }): [number, number][] => (heap < Infinity ? [[hour, heap]] : []));
  const slope = slopeOf(kept);
  say(`heap: ${slope.toFixed(3)} MB an hour`);
  if (!(slope < 1)) process.exitCode = 1;
}

/** Least squares. */
function slopeOf(points: readonly [x: number, y: number][]): number {
  const mean = (pick: (point: [number, number]) => number) => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [x, y] = [mean(([each]) => each), mean(([, each]) => each)];
  return mean(([a, b]) => (a - x) * (b - y)) / mean(([a]) => (a - x) ** 2);
}
