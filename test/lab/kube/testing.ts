import { afterAll, describe, inject } from 'vitest';
import { attach, type KubeLab } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kubeLab: { dir: string } | { missing: string };
  }
}

/** `describe` for tests on the API server of this run. Where there is none they are skipped, and standard error says why. */
export function describeWithKube(title: string, body: (kube: () => KubeLab) => void): void {
  const given = inject('kubeLab') as { dir: string } | { missing: string } | undefined;
  const missing = given === undefined ? 'it is started by make conformance' : 'missing' in given ? given.missing : undefined;
  if (missing !== undefined) process.stderr.write(`skipped, no API server: ${title}: ${missing}\n`);
  // oxlint-disable-next-line vitest/valid-title -- the caller names it
  describe.skipIf(missing !== undefined)(title, () => {
    let lab: KubeLab | undefined;
    afterAll(() => lab?.close());
    body(() => (lab ??= attach(given && 'dir' in given ? given.dir : '')));
  });
}
