import { printable } from './style.ts';

/**
 * Text of a repository or a device as one line of Markdown, in a table, a list or a title: it shows as it is and does nothing. It ends no cell, is no
 * HTML, no link, no emphasis and no heading, and names nobody (`@all`) and nothing (`#1`) to a forge.
 */
export function cell(text: string): string {
  return printable(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[&<$]/g, (character) => entities[character] ?? '')
    .replaceAll(/[\\`*[\]~|]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\$&`)
    .replace(/^ ?(?:[#>+-]|\d+(?=[.)](?: |$)))/, (start) => (/\d$/.test(start) ? `${start}${noWidth}` : `\\${start.trimStart()}`))
    .replaceAll(references, `$&${noWidth}`);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', $: '&#36;' };

/** Forges look for references in what is shown, where no escape is left: a space without width breaks them. */
const noWidth = '&#8203;';

/** What forges make a reference of, up to where it must not go on; but not the `@` of a revision, `main@sha1:…`, which people copy. */
const references =
  /@(?!sha(?:1|256):)|(?<!&)#(?=[\w"])|[!%^](?=[\w"])|&(?:amp|#36);(?=\d)|\\[~*](?=[\w"])|\\\[(?=\w+:)|GH-(?=\d)|:(?=\/\/)|(?:mailto|xmpp):|www(?=\.)/gi;

/** The same in the letters of a configuration. */
export function code(text: string | undefined): string {
  return text === undefined ? '(absent)' : `<code>${cell(text)}</code>`;
}

/** An address to follow, as whoever calls us gave it; any other text is shown. */
export function link(text: string): string {
  return /^https?:\/\/[^\s<>\\]+$/.test(text) ? `<${text}>` : cell(text);
}

/** A fence longer than any run of backticks inside. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}${fence}\n`;
}
