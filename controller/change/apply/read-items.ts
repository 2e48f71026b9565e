import type { DevicePlan, Read } from '../../api/index.ts';
import { dialectFor, listItems, parse } from '../../config/index.ts';

/** What stands between a read and the plan's prediction, as texts for people; empty when the device is as planned. */
export function missesPrediction(plan: DevicePlan, read: Pick<Read, 'config' | 'version'>): readonly string[] {
  const { predicted, gone = [], effect } = plan;
  const dialect = dialectFor(effect.platform);
  const live = new Map(listItems(parse(read.config, dialect, { version: read.version }), dialect).map(({ key, text }) => [key, text]));
  const missing = Object.entries(predicted).filter(([key, text]) => live.get(key) !== text);
  const left = gone.filter((key) => live.has(key));
  return [...missing.map(([, text]) => `\`${text}\` is missing`), ...left.map((key) => `\`${live.get(key)}\` is still there`)];
}
