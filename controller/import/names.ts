/** A readable name for an object of Git, from words of a configuration: `RM_CUSTOMER-IN` gives `rm-customer-in`. Empty when no letter or digit is left. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/::/g, '--')
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}

/** The first of these names that is free, then the last of them with a number. */
export function freeName(wishes: readonly string[], isFree: (name: string) => boolean): string {
  for (const wish of wishes) if (wish !== '' && isFree(wish)) return wish;
  const base = wishes.findLast((wish) => wish !== '') ?? 'imported';
  for (let number = 2; ; number++) {
    const name = `${base.slice(0, 62 - String(number).length)}-${number}`;
    if (isFree(name)) return name;
  }
}

/** The key of a secret, from the words that stand before it. */
export function secretKey(words: string): string {
  return words
    .replace(/[^A-Za-z0-9._]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 120)
    .replace(/-+$/, '');
}
