import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A repository of somebody who writes desired state, with a work tree. */
export interface People {
  folder: string;
  git(...args: string[]): string;
  /** Writes the files, commits all and gives the id. A file without text is removed. */
  commit(files?: Readonly<Record<string, string | undefined>>, ...options: string[]): string;
}

/** Starts a repository with the branch main and no commit. */
export function newRepository(folder: string, ...options: string[]): People {
  mkdirSync(folder, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, ...args], {
      env: gitEnvironment(folder),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  git('init', '--quiet', '--initial-branch=main', ...options);
  return {
    folder,
    git,
    commit(files = {}, ...more) {
      for (const [name, text] of Object.entries(files)) {
        const full = path.join(folder, name);
        mkdirSync(path.dirname(full), { recursive: true });
        if (text === undefined) rmSync(full, { recursive: true });
        else writeFileSync(full, text);
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', 'change', ...more);
      return git('rev-parse', 'HEAD');
    },
  };
}

/** Git that reads no setting of this machine, with a fixed author. */
export function gitEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Alice',
    GIT_AUTHOR_EMAIL: 'alice@example.net',
    GIT_COMMITTER_NAME: 'Alice',
    GIT_COMMITTER_EMAIL: 'alice@example.net',
  };
}

/** One policy, the smallest manifest that is valid alone. */
export function policy(name: string): string {
  return `apiVersion: plumbline.dev/v1alpha1\nkind: ReconcilePolicy\nmetadata: {name: ${name}}\nspec: {selector: {}, mode: Report}\n`;
}
