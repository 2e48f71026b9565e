import { describe, expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import type { DesiredObject, LabelSelector, ReconcileMode } from '../api/index.ts';
import { systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';
import { modeOf, selects } from './mode.ts';

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

describe('selects', () => {
  const expression = (operator: LabelSelector['matchExpressions'][number]['operator'], ...values: string[]): LabelSelector => ({
    matchLabels: {},
    matchExpressions: [{ key: 'site', operator, values }],
  });

  test.each<{ name: string; selector: LabelSelector; labels: Record<string, string>; is: boolean }>([
    { name: 'In, listed', selector: expression('In', 'fra', 'lon'), labels: { site: 'lon' }, is: true },
    { name: 'In, another', selector: expression('In', 'fra'), labels: { site: 'lon' }, is: false },
    { name: 'In, without the label', selector: expression('In', 'fra'), labels: {}, is: false },
    { name: 'NotIn, another', selector: expression('NotIn', 'fra'), labels: { site: 'lon' }, is: true },
    { name: 'NotIn, without the label', selector: expression('NotIn', 'fra'), labels: {}, is: true },
    { name: 'Exists', selector: expression('Exists'), labels: { site: 'x' }, is: true },
    { name: 'DoesNotExist', selector: expression('DoesNotExist'), labels: { site: 'x' }, is: false },
    {
      name: 'a label that every object inherits',
      selector: { matchLabels: {}, matchExpressions: [{ key: 'toString', operator: 'Exists', values: [] }] },
      labels: {},
      is: false,
    },
    { name: 'all of several', selector: { matchLabels: { a: '1', b: '2' }, matchExpressions: [] }, labels: { a: '1', b: '3' }, is: false },
  ])('$name', ({ selector, labels, is }) => {
    expect(selects(selector, labels)).toBe(is);
  });
});
