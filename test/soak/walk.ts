/**
 * `node test/soak/walk.ts [ROUNDS] [SEED]`: the walk over eight real routers under `plumb up`. Default: 200 rounds, a seed that is printed.
 */
import { walkOverRealRouters } from '../operator/walk.ts';

const [rounds = 200, seed = Math.floor(Math.random() * 1e9)] = process.argv.slice(2).map(Number);
const say = (line: string) => process.stdout.write(`${line}\n`);
say(`${rounds} rounds, seed ${seed}`);
say(JSON.stringify(await walkOverRealRouters({ rounds, seed, limitMs: Infinity, say })));
