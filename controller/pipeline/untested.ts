import type { Observed } from '../api/index.ts';
import { dialectFor } from '../config/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';

/** Why a device is only reported on: its release is none that the normalisers of its platform were tried on. A patch level is the same release. */
export function whyUntested(observed: Observed, platform: string): PlumblineError | undefined {
  if (observed.state === 'Unknown' || observed.version === '') return undefined;
  const { device, version } = observed;
  if (!isUntried(version, platform)) return undefined;
  return errors.UntestedVersion({ device, platform, version, tested: [...triedOn(platform)].join(', ') || 'none' });
}

export function isUntried(version: string, platform: string): boolean {
  return !triedOn(platform).has(releaseOf(version));
}

function triedOn(platform: string): ReadonlySet<string> {
  return new Set(dialectFor(platform).versions.map(releaseOf));
}

/** `8.4` of `8.4.4`, and of `8.4.4-1.1~deb12u1`. */
export function releaseOf(version: string): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? version;
}
