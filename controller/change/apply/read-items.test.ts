import { describe, expect, it } from 'vitest';
import type { PlannedCommand } from '../../api/index.ts';
import { lostBystanders } from './read-items.ts';

const neighbor = ' neighbor 192.0.2.1 remote-as 64497\n neighbor 192.0.2.1 description old\n';
const theirs = ' neighbor 192.0.2.9 remote-as 64511\n';
const router = (...lines: string[]) => ({ config: `router bgp 64496\n${lines.join('')}exit\nlog syslog\n`, version: '8.4.4' });
const before = router(neighbor, theirs);

/** What is said to be lost after these commands, which are sent below `router bgp`. */
const lost = (after: ReturnType<typeof router>, ...texts: string[]) =>
  lostBystanders(
    { effect: { platform: 'frr', commands: texts.map((text): PlannedCommand => ({ path: ['router bgp 64496'], text })) } },
    before,
    after,
  );

describe('what a change took with it', () => {
  it('is nothing when all else is as it was, or more', () => {
    const described = neighbor.replace('old', 'new');
    expect(lost(router(described, theirs), 'neighbor 192.0.2.1 description new')).toEqual([]);
    expect(lost(router(described, theirs, ' neighbor 192.0.2.8 remote-as 64511\n'), 'neighbor 192.0.2.1 description new')).toEqual([]);
  });

  it('is not what its commands take away', () => {
    expect(lost(router(theirs), 'no neighbor 192.0.2.1')).toEqual([]);
  });

  it('is a line of others that no command takes away, in a section or outside', () => {
    expect(lost(router(neighbor), 'no neighbor 192.0.2.1 description')).toEqual([
      '`neighbor 192.0.2.9 remote-as 64511`, which the plan does not touch, is gone',
    ]);
    const silent = { ...before, config: before.config.replace('log syslog\n', '') };
    expect(lost(silent, 'neighbor 192.0.2.1 description old')).toEqual(['`log syslog`, which the plan does not touch, is gone']);
  });

  it('is each line of a section that went as a whole, and not the section', () => {
    expect(lost({ ...before, config: 'log syslog\n' }, 'no neighbor 192.0.2.1')).toEqual([
      '`neighbor 192.0.2.9 remote-as 64511`, which the plan does not touch, is gone',
    ]);
  });
});
