/** A controller of its own that applies one change, and dies without a word some milliseconds after it entered a state. */
import { applyPlan } from '../../controller/change/index.ts';
import { openStore } from '../../controller/store/index.ts';
import { createDriver, secret, targetOf } from '../driver/setup.ts';
import { attach } from '../lab/frr.ts';
import { depsFor, describeAs, type Orders, passwordAs, planWish, session } from './real-run.ts';

const { prefix, folder, words, killedIn, afterMs, stopIn, coupled } = JSON.parse(process.env['PLUMB_TEST_ORDERS'] ?? '') as Orders;
const lab = attach(prefix);
const targets = new Map((coupled ? ['r1', 'r2'] : ['r1']).map((name) => [name, targetOf(lab, name)]));
const driver = createDriver();
const store = await openStore(folder);
const stop = new AbortController();
const plan = await planWish(driver, targets, coupled ? passwordAs(secret(words)) : describeAs(words), [session]);
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
