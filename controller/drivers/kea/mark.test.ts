import { describe, expect, test } from 'vitest';
import { hasMark, type Mark, readMark, writeMark } from './mark.ts';

const mark: Mark = {
  device: 'dhcp1-fra',
  epoch: 7,
  at: '2026-11-21T12:00:00.000Z',
  receipt: {
    revision: 'main@sha1:a',
    itemsDigest: 'b',
    effectDigest: 'c',
    epoch: 7,
    glass: { by: 'mona', reason: 'fire', at: '2026-11-21T11:00:00Z' },
  },
  saved: 'e',
  last: { token: 't-1', holder: 'plumb@host' },
  change: {
    token: 't-2',
    holder: 'plumb@host',
    before: 'd',
    mark: { epoch: 6, at: '2026-11-20T12:00:00.000Z', device: 'dhcp1-fra' },
    rollback: [{ path: ['Dhcp4', 'subnet 10'], text: 'valid-lifetime 3600' }],
    values: { '<secret:hmac-00>': 'v' },
  },
};

describe('the mark of a change', () => {
  test('is read as it was written, and stands beside what others keep in the user context', () => {
    const config = { 'valid-lifetime': 1, 'user-context': { site: 'fra' } };
    const marked = writeMark(config, mark);
    expect(readMark(JSON.parse(JSON.stringify(marked)) as typeof marked)).toEqual(mark);
    expect(marked['user-context']).toMatchObject({ site: 'fra' });
    expect(hasMark(marked)).toBe(true);
    expect(writeMark(marked, undefined)).toEqual(config);
  });

  test('leaves no empty user context behind', () => {
    expect(writeMark(writeMark({ a: 1 }, mark), undefined)).toEqual({ a: 1 });
  });

  test.each([
    ['nothing', {}],
    ['a user context without it', { 'user-context': { comment: 'x' } }],
    ['something else under its name', { 'user-context': { plumbline: 'hello' } }],
  ])('is none where there is %s', (_name, config) => {
    expect(readMark(config)).toEqual({ epoch: 0, at: '' });
  });

  test('without a token is no change, and half a receipt is none', () => {
    const config = { 'user-context': { plumbline: { epoch: 3, at: 'x', change: { holder: 'me' }, receipt: { revision: 'r' } } } };
    expect(readMark(config)).toEqual({ epoch: 3, at: 'x' });
  });
});
