import { expect, it } from 'vitest';
import { progressOf } from './ends.ts';
import type { Run } from './run.ts';

const runOn = (...confirm: ('none' | 'deadman' | 'native')[]) =>
  ({ members: confirm.map((each) => ({ driver: { capabilities: { confirm: each } }, target: {} })) }) as unknown as Run;

it.each([
  { name: 'a router with a guard', run: runOn('deadman'), says: 'arming the dead-man' },
  { name: 'a set of which one has a guard', run: runOn('none', 'deadman'), says: 'arming the dead-man' },
  {
    name: 'a server that nothing guards',
    run: runOn('none'),
    says: 'keeping the way back here: nothing on the device takes the change back by itself',
  },
])('what is told while $name is armed is true', ({ run, says }) => expect(progressOf('Arming', run)).toBe(says));
