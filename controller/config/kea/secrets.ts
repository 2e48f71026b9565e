/** Keys whose text is a secret, wherever they stand. */
export const secretKeys: readonly string[] = ['password', 'secret', 'basic-auth-password'];

/** What may stand on both sides of a colon. Each comment ends at the first end that it has, or many of them would be tried in every way. */
const gap = String.raw`(?:\s|(?:#|//)[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*`;
const written = new RegExp(String.raw`"(?:${secretKeys.join('|')})"${gap}:${gap}("(?:[^"\\\n]|\\.)*")`, 'g');

/** Texts under these keys in JSON, by their place. Reads no structure: a secret in a file that nobody can parse is a secret too. */
export function findSecrets(text: string): { start: number; end: number; value: string; line: number }[] {
  let line = 1;
  let counted = 0;
  return [...text.matchAll(written)].flatMap((match) => {
    const quoted = match[1] ?? '""';
    const end = match.index + match[0].length;
    for (let next = text.indexOf('\n', counted); next >= 0 && next < end; next = text.indexOf('\n', counted))
      [line, counted] = [line + 1, next + 1];
    const value = readQuoted(quoted);
    return value === '' ? [] : [{ start: end - quoted.length, end, value, line }];
  });
}

function readQuoted(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
