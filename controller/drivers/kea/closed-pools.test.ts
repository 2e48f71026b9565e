import { describe, expect, it } from 'vitest';
import type { JsonMap } from './answers.ts';
import { readClosed, stampClosed } from './closed-pools.ts';

const now = new Date('2026-11-22T12:00:00.000Z');
const shut = { pool: '192.0.2.150 - 192.0.2.199', 'client-class': 'plumbline-closed' };
const open = { pool: '192.0.2.100 - 192.0.2.149' };
const config = (...pools: JsonMap[]): JsonMap => ({ 'valid-lifetime': 600, subnet4: [{ id: 10, pools }] });
const poolsOf = (made: JsonMap) => (made['subnet4'] as readonly { pools: readonly JsonMap[] }[])[0]?.pools;
const marked = (until: string) => ({ plumbline: { closedUntil: until } });

describe('a pool that a plan closes', () => {
  it('bears when its last lease ends: by the longest lifetime of before and after', () => {
    const before: JsonMap = { 'valid-lifetime': 600, 'client-classes': [{ name: 'a', 'max-valid-lifetime': 7200 }] };
    const made = stampClosed(config(open, shut), before, now);
    expect(poolsOf(made)).toEqual([open, { ...shut, 'user-context': marked('2026-11-22T14:00:00.000Z') }]);
    expect(readClosed('dhcp4', made)).toEqual({ 'dhcp4 10 192.0.2.150': '2026-11-22T14:00:00.000Z' });
  });

  it('keeps the moment that it has, and what others wrote beside it', () => {
    const was = { ...shut, 'user-context': { ...marked('2026-11-22T12:05:00.000Z'), site: 'fra' } };
    expect(poolsOf(stampClosed(config(was), config(was), now))).toEqual([was]);
    const fresh = { ...shut, 'user-context': { site: 'fra' } };
    expect(poolsOf(stampClosed(config(fresh), config(open), now))).toEqual([
      { ...shut, 'user-context': { site: 'fra', ...marked('2026-11-22T12:10:00.000Z') } },
    ]);
  });

  it('loses it when it is opened again', () =>
    expect(poolsOf(stampClosed(config({ ...open, 'user-context': marked('2026-11-22T12:05:00.000Z') }), config(), now))).toEqual([open]));

  it('is found in shared networks and among prefixes, on the shape of every version', () => {
    const prefixes: JsonMap = { prefix: '2001:db8:8000::', 'prefix-len': 40, 'client-classes': ['plumbline-closed'] };
    const made = stampClosed({ 'shared-networks': [{ name: 'n', subnet6: [{ id: 20, 'pd-pools': [prefixes] }] }] }, {}, now);
    expect(readClosed('dhcp6', made)).toEqual({ 'dhcp6 20 2001:db8:8000::': '2026-11-22T14:00:00.000Z' });
  });

  it('costs nothing where none is closed: the configuration stays the same object', () => {
    const same = config(open);
    expect(stampClosed(same, same, now)).toBe(same);
  });
});
