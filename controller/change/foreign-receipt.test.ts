import { expect, it } from 'vitest';
import type { Receipt } from '../api/index.ts';
import { foreignReceipt } from './foreign-receipt.ts';

const receipt: Receipt = { revision: 'main@sha1:1', itemsDigest: '1', effectDigest: '2', epoch: 3 };
const glass = { by: 'mona@desk', reason: 'transit is lost', at: '2026-11-20T12:00:00.000Z' };

it.each<{ name: string; seen: Receipt; code: string }>([
  { name: 'of a broken glass', seen: { ...receipt, glass }, code: 'BreakGlass' },
  { name: 'of another plumb', seen: receipt, code: 'ForeignChange' },
])('tells $name', ({ seen, code }) => expect(foreignReceipt('a', seen).code).toBe(code));

it('says who, when and why', () => {
  expect(foreignReceipt('a', { ...receipt, glass }).message).toBe(
    'a: mona@desk broke the glass at 2026-11-20T12:00:00.000Z and changed it to main@sha1:1: transit is lost',
  );
});
