import type { DeviceIntent, Owned, SectionIntent } from '../api/index.ts';

/** Whatever a reader could take for a marker: a line whose first letters are the word, however it is set off. */
const marker = /^[^\p{L}\p{N}]*plumbline:/u;
const anyMarker = 'plumbline:';

/** `BGPSession/edge1-core1 sessions.yaml:12`: what follows `plumbline:from`. A path is one word there. */
function ownerText({ kind, name, source }: Owned): string {
  return `${kind}/${name} ${source.file.replaceAll(/\s/g, '%20')}:${source.line}`;
}

/** The lines that introduce a raw section. One that is a file is owned line by line: blank lines of it are not printed. */
export function sectionMarkers(section: SectionIntent, comment: string, text: string): string[] {
  const { file } = section;
  const source = file === null ? section.source : { file, line: 1 };
  return [
    `${comment} plumbline:from ${ownerText({ ...section, source })}`,
    ...(section.ownership === 'Exact' ? [`${comment} plumbline:ownership Exact`] : []),
    ...(file === null || text.trim() === '' ? [] : [`${comment} plumbline:lines ${rangesOf(text)}`]),
  ];
}

/** Numbers of the lines that are not blank: `1-4,6`. */
function rangesOf(text: string): string {
  const ranges: [first: number, last: number][] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const last = ranges.at(-1);
    if (last?.[1] === i) last[1] = i + 1;
    else ranges.push([i + 1, i + 1]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
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
