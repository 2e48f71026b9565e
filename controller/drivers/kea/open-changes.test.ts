import { expect, it } from 'vitest';
import { createFakeClock } from '../../../test/kube/fake-clock.ts';
import { createOpenChanges, type OpenChange } from './open-changes.ts';

const change = (device: string, state: OpenChange['state'] = 'applied'): OpenChange => ({
  device,
  token: 'of-the-set',
  epoch: 1,
  holder: 'the tests',
  state,
  endsAtMs: 1_000,
  before: new Map(),
  fingerprint: `what ${device} held`,
  rollback: [],
  values: new Map(),
  sent: new Map(),
  asSet: new Map(),
});

it('the two servers of a pair change under one token, and each goes back to what it held itself', () => {
  const open = createOpenChanges(createFakeClock());
  expect([open.lock(change('dhcp1')), open.lock(change('dhcp2'))]).toEqual([undefined, undefined]);
  expect(open.of('dhcp1', 'of-the-set')?.fingerprint).toBe('what dhcp1 held');
  expect(open.of('dhcp2', 'of-the-set')?.fingerprint).toBe('what dhcp2 held');

  open.end(change('dhcp1'), { state: 'restored', persisted: false });
  expect(open.of('dhcp1', 'of-the-set')).toBeUndefined();
  expect(open.of('dhcp2', 'of-the-set')).toBeDefined();
  expect([open.ended('dhcp1', 'of-the-set')?.state, open.ended('dhcp2', 'of-the-set')]).toEqual(['restored', undefined]);

  open.forget('dhcp2', 'of-another');
  expect(open.lock(change('dhcp2'))?.token).toBe('of-the-set');
  open.forget('dhcp2', 'of-the-set');
  expect(open.lock(change('dhcp2'))).toBeUndefined();
});
