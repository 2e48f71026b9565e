import { describe, expect, it } from 'vitest';
import { statusOf } from '../../test/kube/fake-api.ts';
import { apiErrorOf, readRetryAfter } from './api-error.ts';

const now = new Date('2026-11-01T00:00:00Z');

describe('Retry-After', () => {
  it.each<[text: string, ms: number | undefined]>([
    ['3', 3_000],
    [' 120 ', 120_000],
    ['0', 0],
    ['0.5', 500],
    ['Sun, 01 Nov 2026 00:00:05 GMT', 5_000],
    ['Sunday, 01-Nov-26 00:00:05 GMT', 5_000],
    ['Sat, 31 Oct 2026 23:59:00 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['2026-11-01', undefined],
    ['Sun, in a while', undefined],
  ])('%j is read as %s ms', (text, ms) => expect(readRetryAfter(text, now)).toBe(ms));

  it('as a date counts from the date of the server, whose clock may be anywhere', () => {
    expect(readRetryAfter('Sun, 01 Nov 2026 05:00:04 GMT', now, 'Sun, 01 Nov 2026 05:00:00 GMT')).toBe(4_000);
    expect(readRetryAfter('Sun, 01 Nov 2026 00:00:04 GMT', now, 'nonsense')).toBe(4_000);
  });

  it('is believed for five minutes at most, header and body', () => {
    expect(apiErrorOf(429, '', 1e14).retryAfterMs).toBe(300_000);
    expect(apiErrorOf(429, JSON.stringify(statusOf(429, 'TooManyRequests', '', { retryAfterSeconds: 1e12 }))).retryAfterMs).toBe(300_000);
    expect(apiErrorOf(429, JSON.stringify(statusOf(429, 'TooManyRequests', '', { retryAfterSeconds: -1 }))).retryAfterMs).toBeUndefined();
  });
});

describe('what is not there', () => {
  it.each([
    ['the API says so', JSON.stringify(statusOf(404, 'NotFound', 'devices "a" not found')), 'notFound'],
    ['it serves no such kind', '404 page not found\n', 'notFound'],
    ['a proxy has a page for it', '<html><h1>404 Not Found</h1></html>', 'brokenAnswer'],
    ['nobody says anything', '', 'brokenAnswer'],
    ['something else speaks JSON', '{"error":"no such route"}', 'brokenAnswer'],
  ])('is believed when %s', (_what, body, reason) => expect(apiErrorOf(404, body)).toMatchObject({ reason, status: 404 }));
});
