import type { TestProject } from 'vitest/node';
import { type ChartTools, openTools, whyNoTools } from './tools.ts';

declare module 'vitest' {
  interface ProvidedContext {
    chartTools: ChartTools | { missing: string };
  }
}

/** helm and kubeconform for all test files of a run. Built here, where no test has a limit for it; without Go or network they are missing. */
export async function setup(project: TestProject): Promise<void> {
  const missing = await whyNoTools();
  const tools = missing === undefined ? await openTools().catch((error: Error) => ({ missing: error.message })) : { missing };
  project.provide('chartTools', tools);
}
