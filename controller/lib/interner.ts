/** Makes equal strings and equal small parts inside a plain JSON value one, in place. Gives the value back. The parts are frozen: many have them. */
export type Interner = <Value>(value: Value) => Value;

/** What is known at one time; then it begins anew, and a few strings and parts exist twice. */
const [mostStrings, mostParts] = [20_000, 4_000];
/** Longer strings are texts, and seldom equal. V8 itself keeps one of each that has up to ten letters. */
const [shortest, longest] = [11, 100];
/** Of a part, as a text. A longer one is seldom equal to another. */
const longestPart = 500;

/**
 * JSON.parse makes a string and an object for each value: of ten thousand devices `ipv4-unicast` stands a hundred thousand times, and so do the families
 * of sessions, and empty lists and maps. The value itself is not shared, and neither is what it consists of where that is long.
 */
export function createInterner(): Interner {
  const strings = new Map<string, string>();
  const parts = new Map<string, object>();

  const internString = (text: string): string => {
    if (text.length < shortest || text.length > longest) return text;
    const found = strings.get(text);
    if (found !== undefined) return found;
    if (strings.size >= mostStrings) strings.clear();
    strings.set(text, text);
    return text;
  };

  const internPart = (part: object, key: string): object => {
    const found = parts.get(key);
    if (found) return found;
    if (parts.size >= mostParts) parts.clear();
    parts.set(key, Object.freeze(part));
    return part;
  };

  /** Makes the members of a part one with their equals, and names the part by all that it is; empty when that is too long. */
  const internMembers = (part: object): string => {
    const isList = Array.isArray(part);
    const isOpen = !Object.isFrozen(part);
    const members = part as Record<string, unknown>; // of a list too: its keys are its indexes
    let name = isList ? '[' : '{';
    let isShort = true;
    for (const key in members) {
      const member = members[key];
      let [one, named] = [member, ''];
      if (typeof member === 'string') {
        one = internString(member);
        // With its length nothing that follows can be taken for a part of it.
        if (isShort) named = `${member.length}"${member}`;
      } else if (typeof member === 'object' && member !== null) {
        named = internMembers(member);
        if (named !== '') one = internPart(member, named);
      } else if (isShort) named = String(member);
      // Whoever writes `__proto__` writes no member.
      if (isOpen && one !== member && key !== '__proto__') members[key] = one;
      isShort &&= named !== '' && name.length + key.length + named.length < longestPart;
      if (isShort) name += isList ? `,${named}` : `,${key.length}:${key}${named}`;
    }
    return isShort ? `${name}${isList ? ']' : '}'}` : '';
  };

  return (value) => {
    if (typeof value === 'string') return internString(value) as typeof value;
    if (typeof value === 'object' && value !== null) internMembers(value);
    return value;
  };
}
