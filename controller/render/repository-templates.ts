import { templateNameOf } from '../api/index.ts';
import type { TemplateFile } from './template-files.ts';

/** The templates among the files of a desired-state repository: every `.njk`, named by its path, below `templates/` by the path from there. */
export function templatesAmong(files: ReadonlyMap<string, string>): TemplateFile[] {
  return [...files]
    .filter(([path]) => path.endsWith('.njk'))
    .map(([path, text]) => ({ name: templateNameOf(path), file: path, text }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
