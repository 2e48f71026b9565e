import type { Dialect } from '../dialect.ts';
import { keaBoth, keaDhcp4, keaDhcp6 } from '../kea/dialect.ts';
import { byKind } from './by-kind.ts';
import { comware, sitonica } from './comware.ts';
import { junos, junosSet, panos, srl, vyos } from './flat.ts';
import { fortios } from './fortios.ts';
import { frr } from './frr/index.ts';
import { genericFor, genericNo } from './generic.ts';
import { eos, ios, nxos } from './ios.ts';
import { anyNo, anyUndo, inPlace } from './in-place.ts';
import { aruba, b4com, sros, srosModel } from './others.ts';
import { procurve } from './procurve.ts';
import { routeros } from './routeros.ts';
import { vrp } from './vrp.ts';
import { xr } from './xr.ts';

/** Platforms with a dialect of their own, or the family whose one they use until they have. */
const dialects: Readonly<Record<string, Dialect>> = {
  frr,
  generic: genericNo,
  iosxe: ios,
  eos,
  nxos,
  iosxr: xr,
  'huawei-vrp': vrp,
  'h3c-comware': comware,
  sitonica,
  b4com,
  junos,
  'junos-set': junosSet,
  vyos,
  'nokia-srl': srl,
  'nokia-sros': sros,
  ribbon: junosSet,
  optixtrans: vrp,
  snr: ios,
  asterfusion: ios,
  'cisco-asa': ios,
  'paloalto-panos': panos,
  fortios,
  procurve,
  routeros,
  aruba,
  'kea-dhcp4': keaDhcp4,
  'kea-dhcp6': keaDhcp6,
  kea: keaBoth,
};

/** Platforms with rows of their own. */
export const platforms: readonly string[] = Object.keys(dialects);

/** What narrows a platform down: the policy of another tool by its name, the model, the software. */
export interface Variant {
  readonly vendor?: string;
  readonly model?: string;
  readonly version?: string;
  /** Text of the platform: tells the syntax family of one that has no dialect. */
  readonly sample?: string;
}

/** The dialect of a platform. Never throws: a platform without one gets the generic dialect of its syntax family, indented with `no` by default. */
export function dialectFor(platform: string, variant: Variant = {}): Dialect {
  const known = Object.hasOwn(dialects, platform) ? dialects[platform] : undefined;
  const isClassic = known === sros && !/\{\s*$/m.test(variant.sample ?? '');
  const base = known === sros && !isClassic ? srosModel : (known ?? genericFor(variant.sample ?? ''));
  const { vendor } = variant;
  // Both forms of SR OS have one name; the text says which it is.
  if (vendor === undefined || (isClassic && variant.sample !== undefined && /^ *exit\b/m.test(variant.sample))) return base;
  if (Object.hasOwn(inPlace, vendor)) return inPlace[vendor] ?? base;
  if (Object.hasOwn(byKind, vendor)) return byKind[vendor] ?? base;
  return /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(vendor) ? lineByLine(base) : base;
}

/** For a name of hier_config's that we have no rows for: its policy on the platform's family. */
function lineByLine(base: Dialect): Dialect {
  if (base.flat) return { ...base, flat: { ...base.flat, collapse: false } };
  return base.negation[0] === 'undo' ? anyUndo : base.negation[0] === 'no' ? anyNo : base;
}
