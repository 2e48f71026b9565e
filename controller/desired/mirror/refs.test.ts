import { describe, expect, it } from 'vitest';
import { checkRef, chooseTarget, type GitRef } from './refs.ts';

const id = (letter: string) => letter.repeat(40);
const url = 'https://git.example.net/network';

describe('a name that is longer than a revision may be', () => {
  const long = `2.0.0-${'x'.repeat(150)}`;

  it.each<[string, GitRef]>([
    ['branch', { branch: long }],
    ['tag', { tag: long }],
  ])('is refused as a %s', (_, ref) => {
    expect(() => checkRef(ref, url)).toThrow(expect.objectContaining({ code: 'SourceRefNotFound' }));
  });

  it('is passed over among the tags of a range', () => {
    const refs = new Map([
      ['refs/tags/1.0.0', id('a')],
      [`refs/tags/${long}`, id('b')],
    ]);
    expect(chooseTarget({ semver: '>=1.0.0-0' }, refs)).toMatchObject({ name: '1.0.0', commit: id('a') });
  });
});
