import type { DevicePlan, Effect, Read } from '../../api/index.ts';
import { dialectFor, listItems, parse, simulate } from '../../config/index.ts';

/** What stands between a read and the plan's prediction, as texts for people; empty when the device is as planned. */
export function missesPrediction(plan: DevicePlan, read: Pick<Read, 'config' | 'version'>): readonly string[] {
  const { predicted, gone = [], effect } = plan;
  const live = readItems(effect.platform, read);
  const missing = Object.entries(predicted).filter(([key, text]) => live.get(key) !== text);
  const left = gone.filter((key) => live.has(key));
  return [...missing.map(([, text]) => `\`${text}\` is missing`), ...left.map((key) => `\`${live.get(key)}\` is still there`)];
}

/**
 * Lines that Git says nothing of, that stood there before, that no command takes away, and that are gone: a command did more than was shown.
 * Sections that have lost all their lines are not counted: FRR stops printing some of them.
 */
export function lostBystanders(
  { effect: { platform, commands } }: { effect: Pick<Effect, 'platform' | 'commands'> },
  before: Pick<Read, 'config' | 'version'>,
  after: Pick<Read, 'config' | 'version'>,
): readonly string[] {
  const dialect = dialectFor(platform);
  const tree = parse(before.config, dialect, { version: before.version });
  const held = listItems(tree, dialect);
  const stays = new Set(listItems(simulate(tree, commands, dialect), dialect).map(({ key }) => key));
  const live = readItems(platform, after);
  const sections = new Set(held.map(({ key }) => key.slice(0, Math.max(0, key.lastIndexOf(' > ')))));
  return held
    .filter(({ key }) => stays.has(key) && !live.has(key) && !sections.has(key))
    .map(({ text }) => `\`${text}\`, which the plan does not touch, is gone`);
}

/** Every line with the lines of its sections around it, joined with ` > `. */
export function readItemsAt(platform: string, { config, version }: Pick<Read, 'config' | 'version'>): ReadonlySet<string> {
  const dialect = dialectFor(platform);
  return new Set(listItems(parse(config, dialect, { version }), dialect).map(({ path, text }) => [...path, text].join(' > ')));
}

/** Texts by item key. */
export function readItems(platform: string, { config, version }: Pick<Read, 'config' | 'version'>): ReadonlyMap<string, string> {
  const dialect = dialectFor(platform);
  return new Map(listItems(parse(config, dialect, { version }), dialect).map(({ key, text }) => [key, text]));
}
