import { describe, inject } from 'vitest';
import { describeWithKube, type KubeLab } from '../lab/kube/index.ts';
import type { ChartTools } from './tools.ts';

/** `describe` for tests with helm and an API server. Where one of them cannot be had they are skipped, and standard error says why. */
export function describeWithChart(title: string, body: (kube: () => KubeLab, tools: () => ChartTools) => void): void {
  const given = inject('chartTools') as ChartTools | { missing: string } | undefined;
  const tools = given !== undefined && 'helm' in given ? given : undefined;
  if (!tools) {
    const why = given !== undefined && 'missing' in given ? given.missing : 'it is started by make conformance';
    process.stderr.write(`skipped, no helm: ${title}: ${why}\n`);
  }
  describe.skipIf(!tools)('with helm', () => {
    describeWithKube(title, (kube) =>
      body(kube, () => {
        if (!tools) throw new Error('no helm');
        return tools;
      }),
    );
  });
}
