import type { Effect, SessionReset } from './plan-records.ts';

/** A session as its device knows it. VRFs may use the same addresses: the address alone names none. */
export type SessionKey = Pick<SessionReset, 'neighbor' | 'vrf'>;

/** The reset of a session by a plan; undefined: it stays up. */
export function resetOf({ resets }: Pick<Effect, 'resets'>, { neighbor, vrf }: SessionKey): SessionReset | undefined {
  return resets.find((each) => each.neighbor === neighbor && each.vrf === vrf);
}

/** A session in a sentence: `192.0.2.1`, or `192.0.2.1 (vrf RED)`. */
export function nameSession({ neighbor, vrf }: SessionKey): string {
  return vrf === 'default' ? neighbor : `${neighbor} (vrf ${vrf})`;
}
