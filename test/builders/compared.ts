import type { Baseline, DeviceVerdict, Observation } from '../../controller/api/index.ts';
import { sha256 } from '../../controller/lib/index.ts';
import { type Compared, compareDevice } from '../../controller/pipeline/compare-device.ts';
import { adoptBaseline, judge } from '../../controller/verdict/index.ts';
import { readOf } from './read.ts';

/** Router r1: what Git renders for it, what it holds, and what is remembered of it. */
export interface Scene {
  git: string;
  device: string;
  /** Absent: a first contact. */
  baseline?: Baseline;
  /** As in the profile: sections in which Git removes what it does not know. */
  exactContainers?: readonly string[];
  /** Software that answers. */
  version?: string;
  /** What was stored after the last look. */
  last?: Observation | undefined;
  /** When it is read. */
  at?: string;
}

export function compareTexts({ git, device, baseline, exactContainers = [], version = '8.4.4', last, at }: Scene): Compared {
  return compareDevice({
    revision: 'main@sha1:1',
    exactContainers,
    rendered: { device: 'r1', platform: 'frr', text: git, secrets: [], digest: sha256(git) },
    read: readOf(device, { version, ...(at !== undefined && { at }) }),
    baseline,
    last,
  });
}

export function judgeTexts(scene: Scene): Exclude<DeviceVerdict, { verdict: 'Unknown' }> {
  const verdict = judge(compareTexts(scene).facts);
  if (verdict.verdict === 'Unknown') throw new Error('a read is never Unknown');
  return verdict;
}

/** What `plumb adopt` stores of the device as it stands. */
export function adoptTexts(scene: Scene): Baseline {
  const baseline = adoptBaseline(compareTexts(scene).facts) ?? scene.baseline;
  if (!baseline) throw new Error('an adoption always leaves a baseline');
  return baseline;
}
