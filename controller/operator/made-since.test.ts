import { expect, test } from 'vitest';
import { isMadeSince } from './made-since.ts';

test.each([
  { madeAt: '2026-11-21T20:07:36.065Z', at: '2026-11-21T20:07:36Z', is: true, because: 'later in a second that is all that is known' },
  { madeAt: '2026-11-21T20:07:36Z', at: '2026-11-21T20:07:36.065Z', is: true, because: 'in the same second' },
  { madeAt: '2026-11-21T20:07:37Z', at: '2026-11-21T20:07:36.999Z', is: true, because: 'a second later' },
  { madeAt: '2026-11-21T20:07:35.999Z', at: '2026-11-21T20:07:36Z', is: false, because: 'a second earlier' },
])('$madeAt is since $at: $is, $because', ({ madeAt, at, is }) => {
  expect(isMadeSince(madeAt, at)).toBe(is);
});
