import type { Receipt } from '../../api/index.ts';

/** A receipt that does not parse counts as none: it only ever saves work. */
export function parseReceipt(text: string | undefined): Receipt | undefined {
  if (text === undefined) return undefined;
  try {
    const { revision, itemsDigest, effectDigest, epoch, glass } = JSON.parse(text) as Record<string, unknown>;
    if (typeof revision !== 'string' || typeof itemsDigest !== 'string' || typeof effectDigest !== 'string' || typeof epoch !== 'number')
      return undefined;
    const broken = parseGlass(glass);
    return { revision, itemsDigest, effectDigest, epoch, ...(broken && { glass: broken }) };
  } catch {
    return undefined;
  }
}

/** Words of a device: one line each, and no longer than a person writes. */
function parseGlass(found: unknown): Receipt['glass'] {
  if (found === null || typeof found !== 'object') return undefined;
  const [by, reason, at] = (['by', 'reason', 'at'] as const).map((name) => {
    const word = (found as Record<string, unknown>)[name];
    return typeof word === 'string' ? word.replace(/\p{Cc}+/gu, ' ').slice(0, 500) : 'not said';
  }) as [string, string, string];
  return { by, reason, at };
}
