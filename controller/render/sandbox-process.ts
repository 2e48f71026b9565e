import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RenderLimits } from './limits.ts';
import { slimRuntimePath } from './nunjucks-internals.ts';
import { type Reply, readReply, type ToChild } from './sandbox/protocol.ts';
import { allowedFilters } from './template-rules.ts';

/** One render as the child gets it. */
export interface Job {
  templates: readonly { key: string; name: string; source: string }[];
  /** JSON text of a RenderInput. */
  input: string;
  /** Its deadline. Default: that of the limits. */
  limitMs?: number;
}

/** How a job ended: with a reply, or with the end of the child that ran it. */
export type JobEnd = Reply | { ended: 'crash'; says: string } | { ended: 'timeout' };

/** One child process. Runs one job at a time; after a crash or a time-out it is gone and the pool starts another. */
export interface SandboxProcess {
  readonly alive: boolean;
  run(job: Job): Promise<JobEnd>;
  close(): void;
}

/** In a checkout the child is TypeScript like this file, in the package it is JavaScript. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const ownFiles = ['child', 'strict-runtime', 'protocol'].map((name) =>
  fileURLToPath(new URL(`./sandbox/${name}.${extension}`, import.meta.url)),
);
const manifest = fileURLToPath(new URL('../../package.json', import.meta.url));

/** Beyond the deadline inside the child: the time in which it must have started, on a busy machine too, and say that the deadline was missed. */
const graceMs = 10_000;

export function startSandboxProcess(limits: RenderLimits): SandboxProcess {
  const child = fork(ownFiles[0] ?? '', [slimRuntimePath, allowedFilters.join(',')], {
    env: {},
    execArgv: sandboxArguments(limits.heapMiB, [...ownFiles, slimRuntimePath]),
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
  });
  const kept = new Set<string>();
  const lastWords = collectLastWords(child);
  let nextId = 1;
  let alive = true;
  let finish: ((end: JobEnd) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  const end = (how: JobEnd): void => {
    clearTimeout(timer);
    finish?.(how);
    finish = undefined;
  };
  const kill = (how: JobEnd): void => {
    alive = false;
    child.kill('SIGKILL');
    end(how);
  };
  child.on('message', (message) => {
    const reply = readReply(message);
    // Out of shape or out of turn: not our code speaks there any more.
    if (reply === undefined || reply.id !== nextId - 1) return kill({ ended: 'crash', says: 'an answer out of shape' });
    return end(reply);
  });
  child.on('error', (error) => kill({ ended: 'crash', says: error.message }));
  child.on('exit', (code, signal) => {
    alive = false;
    end({ ended: 'crash', says: lastWords().includes('heap out of memory') ? 'out of memory' : `exit ${signal ?? code}` });
  });
  child.unref();
  child.channel?.unref();

  return {
    get alive() {
      return alive;
    },
    run(job) {
      return new Promise((resolve) => {
        finish = (how) => {
          child.channel?.unref();
          resolve(how);
        };
        child.channel?.ref();
        const send = (message: ToChild): void =>
          void child.send(message, (error) => error && kill({ ended: 'crash', says: error.message }));
        for (const { key, name, source } of job.templates) {
          if (!kept.has(key)) send({ type: 'template', key, name, source });
          kept.add(key);
        }
        const id = nextId++;
        const limitMs = job.limitMs ?? limits.renderMs;
        timer = setTimeout(() => kill({ ended: 'timeout' }), limitMs + graceMs);
        send({ type: 'render', id, templates: job.templates.map(({ key }) => key), input: job.input, limitMs });
      });
    },
    close() {
      kill({ ended: 'crash', says: 'closed' });
    },
  };
}

/** How Node starts a process that may read these files (and its own package.json, to know what they are) and nothing else. */
export function sandboxArguments(heapMiB: number, files: readonly string[]): string[] {
  return [
    '--permission',
    ...[...files, manifest].map((path) => `--allow-fs-read=${path}`),
    '--disallow-code-generation-from-strings',
    `--max-old-space-size=${heapMiB}`,
    '--no-addons',
  ];
}

/** The end of what the child wrote to standard error: V8 says there why it gave up. */
function collectLastWords(child: ChildProcess): () => string {
  let words = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    words = (words + text).slice(-8192);
  });
  (child.stderr as { unref?: () => void } | null)?.unref?.();
  return () => words;
}
