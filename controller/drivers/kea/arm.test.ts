import { expect, it } from 'vitest';
import { Secret } from '../../lib/index.ts';
import { hideValues } from './arm.ts';

it('words of Kea hold no value, nor the end of one that begins with another', () => {
  const values = ['blue', 'blue-heron', ''].map((value) => new Secret(value));
  expect(hideValues(`no 'blue-heron' at 'blue'`, values)).toBe(`no '<secret>' at '<secret>'`);
});
