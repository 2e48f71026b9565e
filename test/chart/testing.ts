import { beforeAll, describe } from 'vitest';
import { describeWithKube, type KubeLab } from '../lab/kube/index.ts';
import { type ChartTools, openTools, whyNoTools } from './tools.ts';

const missing = await whyNoTools();

/** `describe` for tests with helm and an API server. Where one of them cannot be had they are skipped, and standard error says why. */
export function describeWithChart(title: string, body: (kube: () => KubeLab, tools: () => ChartTools) => void): void {
  if (missing !== undefined) process.stderr.write(`skipped, no helm: ${title}: ${missing}\n`);
  describe.skipIf(missing !== undefined)('with helm', () => {
    describeWithKube(title, (kube) => {
      let tools: ChartTools;
      beforeAll(async () => {
        tools = await openTools();
      });
      body(kube, () => tools);
    });
  });
}
