import { expect, it } from 'vitest';
import type { NotKnown } from '../api/index.ts';
import { createReadSaver } from './save-reads.ts';
import type { Surveyed } from './survey.ts';

const unread = (reason: NotKnown['reason'], message: string): Surveyed =>
  ({
    device: { name: 'edge1' },
    observed: { state: 'Unknown', device: 'edge1', at: '2026-11-21T10:00:00.000Z', reason, message, next: 'next' },
  }) as unknown as Surveyed;

const saved = async (each: Surveyed) => (await createReadSaver().save({ state: {} as never }, [each]))[0]?.read;

it.each(['its host key is SHA256:abc, expected SHA256:def', 'its machine id is 1f2e, expected 3d4c'])(
  'what was saved of another machine tells one from another by nothing: %s',
  async (found) => {
    const read = await saved(unread('WrongDevice', `edge1: another machine answers: ${found}`));
    expect(read).toMatchObject({ state: 'Unknown', reason: 'WrongDevice', message: 'edge1: another machine answers' });
  },
);

it('what was saved of a device that could not be read says why', async () => {
  expect(await saved(unread('Unreachable', 'edge1: no route'))).toMatchObject({ state: 'Unknown', message: 'edge1: no route' });
});
