import { availableParallelism } from 'node:os';
import { defaultLimits, type RenderLimits } from './limits.ts';
import { type Job, type JobEnd, type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';

/** Child processes, at most `limits.children` at once: the first is started with the first job, a further one when jobs wait for long. */
export interface SandboxPool {
  readonly limits: RenderLimits;
  run(job: Job): Promise<JobEnd>;
  /** A job will come soon: the first child is started meanwhile, and does once what it does for each. */
  prepare(): void;
  /** Ends all children. Jobs that run end as crashed. */
  close(): void;
}

/** Give `given` only to change a default. */
export function createSandboxPool(given: Partial<RenderLimits> = {}): SandboxPool {
  const limits: RenderLimits = { ...defaultLimits, children: Math.min(4, availableParallelism()), ...given };
  const idle: SandboxProcess[] = [];
  const busy = new Set<SandboxProcess>();
  const waiting: { job: Job; resolve: (end: JobEnd) => void }[] = [];
  let closed = false;
  let impatience: NodeJS.Timeout | undefined;

  function next(): void {
    while (waiting.length > 0 && (idle.length > 0 || busy.size === 0)) begin();
    if (waiting.length === 0 || busy.size >= limits.children) return;
    impatience ??= setTimeout(() => {
      impatience = undefined;
      if (waiting.length > 0 && busy.size < limits.children) begin();
      next();
    }, limits.patienceMs).unref();
  }

  function begin(): void {
    const { job, resolve } = waiting.shift() ?? {};
    if (job && resolve) void carryOut(job, resolve);
  }

  async function carryOut(job: Job, resolve: (end: JobEnd) => void): Promise<void> {
    const sandbox = takeIdle() ?? start();
    if ('ended' in sandbox) {
      resolve(sandbox);
      return next();
    }
    busy.add(sandbox);
    const end = await sandbox.run(job);
    busy.delete(sandbox);
    if (sandbox.alive && !closed) idle.push(sandbox);
    resolve(end);
    next();
  }

  /** Without memory or processes left the system says so at once: that is the end of a job, not of ours. */
  function start(): SandboxProcess | Extract<JobEnd, { ended: 'crash' }> {
    try {
      return startSandboxProcess(limits);
    } catch (error) {
      return { ended: 'crash', says: (error as Error).message };
    }
  }

  function takeIdle(): SandboxProcess | undefined {
    for (let sandbox = idle.pop(); sandbox; sandbox = idle.pop()) if (sandbox.alive) return sandbox;
    return undefined;
  }

  function run(job: Job): Promise<JobEnd> {
    if (closed) return Promise.resolve({ ended: 'crash', says: 'closed' });
    return new Promise((resolve) => {
      waiting.push({ job, resolve });
      next();
    });
  }

  return {
    limits,
    run,
    prepare() {
      // Of no template, which comes to nothing: the first real one takes less.
      if (idle.length + busy.size === 0) void run({ templates: [], input: '{}' });
    },
    close() {
      closed = true;
      clearTimeout(impatience);
      for (const { resolve } of waiting.splice(0)) resolve({ ended: 'crash', says: 'closed' });
      for (const sandbox of [...idle.splice(0), ...busy]) sandbox.close();
    },
  };
}
