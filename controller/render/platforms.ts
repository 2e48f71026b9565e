/** What the renderer knows of a platform: the word that begins a comment line. Everything else is in its templates and its dialect. */
const comments: Readonly<Record<string, string>> = { frr: '!' };

export function commentOf(platform: string): string {
  return comments[platform] ?? '!';
}

/** The template that a device of a platform is rendered from. */
export function entryOf(platform: string): string {
  return `${platform}/main.njk`;
}
