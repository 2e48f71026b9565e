import { expect, test } from 'vitest';
import { createReads } from './reads.ts';

const token = 'a-token-of-twenty-four-letters';

async function* pieces() {
  yield '{"a":';
  yield '1}';
}

const ask = (headers: Record<string, string>, text: Parameters<typeof createReads>[0]['text'] = pieces) =>
  createReads({ token, text }).request('/reads', { headers });

test('whoever shows the token gets the reads, whole', async () => {
  const answer = await ask({ authorization: `Bearer ${token}` });
  expect([answer.status, await answer.text(), answer.headers.get('cache-control')]).toEqual([200, '{"a":1}', 'no-store']);
});

test.each<[name: string, headers: Record<string, string>]>([
  ['nothing', {}],
  ['another token', { authorization: 'Bearer another' }],
  ['the beginning of it', { authorization: `Bearer ${token.slice(0, -1)}` }],
  ['an empty one', { authorization: 'Bearer ' }],
  ['another scheme', { authorization: `Basic ${token}` }],
])('whoever shows %s gets nothing', async (_, headers) => {
  const answer = await ask(headers);
  expect([answer.status, await answer.text()]).toEqual([401, 'a token is needed\n']);
});

test('a replica that looks at nothing sends who asks to another one', async () => {
  const answer = await ask({ authorization: `Bearer ${token}` }, () => undefined);
  expect([answer.status, answer.headers.get('connection')]).toEqual([503, 'close']);
});
