import type { TestProject } from 'vitest/node';
import { build, whyNoBinaries } from './build.ts';
import { type KubeLab, up } from './server.ts';

let lab: KubeLab | undefined;
const say = (line: string) => process.stderr.write(`» API server: ${line}\n`);

/** One API server for all test files of a run. Without Go or network its tests are skipped; a server that does not start is a failure. */
export async function setup(project: TestProject): Promise<void> {
  let missing = await whyNoBinaries();
  if (missing === undefined) {
    await build(say).catch((error: unknown) => {
      missing = `kube-apiserver could not be built: ${(error as Error).message}`;
    });
  }
  if (missing !== undefined) {
    project.provide('kubeLab', { missing });
    return;
  }
  lab = await up({ say });
  project.provide('kubeLab', { dir: lab.dir });
}

export async function teardown(): Promise<void> {
  await lab?.down();
}
