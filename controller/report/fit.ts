/** A part of a document: a head, then entries in order of weight. */
export interface Part {
  head: string;
  /** Each in its forms, from the whole one to the shortest. */
  entries: readonly (readonly [whole: string, ...shorter: string[]])[];
  /** What is said in place of the last `count` entries. */
  left: (count: number) => string;
  tail?: string;
}

export interface Fitted {
  text: string;
  /** Entries that stand in a shorter form, and that do not stand at all. */
  shortened: number;
  left: number;
}

/**
 * Puts parts together so that the text stays within a number of bytes of UTF-8: as many entries as have room in their shortest form, then the
 * first of them in longer ones. A part takes no more than half of what is left while later ones need the rest. Heads always stand.
 */
export function fitParts(parts: readonly Part[], limit: number): Fitted {
  const sizes = parts.map(({ entries }) => entries.map((forms) => forms.map((form) => Buffer.byteLength(form))));
  const shortest = sizes.map((entries) => entries.map((forms) => forms.at(-1) ?? 0));
  const fixed = parts.map(({ head, tail = '', left, entries }) =>
    Buffer.byteLength(head + tail + (entries.length > 0 ? left(entries.length) : '')),
  );
  let room = limit - sum(fixed);
  const counts = parts.map((_, part) => {
    const later = sum(shortest.slice(part + 1).map(sum));
    let share = Math.max(room - later, Math.floor(room / 2));
    let count = 0;
    for (const size of shortest[part] ?? []) {
      if (size > share) break;
      share -= size;
      room -= size;
      count++;
    }
    return count;
  });
  let shortened = 0;
  const texts = parts.map(({ head, tail = '', left, entries }, part) => {
    const kept = entries.slice(0, counts[part]).map((forms, entry) => {
      const own = sizes[part]?.[entry] ?? [];
      const least = own.at(-1) ?? 0;
      const form = own.findIndex((size) => size - least <= room);
      room -= (own[form] ?? least) - least;
      if (form > 0) shortened++;
      return forms[form] ?? '';
    });
    const missing = entries.length - kept.length;
    return head + kept.join('') + (missing > 0 ? left(missing) : '') + tail;
  });
  return { text: texts.join(''), shortened, left: sum(parts.map(({ entries }, part) => entries.length - (counts[part] ?? 0))) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
