/** A controller of its own that applies one change, and dies or freezes without a word some milliseconds after it entered a state. */
import { applyPlan } from '../../controller/change/index.ts';
import type { Driver } from '../../controller/drivers/index.ts';
import { openStore } from '../../controller/store/index.ts';
import { createDriver, secret, targetOf } from '../driver/setup.ts';
import { attach } from '../lab/frr.ts';
import { depsFor, describeAs, type Orders, passwordAs, planWish, triangle } from './real-run.ts';

const { prefix, folder, words, killedIn, afterMs, stopIn, frozenIn, coupled, drain } = JSON.parse(
  process.env['PLUMB_TEST_ORDERS'] ?? '',
) as Orders;
const lab = attach(prefix);
const targets = new Map((coupled ?? ['r1']).map((name) => [name, targetOf(lab, name)]));
const driver = createDriver();
const store = await openStore(folder);
const stop = new AbortController();
const plan = await planWish(driver, targets, coupled ? passwordAs(secret(words)) : describeAs(words), triangle, drain);
const told: string[] = [];
/** What the router says to what it is sent. */
const listening: Driver = {
  ...driver,
  apply: async (...asked) => {
    const answer = await driver.apply(...asked);
    told.push('error' in answer ? answer.error.code : answer.outcome);
    return answer;
  },
};
const results = await applyPlan(
  depsFor(store, listening, targets, triangle),
  plan,
  stop.signal,
  ({ state }) => {
    if (state === killedIn) setTimeout(() => process.kill(process.pid, 'SIGKILL'), afterMs);
    if (state === frozenIn) process.kill(process.pid, 'SIGSTOP');
    if (state === stopIn) stop.abort();
  },
  { settleMs: 1_000, deadlineMs: drain ? 60_000 : 30_000 },
);
process.stdout.write(`${JSON.stringify({ told, results: results.map(({ end, reason }) => ({ end, code: reason?.code })) })}\n`);
await driver.close();
store.close();
