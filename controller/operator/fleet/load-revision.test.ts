import { expect, it } from 'vitest';
import type { CheckedState } from '../../api/index.ts';
import { errors } from '../errors.ts';
import type { World } from '../world.ts';
import type { FleetObject } from './reconcile-fleet.ts';
import { loadRevision } from './load-revision.ts';
import type { Found } from './source.ts';

const revision = `main@sha1:${'a'.repeat(40)}`;
const mistake = errors.SourceFailed({ fleet: 'lab', why: 'a file is missing' });
const fleet = (generation = 1) => ({ name: 'lab', generation, spec: {} }) as FleetObject;

/** Says of each look whether it read anything. What has no mistakes is put in force. */
function lookingAt() {
  const world = { loaded: undefined, inForce: undefined } as unknown as World;
  return async (found: Omit<Found, 'load'>, problems: CheckedState['problems'] = [], spec = fleet()) => {
    let wasRead = false;
    const state = { revision: found.revision, problems } as unknown as CheckedState;
    const load = async () => ((wasRead = true), state);
    const loading = await loadRevision(world, spec, { ...found, load });
    if ('state' in loading) world.inForce = { revision: found.revision, state: loading.state } as World['inForce'] & object;
    return { wasRead, refused: 'problems' in loading };
  };
}

it('a revision that is in force is not read again', async () => {
  const look = lookingAt();
  expect(await look({ revision })).toEqual({ wasRead: true, refused: false });
  expect(await look({ revision })).toEqual({ wasRead: false, refused: false });
});

it('a refused one is refused again unread, until the Fleet asks for something else', async () => {
  const look = lookingAt();
  expect(await look({ revision }, [mistake])).toEqual({ wasRead: true, refused: true });
  expect(await look({ revision })).toEqual({ wasRead: false, refused: true });
  expect(await look({ revision }, [], fleet(2))).toEqual({ wasRead: true, refused: false });
});

it('an artifact that was packed anew from the same commit is another one, in force or refused', async () => {
  const look = lookingAt();
  expect(await look({ revision, content: 'sha256:1' }, [mistake])).toEqual({ wasRead: true, refused: true });
  expect(await look({ revision, content: 'sha256:2' })).toEqual({ wasRead: true, refused: false });
  expect(await look({ revision, content: 'sha256:2' })).toEqual({ wasRead: false, refused: false });
  expect(await look({ revision, content: 'sha256:3' })).toEqual({ wasRead: true, refused: false });
});
