import { describe, expect, test } from 'vitest';
import { systemClock } from '../lib/index.ts';
import { driverErrors, driverFor } from './index.ts';

const options = { clock: systemClock, tokenOf: (value: string) => value };

describe('the front door of the drivers', () => {
  test('gives the driver of a platform with what it can promise', () => {
    const driver = driverFor('frr', options);
    expect(driver).toMatchObject({
      platform: 'frr',
      capabilities: { confirm: 'deadman', atomic: false, fence: 'target', persist: 'explicit' },
    });
  });

  test('says so when a platform has no driver', () => {
    expect(() => driverFor('ios', options)).toThrow(
      expect.objectContaining({ code: 'Unsupported', message: expect.stringContaining('"ios"') }),
    );
  });
});

test.each(Object.entries(driverErrors.rows))('%s says what to do next, and nothing that ends with a period', (_, row) => {
  const facts = {
    device: 'edge1-fra',
    address: '',
    user: '',
    why: '',
    what: '',
    expected: '',
    found: '',
    by: '',
    reason: '',
    during: '',
    daemon: '',
    limitBytes: 1,
  };
  const more = { command: '', token: '', where: '', holder: '', epoch: 1, seen: '', when: '', lines: 1, state: '', line: '', message: 'x' };
  expect((row.message as (facts: object) => string)({ ...facts, ...more })).not.toMatch(/\.$/);
  expect(row.next).toMatch(/\.$/);
});
