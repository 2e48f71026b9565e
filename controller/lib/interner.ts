/** Makes the strings inside plain JSON values one string where they are equal, in place. Gives the value back. */
export type Interner = <Value>(value: Value) => Value;

/** Strings that are known at one time; then it begins anew, and a few strings exist twice. */
const mostKnown = 20_000;
/** Longer ones are texts, and seldom equal. V8 itself keeps one of each that has up to ten letters. */
const [shortest, longest] = [11, 100];

/** JSON.parse makes a string for each value: in ten thousand devices `ipv4-unicast` stands a hundred thousand times. */
export function createInterner(): Interner {
  const known = new Map<string, string>();
  const internText = (text: string): string => {
    if (text.length < shortest || text.length > longest) return text;
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= mostKnown) known.clear();
    known.set(text, text);
    return text;
  };
  const intern = (value: unknown): unknown => {
    if (typeof value === 'string') return internText(value);
    if (typeof value !== 'object' || value === null) return value;
    const members = value as Record<string, unknown>; // of a list too: its keys are its indexes
    for (const key in members) {
      const member = members[key];
      const one = intern(member);
      if (typeof member === 'string') members[key] = one;
    }
    return value;
  };
  return intern as Interner;
}
