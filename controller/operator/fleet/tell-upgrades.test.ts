import { expect, test } from 'vitest';
import { tellUpgrades } from './tell-upgrades.ts';

test('devices that were upgraded together are one notice, and none is told twice', () => {
  const many = new Set(Array.from({ length: 12 }, (_, i) => `r${String(11 - i).padStart(2, '0')}`));
  const upgraded = new Map([
    ['8.4.5, and ran 8.4.4', many],
    ['10.0, and ran 8.4.4', new Set(['edge1'])],
  ]);
  expect(tellUpgrades({ upgraded })).toEqual([
    { reason: 'VersionChanged', message: 'edge1 runs 10.0, and ran 8.4.4' },
    { reason: 'VersionChanged', message: 'r00, r01, r02, r03, r04 and 7 more run 8.4.5, and ran 8.4.4' },
  ]);
  expect(tellUpgrades({ upgraded })).toEqual([]);
});
