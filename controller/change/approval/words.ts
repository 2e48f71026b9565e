const shown = 5;

/** `a, b and c`, the first few of many. */
export function listSome(words: readonly string[], joint: 'and' | 'or' = 'and'): string {
  const rest = words.length - shown;
  const listed = rest > 0 ? [...words.slice(0, shown), `${rest} more`] : words;
  return listed.length < 2 ? listed.join('') : `${listed.slice(0, -1).join(', ')} ${joint} ${listed.at(-1)}`;
}

/** `one person`, `2 people`, `one more person`, `2 more people`. */
export function listPeople(count: number, more: boolean): string {
  return `${count === 1 ? 'one' : count}${more ? ' more' : ''} ${count === 1 ? 'person' : 'people'}`;
}
