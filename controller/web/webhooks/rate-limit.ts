import type { Clock } from '../../lib/index.ts';

export interface RateLimit {
  /** Takes one turn of this key; false when it has none left. */
  take(key: string): boolean;
}

/** `burst` turns at once, and `perMinute` more as time goes by. The keys used last are remembered, `keys` of them. */
export function createRateLimit({ perMinute, burst, keys }: { perMinute: number; burst: number; keys: number }, clock: Clock): RateLimit {
  const buckets = new Map<string, { turns: number; at: number }>();
  return {
    take(key) {
      const now = clock.monotonicMs();
      const last = buckets.get(key) ?? { turns: burst, at: now };
      const turns = Math.min(burst, last.turns + ((now - last.at) / 60_000) * perMinute);
      buckets.delete(key);
      buckets.set(key, { turns: turns >= 1 ? turns - 1 : turns, at: now });
      const oldest = buckets.size > keys ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
      return turns >= 1;
    },
  };
}
