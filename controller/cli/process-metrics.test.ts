import { expect, it } from 'vitest';
import { openRegistry } from './process-metrics.ts';

const regionsOf = async (registry: ReturnType<typeof openRegistry>) => {
  const all = await registry.getMetricsAsJSON();
  return new Set(all.flatMap(({ values }) => values.map(({ labels }) => (labels as { region?: string }).region)));
};

it('every metric of an operator of a region says which', async () => {
  expect(await regionsOf(openRegistry('site=fra,role=edge'))).toEqual(new Set(['site=fra,role=edge']));
});

it('without regions there is no such label', async () => {
  expect(await regionsOf(openRegistry())).toEqual(new Set([undefined]));
});
