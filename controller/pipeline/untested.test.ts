import { expect, it } from 'vitest';
import type { Observed } from '../api/index.ts';
import { whyUntested } from './untested.ts';

const runs = (version: string): Observed => ({ state: 'Read', device: 'edge1', version }) as Observed;

it.each(['8.4.4', '8.4.2', '8.4.4-1.1~deb12u1', '8.4'])('FRR %s is a release that was tried', (version) =>
  expect(whyUntested(runs(version), 'frr')).toBeUndefined(),
);

it.each(['8.5.4', '10.2', '9.1.0', '7.5.1', '18.4.4', 'unknown'])(
  'FRR %s is only reported on, and the reason says what was tried',
  (version) => {
    const why = whyUntested(runs(version), 'frr');
    expect(why).toMatchObject({ code: 'UntestedVersion', next: expect.stringContaining('Tried are 8.4.') });
    expect(why?.message).toContain(`edge1: it runs frr ${version}, on which nothing was tried`);
  },
);

it('a device that tells no version, or of which nothing is known, is not refused for that', () => {
  expect(whyUntested(runs(''), 'frr')).toBeUndefined();
  expect(whyUntested({ state: 'Unknown' } as Observed, 'frr')).toBeUndefined();
});
