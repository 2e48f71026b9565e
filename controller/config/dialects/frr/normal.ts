import type { Row } from '../../dialect.ts';
import { canonicalAddress, canonicalInterfaceAddress, canonicalPrefix } from './addresses.ts';

type Normal = NonNullable<Row['normal']>;

/** Rows of what FRR does unless told otherwise: only the `no` form is printed. */
export const on = { defaultOn: true } as const;

/** Both forms are printed, and neither follows from silence. */
export const explicit = { negated: 'kept' } as const;

/** The word at this place is a prefix: host bits cleared. */
export function prefixAt(...places: number[]): { normal: Normal } {
  return { normal: mapAt(places, canonicalPrefix) };
}

/** The word at this place is an address. */
export function addressAt(...places: number[]): { normal: Normal } {
  return { normal: mapAt(places, canonicalAddress) };
}

export function interfaceAddressAt(...places: number[]): { normal: Normal } {
  return { normal: mapAt(places, canonicalInterfaceAddress) };
}

function mapAt(places: readonly number[], change: (word: string) => string): Normal {
  return (words) => {
    let better: string[] | undefined;
    for (const at of places) {
      const word = words[at];
      if (word === undefined) continue;
      const canonical = change(word);
      if (canonical !== word) (better ??= [...words])[at] = canonical;
    }
    return better ?? words;
  };
}

/** FRR does not print the line when its words from `at` on are these. */
export function silentWhen(at: number, ...values: string[]): { normal: Normal } {
  return { normal: (words, facts) => (!facts.negated && values.includes(words.slice(at).join(' ')) ? null : words) };
}
