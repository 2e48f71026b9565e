import type { RenderLimits } from './limits.ts';
import { type Job, type JobEnd, type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';

/** Child processes, started when the first job needs them, at most `limits.children` at once. */
export interface SandboxPool {
  run(job: Job): Promise<JobEnd>;
  /** Ends all children. Jobs that run end as crashed. */
  close(): void;
}

export function createSandboxPool(limits: RenderLimits): SandboxPool {
  const idle: SandboxProcess[] = [];
  const busy = new Set<SandboxProcess>();
  const waiting: { job: Job; resolve: (end: JobEnd) => void }[] = [];
  let closed = false;

  function next(): void {
    while (waiting.length > 0 && busy.size < limits.children) {
      const { job, resolve } = waiting.shift() ?? {};
      if (job && resolve) void carryOut(job, resolve);
    }
  }

  async function carryOut(job: Job, resolve: (end: JobEnd) => void): Promise<void> {
    const sandbox = takeIdle() ?? startSandboxProcess(limits);
    busy.add(sandbox);
    const end = await sandbox.run(job);
    busy.delete(sandbox);
    if (sandbox.alive && !closed) idle.push(sandbox);
    resolve(end);
    next();
  }

  function takeIdle(): SandboxProcess | undefined {
    for (let sandbox = idle.pop(); sandbox; sandbox = idle.pop()) if (sandbox.alive) return sandbox;
    return undefined;
  }

  return {
    run(job) {
      if (closed) return Promise.resolve({ ended: 'crash', says: 'closed' });
      return new Promise((resolve) => {
        waiting.push({ job, resolve });
        next();
      });
    },
    close() {
      closed = true;
      for (const { resolve } of waiting.splice(0)) resolve({ ended: 'crash', says: 'closed' });
      for (const sandbox of [...idle.splice(0), ...busy]) sandbox.close();
    },
  };
}
