import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../lib/index.ts';

/** One template as text. */
export interface TemplateFile {
  /** What `include` and `sections[].template` call it: the path below `templates/`, with `/`. */
  name: string;
  /** Where a person finds it, for messages. */
  file: string;
  text: string;
}

/** The templates that come with Plumbline, sorted by name. In a checkout and in the package they lie beside this code. */
export function readBuiltinTemplates(root: string = fileURLToPath(new URL('../../templates', import.meta.url))): TemplateFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.njk'))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = relative(root, path).split(sep).join('/');
      return { name, file: `templates/${name}`, text: readFileSync(path, 'utf8') };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Built-in templates with those of a repository over them: a file below `templates/` replaces the built-in one of its name, a new name is
 * added. Sorted by name. A file elsewhere whose name is taken follows the one that has it: compiling reports it and uses the first.
 */
export function overlayTemplates(builtin: readonly TemplateFile[], repository: readonly TemplateFile[]): TemplateFile[] {
  const below = repository.filter(({ file }) => file.startsWith('templates/'));
  const elsewhere = repository.filter(({ file }) => !file.startsWith('templates/'));
  const byName = new Map([...builtin, ...below].map((template) => [template.name, template]));
  return [...byName.values(), ...elsewhere].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Digest of a template set: names and texts, not where they lie. */
export function digestTemplates(templates: readonly TemplateFile[]): string {
  return sha256(JSON.stringify(templates.map(({ name, text }) => [name, text]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))));
}
