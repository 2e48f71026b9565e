import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** The folders of `controller/` below the command line, in the order in which they stand on each other. */
const parts = [
  'lib',
  'api',
  'config',
  'desired',
  'netbox',
  'compile',
  'render',
  'drivers',
  'verdict',
  'change',
  'policy',
  'report',
  'kube',
  'store',
  'pipeline',
  'import',
  'web',
  'operator',
] as const;

/** Which folders of `controller/` a folder may import: the picture of docs/architecture.md as data. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  api: ['lib'],
  config: ['lib', 'api'],
  desired: ['lib', 'api'],
  netbox: ['lib', 'api'],
  compile: ['lib', 'api'],
  render: ['lib', 'api'],
  drivers: ['lib', 'api', 'config'],
  verdict: ['lib', 'api', 'config'],
  change: ['lib', 'api', 'config', 'drivers'],
  policy: ['lib', 'api'],
  report: ['lib', 'api'],
  kube: ['lib'],
  store: ['lib', 'api', 'kube'],
  pipeline: ['lib', 'api', 'config', 'desired', 'netbox', 'compile', 'render', 'drivers', 'verdict', 'change', 'policy', 'report', 'store'],
  import: ['lib', 'api', 'config', 'desired', 'netbox', 'render', 'pipeline'],
  web: ['lib', 'api', 'report', 'store'],
  operator: parts.filter((part) => part !== 'operator'),
  cli: parts,
};

const importOf = /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import\s*'([^']+)'/g;

/** Every import of `file` (a path under `controller/`) that goes against the direction or past a front door, as one line each. */
export function checkImports(file: string, text: string): string[] {
  const folder = file.split('/')[0] ?? '';
  const problems: string[] = [];
  for (const match of text.matchAll(importOf)) {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    if (!specifier.startsWith('.')) continue;
    const target = normalize(join(dirname(file), specifier));
    const [targetFolder = '', ...rest] = target.split('/');
    if (targetFolder === '..' || targetFolder === '') {
      problems.push(`${file}: imports ${specifier}, which lies outside controller/`);
    } else if (targetFolder === folder) {
      if (rest.join('/') === 'index.ts') problems.push(`${file}: imports its own front door; import the file that declares it`);
    } else if (!mayImport[folder]?.includes(targetFolder)) {
      problems.push(`${file}: ${folder} may not import ${targetFolder}`);
    } else if (rest.join('/') !== 'index.ts') {
      problems.push(`${file}: imports ${specifier}; other folders are entered by ${targetFolder}/index.ts`);
    }
  }
  return problems;
}

/** Runs over the tree: prints what is wrong and returns how many. */
function main(root: string): number {
  const files = globSync('controller/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
  const problems = files.flatMap((file) => checkImports(relative('controller', file), readFileSync(join(root, file), 'utf8')));
  for (const problem of problems) process.stderr.write(`controller/${problem}\n`);
  process.stderr.write(
    problems.length === 0 ? `import direction: ${files.length} files in order\n` : `import direction: ${problems.length} wrong\n`,
  );
  return problems.length;
}

if (import.meta.main) process.exitCode = main(process.cwd()) === 0 ? 0 : 1;
