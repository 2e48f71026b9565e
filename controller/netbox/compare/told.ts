import type { FactValue, ToldFacts, ToldSides } from '../../api/index.ts';
import { type AssertedField, plain } from './asserted.ts';

export type Tell = (desired: FactValue, of: (facts: ToldFacts) => FactValue | undefined) => AssertedField;

/** Puts what the device says of itself, now and when it last was as Git says, beside what Git says. */
export function teller(sides: ToldSides | undefined): Tell {
  return (desired, of) => {
    if (!sides) return plain(desired);
    const base = sides.baseline && of(sides.baseline);
    const baseline = base === undefined ? undefined : { value: base };
    const value = of(sides.live);
    if (value === undefined) return { desired, live: { is: 'silent' }, baseline };
    return { desired, live: sides.unread ? { is: 'unread' } : { is: 'told', value }, baseline };
  };
}

/** How a device holds an address: null when it does not, undefined when it does not tell. */
export function heldAs(
  facts: ToldFacts,
  host: string,
  pick: (held: { address: string; interface: string }) => string,
): FactValue | undefined {
  if (!facts.interfaces) return undefined;
  for (const [port, { addresses }] of Object.entries(facts.interfaces)) {
    const address = addresses.find((each) => each.startsWith(`${host}/`));
    if (address !== undefined) return pick({ address, interface: port });
  }
  return null;
}
