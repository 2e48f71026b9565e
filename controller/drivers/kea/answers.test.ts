import { describe, expect, test } from 'vitest';
import { readAnswer, readHttp } from './answers.ts';

const read = (status: number, body: string) => readHttp('dhcp1-fra', 'plumbline', 'dhcp4', { status, body });

describe('an answer over HTTP', () => {
  test.each([
    { form: 'in an array, as the agent gives it', body: '[ { "result": 0, "text": "done", "arguments": { "a": 1 } } ]' },
    { form: 'in a map, as a daemon gives it', body: '{ "result": 0, "text": "done", "arguments": { "a": 1 } }' },
  ])('is read $form', ({ body }) => {
    expect(read(200, body)).toEqual({ result: 0, text: 'done', arguments: { a: 1 } });
  });

  test.each([
    {
      says: 'that the request was wrong',
      status: 400,
      body: '{ "result": 400, "text": "Bad Request" }',
      code: 'PartialRead',
      words: 'Bad Request',
    },
    {
      says: 'that nobody is known by this password',
      status: 401,
      body: '{ "result": 401, "text": "Unauthorized" }',
      code: 'AuthFailed',
      words: 'plumbline',
    },
    { says: 'that it forbids it', status: 403, body: '{ "result": 403, "text": "Forbidden" }', code: 'AuthFailed', words: 'forbids' },
    { says: 'nothing of Kea', status: 200, body: '<html>', code: 'PartialRead', words: 'not Kea' },
    { says: 'half a word', status: 200, body: '[ { "result": 0, "argu', code: 'PartialRead', words: 'not Kea' },
    {
      says: 'that the agent knows no such daemon',
      status: 200,
      body: '[ { "result": 1, "text": "forwarding socket is not configured for the server type dhcp4" } ]',
      code: 'Unreachable',
      words: 'knows no socket',
    },
    {
      says: 'that the daemon is gone',
      status: 200,
      body: '[ { "result": 1, "text": "unable to forward command to the dhcp4 service: Connection refused. The server is likely to be offline" } ]',
      code: 'DaemonDown',
      words: 'dhcp4 does not run',
    },
  ])('is no answer of the daemon when it says $says', ({ status, body, code, words }) => {
    expect(read(status, body)).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  test('with any other result is one: HTTP says 200 to all of them', () => {
    for (const result of [1, 2, 3, 4, 5])
      expect(read(200, `[ { "result": ${result}, "text": "why" } ]`)).toMatchObject({ result, text: 'why' });
  });
});

test('an answer without a result is none', () => {
  for (const body of ['', '[]', '{}', '"text"', '[1]', '{"result":"0"}']) expect(readAnswer(body)).toBeUndefined();
});
