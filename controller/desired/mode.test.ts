import { describe, expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import type { DesiredObject, ReconcileMode } from '../api/index.ts';
import { systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';
import { modeOf } from './mode.ts';

const device = (labels: Record<string, string>): DesiredObject<'Device'> =>
  ({ kind: 'Device', metadata: { name: 'r1', labels, annotations: {} } }) as DesiredObject<'Device'>;

async function policies(...rows: [ReconcileMode, string][]): Promise<DesiredObject<'ReconcilePolicy'>[]> {
  const text = rows.map(
    ([mode, selector], i) =>
      `apiVersion: plumbline.dev/v1alpha1\nkind: ReconcilePolicy\nmetadata: {name: p${i}}\nspec:\n  selector: ${selector}\n  mode: ${mode}\n`,
  );
  const { objects } = await loadSource(memorySource({ 'p.yaml': text.join('---\n') }), systemClock);
  return [...objects.ReconcilePolicy.values()];
}

describe('modeOf', () => {
  test.each<{ name: string; rows: [ReconcileMode, string][]; ceiling?: ReconcileMode; mode: ReconcileMode; lines: number[] }>([
    { name: 'reports when there is no policy', rows: [], mode: 'Report', lines: [] },
    { name: 'reports when no policy matches', rows: [['Approve', '{matchLabels: {site: lon}}']], mode: 'Report', lines: [] },
    { name: 'takes the policy that matches', rows: [['Approve', '{matchLabels: {site: fra}}']], mode: 'Approve', lines: [6] },
    { name: 'takes an empty selector for all', rows: [['Approve', '{}']], mode: 'Approve', lines: [6] },
    {
      name: 'lets the strictest win',
      rows: [
        ['Enforce', '{}'],
        ['Report', '{}'],
        ['Approve', '{}'],
      ],
      ceiling: 'Enforce',
      mode: 'Report',
      lines: [13],
    },
    {
      name: 'names every policy that asks for the mode',
      rows: [
        ['Approve', '{}'],
        ['Approve', '{}'],
        ['Enforce', '{}'],
      ],
      mode: 'Approve',
      lines: [6, 13],
    },
    { name: 'is never freer than the ceiling', rows: [['Enforce', '{}']], mode: 'Approve', lines: [6] },
    { name: 'enforces where the ceiling allows it', rows: [['Enforce', '{}']], ceiling: 'Enforce', mode: 'Enforce', lines: [6] },
    { name: 'is not widened by the ceiling', rows: [['Report', '{}']], ceiling: 'Enforce', mode: 'Report', lines: [6] },
    {
      name: 'is stricter than every policy under a strict ceiling',
      rows: [['Approve', '{}']],
      ceiling: 'Report',
      mode: 'Report',
      lines: [6],
    },
  ])('$name', async ({ rows, ceiling, mode, lines }) => {
    const result = modeOf(device({ site: 'fra' }), await policies(...rows), ceiling);
    expect(result).toEqual({ mode, because: lines.map((line) => ({ file: 'p.yaml', line })) });
  });
});
