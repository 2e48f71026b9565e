import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plain } from './style.ts';
import { formatTextDiff } from './text-diff.ts';

it('shows what changes with the lines around it', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((each) => `${each}\n`).join('');
  expect(formatTextDiff('x.yaml', before, before.replace('d\n', 'D\nD2\n'), plain)).toBe('x.yaml\n…\n b\n c\n-d\n+D\n+D2\n e\n f\n…\n');
  expect(formatTextDiff('x.yaml', undefined, 'a\n', plain)).toBe('x.yaml (new)\n+a\n');
});

it('leads from the one to the other, whatever they are', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', ' d'), { maxLength: 12 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const text = formatTextDiff('x', `${before.join('\n')}\n`, `${after.join('\n')}\n`, plain);
      const shown = text.split('\n').slice(1, -1);
      const minus = shown.filter((line) => line.startsWith('-')).length;
      const plus = shown.filter((line) => line.startsWith('+')).length;
      // What both have in common is neither: taking off and putting on give the new length.
      expect(plus - minus).toBe(Math.max(1, after.length) - Math.max(1, before.length));
    }),
  );
});
