import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openLog } from './log.ts';

/** A file of Linux that takes no byte: its disk is always full. */
const full = '/dev/full';

describe.skipIf(!existsSync(full))('a log on a full disk', () => {
  afterEach(() => vi.restoreAllMocks());

  it('throws at nobody who logs, and is told on standard error, once', () => {
    const said: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    const log = openLog(full);
    for (let i = 0; i < 3; i++) log.child({ device: 'edge1' }).warn({ err: new Error('x') }, 'Could not reconcile');
    expect(said).toEqual([
      expect.stringMatching(/^warning: \/dev\/full cannot be written \(ENOSPC.*\); its lines are lost until it can be\n$/),
    ]);
  });

  it('keeps no more than a mebibyte of what waits', () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const log = openLog(full);
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 200_000; i++) log.warn({ i, text: 'x'.repeat(1000) }, 'Could not reconcile');
    expect((process.memoryUsage().heapUsed - before) / 2 ** 20).toBeLessThan(120);
  });
});
