import type { PatternWord } from './pattern.ts';

/** A template over the words of one line, compiled: called for every line, so it does no searching. */
export type Template = (words: readonly string[], scope?: string) => string;

/** `{name}` is a capture of the pattern, `{line}` the whole line, `{scope}` the section that holds the object. Unknown names are empty. */
export function compileTemplate(text: string, pattern: readonly PatternWord[]): Template {
  const parts: { text?: string; at?: number; rest?: boolean; special?: 'scope' | 'line' }[] = [];
  for (const piece of text.split(/(\{[^}]+\})/)) {
    if (piece === '') continue;
    if (!piece.startsWith('{')) parts.push({ text: piece });
    else if (piece === '{line}' || piece === '{scope}') parts.push({ special: piece === '{line}' ? 'line' : 'scope' });
    else {
      const name = piece.slice(1, -1).replace(/\*$/, '');
      const at = pattern.findIndex((word) => word.kind !== 'literal' && word.name === name);
      const word = pattern[at];
      if (word) parts.push({ at, rest: word.kind === 'names' || word.kind === 'values' });
    }
  }
  return (words, scope = '') => {
    let out = '';
    for (const part of parts) {
      if (part.text !== undefined) out += part.text;
      else if (part.special !== undefined) out += part.special === 'line' ? words.join(' ') : scope;
      else if (part.at !== undefined) out += part.rest ? words.slice(part.at).join(' ') : (words[part.at] ?? '');
    }
    return out.trimEnd();
  };
}

/** The line without its values, as a template: what identifies a line when its row says nothing else. */
export function keyTemplate(pattern: readonly PatternWord[]): string {
  const parts: string[] = [];
  for (const word of pattern) {
    if (word.kind === 'literal') parts.push(word.text);
    else if (word.kind !== 'value' && word.kind !== 'values') parts.push(`{${word.name}}`);
  }
  return parts.join(' ');
}
