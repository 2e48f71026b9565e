import { expect, test } from 'vitest';
import type { Condition } from '../../controller/api/index.ts';
import type { StoredObject } from '../../controller/store/index.ts';
import { brokenInvariants } from './invariants.ts';

const condition = (type: string, status: Condition['status'], rest: Partial<Condition> = {}): Condition => ({
  type,
  status,
  reason: 'Because',
  message: 'words',
  observedGeneration: 2,
  lastTransitionTime: '2026-11-21T00:00:00.000Z',
  ...rest,
});

function fleet(conditions: readonly Condition[], rest: object = {}): StoredObject {
  return {
    kind: 'Fleet',
    name: 'lab',
    uid: 'u',
    labels: {},
    annotations: {},
    spec: {},
    status: { observedGeneration: 2, conditions, problems: [], releasing: [], ...rest },
    generation: 2,
    createdAt: '2026-11-21T00:00:00.000Z',
    resourceVersion: '1',
  };
}

test.each<{ name: string; object: StoredObject; says: RegExp | undefined }>([
  { name: 'Ready', object: fleet([condition('Ready', 'True')]), says: undefined },
  { name: 'not Ready', object: fleet([condition('Ready', 'False')]), says: undefined },
  { name: 'Stalled', object: fleet([condition('Ready', 'False'), condition('Stalled', 'True')]), says: undefined },
  { name: 'under way', object: fleet([condition('Ready', 'Unknown'), condition('Reconciling', 'True')]), says: undefined },
  { name: 'no status', object: { ...fleet([]), status: undefined }, says: /Ready is missing/ },
  { name: 'no Ready', object: fleet([condition('Stalled', 'True')]), says: /Ready is missing/ },
  {
    name: 'Ready and Stalled',
    object: fleet([condition('Ready', 'True'), condition('Stalled', 'True')]),
    says: /Ready is True beside Stalled/,
  },
  {
    name: 'Reconciling and Stalled',
    object: fleet([condition('Ready', 'False'), condition('Reconciling', 'True'), condition('Stalled', 'True')]),
    says: /side by side/,
  },
  {
    name: 'Stalled, and not known',
    object: fleet([condition('Ready', 'Unknown'), condition('Stalled', 'True')]),
    says: /Ready is not False/,
  },
  { name: 'a False Stalled', object: fleet([condition('Ready', 'False'), condition('Stalled', 'False')]), says: /left behind/ },
  {
    name: 'of an old generation',
    object: { ...fleet([condition('Ready', 'True')]), generation: 3 },
    says: /speaks of generation 2, not of 3/,
  },
  {
    name: 'of a generation to come',
    object: { ...fleet([condition('Ready', 'False')]), generation: 1 },
    says: /observedGeneration 2 with generation 1/,
  },
  {
    name: 'a condition of another generation',
    object: fleet([condition('Ready', 'True', { observedGeneration: 1 })]),
    says: /another generation/,
  },
  { name: 'the same twice', object: fleet([condition('Ready', 'True'), condition('Ready', 'True')]), says: /stands twice/ },
  { name: 'no words', object: fleet([condition('Ready', 'True', { message: ' ' })]), says: /without a message/ },
  {
    name: 'words of a program',
    object: fleet([condition('Ready', 'True', { message: 'undefined is in force' })]),
    says: /not written for people/,
  },
  { name: 'what the CRD refuses', object: fleet([condition('Ready', 'True')], { ages: 3 }), says: /status\..*ages/ },
])('an object that is $name', ({ object, says }) => {
  const broken = brokenInvariants(object);
  if (says) expect(broken.join('\n')).toMatch(says);
  else expect(broken).toEqual([]);
});
