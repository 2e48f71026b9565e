import { expect, it } from 'vitest';
import type { Receipt } from '../api/index.ts';
import { foreignReceipt } from './foreign-receipt.ts';

const receipt: Receipt = { revision: 'main@sha1:1', itemsDigest: '1', effectDigest: '2', epoch: 3 };
const glass = { by: 'mona@desk', reason: 'transit is lost', at: '2026-11-20T12:00:00.000Z' };

it.each<{ name: string; known: Receipt | undefined; seen: Receipt | undefined; code: string | undefined }>([
  { name: 'nothing of a device without a receipt', known: undefined, seen: undefined, code: undefined },
  { name: 'nothing of the receipt that is known', known: receipt, seen: { ...receipt }, code: undefined },
  { name: 'nothing of one that was lost', known: receipt, seen: undefined, code: undefined },
  { name: 'of a broken glass', known: receipt, seen: { ...receipt, glass }, code: 'BreakGlass' },
  { name: 'of a broken glass at first sight', known: undefined, seen: { ...receipt, glass }, code: 'BreakGlass' },
  {
    name: 'of a glass that was broken again',
    known: { ...receipt, glass },
    seen: { ...receipt, glass: { ...glass, at: 'later' } },
    code: 'BreakGlass',
  },
  { name: 'of another plumb', known: receipt, seen: { ...receipt, revision: 'main@sha1:2' }, code: 'ForeignChange' },
])('tells $name', ({ known, seen, code }) => expect(foreignReceipt('a', known, seen)?.code).toBe(code));

it('says who, when and why', () => {
  expect(foreignReceipt('a', receipt, { ...receipt, glass })?.message).toBe(
    'a: mona@desk broke the glass at 2026-11-20T12:00:00.000Z and changed it to main@sha1:1: transit is lost',
  );
});
