/** What the template set calls a file of the repository: below `templates/` the path from there, elsewhere the whole path. */
export function templateNameOf(path: string): string {
  return path.startsWith('templates/') ? path.slice('templates/'.length) : path;
}
