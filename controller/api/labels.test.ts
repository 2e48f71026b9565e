import { describe, expect, test } from 'vitest';
import { type LabelSelector, selects } from './labels.ts';

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
