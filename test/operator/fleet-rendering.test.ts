/** The process that renders starts while a new revision is read. However the revision ends, that process does too. */
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { openOperatorDesk } from './desk.ts';

/** Processes of ours that render and run. */
function renderers(): string[] {
  const ours = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  return ours.filter((pid) => commandOf(pid).includes('render/sandbox/child'));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // It ended since.
  }
}

test('who renders waits for a new revision and is gone after it: taken, refused, the same for all devices, unreadable, or cut off by the end', async () => {
  const readWith: number[] = [];
  let onLoad = async (): Promise<void> => undefined;
  const desk = await openOperatorDesk({
    openSource: (_fleet, git) => {
      const source = git();
      return {
        ...source,
        look: async (...asked) => {
          const found = await source.look(...asked);
          const load = async () => {
            readWith.push(renderers().length);
            await onLoad();
            return found.load();
          };
          return { ...found, load };
        },
      };
    },
  });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  const gone = (when: string) => desk.until(`nobody to render ${when}`, () => renderers().length === 0);
  await gone('after the start');
  const file = 'sites/site0000/r00000.yaml';
  const good = desk.edited(file, '198.18.0.0/24', '198.18.77.0/24');

  desk.commit({ [file]: good });
  await desk.deviceReady('r00000', 'Pending');
  await gone('after a commit that changes a device');

  desk.commit({ [file]: good.replace('"kind": "Device"', '"kind": "Device",\n "colour": "red"') });
  await desk.fleetReady('Invalid');
  await gone('after a commit with a mistake');

  const same = desk.commit({ [file]: good, 'README.md': 'Nothing that a device is made of.' });
  await desk.fleetReady('InForce', same);
  await gone('after a commit for which nothing is rendered');

  onLoad = () => Promise.reject(new Error('the disk is gone'));
  desk.commit({ 'README.md': 'Not read.' });
  await desk.fleetReady('SourceFailed');
  await gone('after a revision that cannot be read');

  // Nobody was asked to render at the start: what is in force before is what says that little will be.
  expect(readWith[0]).toBe(0);
  const tries = readWith.slice(1);
  expect(tries.length).toBeGreaterThanOrEqual(4);
  expect(tries.every((count) => count === 1)).toBe(true);

  const { promise, resolve } = Promise.withResolvers<void>();
  let isReading = false;
  onLoad = () => ((isReading = true), promise);
  desk.commit({ 'README.md': 'Read as the operator ends.' });
  await desk.until('the revision to be read', () => isReading);
  const ended = desk.pause();
  resolve();
  await ended;
  await gone('after the end');
}, 60_000);
