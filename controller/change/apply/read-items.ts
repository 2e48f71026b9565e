import type { DevicePlan, Read } from '../../api/index.ts';
import { dialectFor, listItems, parse } from '../../config/index.ts';

/** What stands between a read and the plan's prediction, as texts for people; empty when the device is as planned. */
export function missesPrediction(plan: DevicePlan, read: Pick<Read, 'config' | 'version'>): readonly string[] {
  const { predicted, gone = [], effect } = plan;
  const live = readItems(effect.platform, read);
  const missing = Object.entries(predicted).filter(([key, text]) => live.get(key) !== text);
  const left = gone.filter((key) => live.has(key));
  return [...missing.map(([, text]) => `\`${text}\` is missing`), ...left.map((key) => `\`${live.get(key)}\` is still there`)];
}

/** Texts by item key. */
export function readItems(platform: string, { config, version }: Pick<Read, 'config' | 'version'>): ReadonlyMap<string, string> {
  const dialect = dialectFor(platform);
  return new Map(listItems(parse(config, dialect, { version }), dialect).map(({ key, text }) => [key, text]));
}
