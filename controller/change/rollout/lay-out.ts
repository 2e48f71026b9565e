import { carefulRollout, type RolloutPolicy } from '../../api/index.ts';

export interface LayoutFacts {
  /** Of the device, as the policies that select it say. */
  policyOf: (device: string) => RolloutPolicy;
  /** Digest of the device's effect, without its name: devices with the same one test the same. */
  effectOf: (device: string) => string;
  /** What the device shares with others: its site, its redundancy groups. Canaries share as little as possible. */
  sharesOf?: (device: string) => readonly string[];
}

export interface Layout {
  /** The most careful of all devices of the plan. */
  policy: RolloutPolicy;
  /** Wave of each set: 0 is the canary. Numbers without sets are left out, but 0 always stands for the canary. */
  waveOf: readonly number[];
}

/** Most canaries, however many effects there are. */
const mostCanaries = 100;

/**
 * Which set goes in which wave. As many canaries as the policy says, and more until each distinct effect has one, but for those no more than
 * a tenth of all sets: a canary that tries one of twenty effects proves little. Pure; the same plan is laid out the same way every time.
 */
export function layOut(sets: readonly (readonly string[])[], { policyOf, effectOf, sharesOf = () => [] }: LayoutFacts): Layout {
  const policy = carefulRollout([...new Set(sets.flat().map(policyOf))]);
  const canaries = chooseCanaries(
    sets.map((set) => ({
      size: set.length,
      effects: new Set(set.map(effectOf)),
      shares: new Set(set.flatMap(sharesOf)),
    })),
    policy.canary,
  );
  const rest = sets.map((_, i) => i).filter((i) => !canaries.has(i));
  const waveOf = sets.map(() => 0);
  let [done, wave] = [canaries.size, 0];
  for (const percent of policy.waves) {
    const until = Math.ceil((sets.length * percent) / 100);
    if (until <= done) continue;
    wave++;
    for (const set of rest.slice(done - canaries.size, until - canaries.size)) waveOf[set] = wave;
    done = until;
  }
  return { policy, waveOf };
}

interface Candidate {
  size: number;
  effects: ReadonlySet<string>;
  shares: ReadonlySet<string>;
}

function chooseCanaries(sets: readonly Candidate[], asked: number): ReadonlySet<number> {
  const effects = new Set(sets.flatMap((set) => [...set.effects]));
  const most = asked === 0 ? 0 : Math.min(mostCanaries, Math.ceil(sets.length / 10));
  const chosen = new Set<number>();
  const [tried, shared] = [new Set<string>(), new Set<string>()];
  const left = new Set(sets.keys());
  while (left.size > 0 && (chosen.size < asked || (chosen.size < most && tried.size < effects.size))) {
    const next = bestOf(left, sets, tried, shared);
    chosen.add(next);
    left.delete(next);
    for (const effect of sets[next]?.effects ?? []) tried.add(effect);
    for (const each of sets[next]?.shares ?? []) shared.add(each);
  }
  return chosen;
}

/** Most effects that no canary tries yet, then the least that it shares with other canaries, then the fewest devices, then the first. */
function bestOf(left: ReadonlySet<number>, sets: readonly Candidate[], tried: ReadonlySet<string>, shared: ReadonlySet<string>): number {
  let best: { set: number; worth: readonly number[] } | undefined;
  for (const set of left) {
    const { size, effects, shares } = sets[set] as Candidate;
    const worth = [count(effects, tried) - effects.size, count(shares, shared), size];
    if (!best || isLess(worth, best.worth)) best = { set, worth };
  }
  if (!best) throw new Error('more canaries than sets');
  return best.set;
}

function count(all: ReadonlySet<string>, among: ReadonlySet<string>): number {
  let found = 0;
  for (const each of all) if (among.has(each)) found++;
  return found;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const first = a.findIndex((each, i) => each !== b[i]);
  return first >= 0 && (a[first] ?? 0) < (b[first] ?? 0);
}
