/** A controller of its own that applies one change, and dies without a word some milliseconds after it entered a state. */
import { applyPlan } from '../../controller/change/index.ts';
import { openStore } from '../../controller/store/index.ts';
import { createDriver, targetOf } from '../driver/setup.ts';
import { attach } from '../lab/frr.ts';
import { depsFor, describeAs, planWish } from './real-run.ts';

interface Orders {
  prefix: string;
  folder: string;
  words: string;
  killedIn: string;
  afterMs: number;
  stopIn?: string;
}

const { prefix, folder, words, killedIn, afterMs, stopIn } = JSON.parse(process.env['PLUMB_TEST_ORDERS'] ?? '') as Orders;
const lab = attach(prefix);
const targets = new Map([['r1', targetOf(lab, 'r1')]]);
const driver = createDriver();
const store = await openStore(folder);
const stop = new AbortController();
const plan = await planWish(driver, targets, describeAs(words));
const results = await applyPlan(
  depsFor(store, driver, targets),
  plan,
  stop.signal,
  ({ state }) => {
    if (state === killedIn) setTimeout(() => process.kill(process.pid, 'SIGKILL'), afterMs);
    if (state === stopIn) stop.abort();
  },
  { settleMs: 1_000, deadlineMs: 30_000 },
);
process.stdout.write(`${JSON.stringify(results.map(({ end, reason }) => ({ end, reason })))}\n`);
await driver.close();
store.close();
