import type { DeviceIntent, Owned, SectionIntent } from '../api/index.ts';

/** Whatever a reader could take for a marker: a line whose first letters are the word, however it is set off. */
const marker = /^[^\p{L}\p{N}]*plumbline:/u;
const anyMarker = 'plumbline:';

/** `BGPSession/edge1-core1 sessions.yaml:12`: what follows `plumbline:from`. A path is one word there. */
function ownerText({ kind, name, source }: Owned): string {
  return `${kind}/${name} ${source.file.replaceAll(/\s/g, '%20')}:${source.line}`;
}

/** The lines that introduce a raw section. */
export function sectionMarkers(section: SectionIntent, comment: string): string[] {
  const from = `${comment} plumbline:from ${ownerText(section)}`;
  return section.ownership === 'Exact' ? [from, `${comment} plumbline:ownership Exact`] : [from];
}

/** A comment line that only the renderer may write, in the printed form or in one that is like it. */
export function isMarker(line: string): boolean {
  return line.includes(anyMarker) && marker.test(line);
}

/** Every owner that may be named in the text rendered from an intent. */
export function ownersIn(intent: DeviceIntent): ReadonlySet<string> {
  const owners = new Set<string>();
  const pending: unknown[] = [intent];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value) && 'source' in value && 'kind' in value) owners.add(ownerText(value as Owned));
    for (const member of Object.values(value)) if (typeof member === 'object') pending.push(member);
  }
  return owners;
}
