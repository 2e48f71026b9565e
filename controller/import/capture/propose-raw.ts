import type { CheckedState } from '../../api/index.ts';
import type { Dialect, Tree } from '../../config/index.ts';
import { type Drift, onlyAdded } from './drift.ts';
import { insertLines, lengthOfBlock } from './insert-lines.ts';
import { type Proposal, proposeSpec, type Texts } from './proposal.ts';
import { listOf } from './propose-device.ts';

/** Name of the section, and of its file, that holds what no kind expresses. */
const captured = 'captured';

/** What no kind expresses: lines of raw sections as the device has them, and those of nobody in a section of their own. */
export function proposeRaw(state: CheckedState, device: string, live: Tree, drifts: readonly Drift[]): Proposal[] {
  const lines = drifts.flatMap((drift) => proposeLine(state, device, drift, live.dialect));
  const added = drifts.filter(({ desired, live: text }) => desired === undefined && text !== undefined);
  if (added.length === 0) return lines;
  // Together where they can, else one by one: a line that Git refuses must not keep the others out.
  const groups = added.length > 1 ? [added, ...added.map((each) => [each])] : [added];
  return [...lines, ...groups.map((group) => proposeSection(state, device, onlyAdded(live, group)))];
}

/** The line of a section's file with the text of the device, or without it. */
function proposeLine(state: CheckedState, device: string, { key, desired, live, owner }: Drift, dialect: Dialect): Proposal[] {
  if (desired === undefined || !owner?.owner.startsWith('Section/')) return [];
  const sections = state.objects.Device.get(device)?.spec.sections ?? [];
  if (!sections.some(({ file }) => file === owner.file)) return [];
  return [
    {
      what: `${owner.file}:${owner.line} ${key}`,
      async edit(texts) {
        const text = await texts.read(owner.file);
        const lines = text?.split('\n') ?? [];
        // Lines above may have come or gone: the nearest that reads as it did is meant.
        const at = nearestLine(lines, desired, owner.line - 1);
        if (at === undefined) return undefined;
        const indent = /^\s*/.exec(lines[at] ?? '')?.[0] ?? '';
        const wanted = live === undefined ? lines.toSpliced(at, lengthOfBlock(lines, at, dialect)) : lines.with(at, indent + live);
        return new Map([[owner.file, wanted.join('\n')]]);
      },
    },
  ];
}

function nearestLine(lines: readonly string[], text: string, from: number): number | undefined {
  const words = (line: string): string => line.trim().replace(/\s+/g, ' ');
  const found = lines.flatMap((line, i) => (words(line) === text ? [i] : []));
  return found.sort((a, b) => Math.abs(a - from) - Math.abs(b - from))[0];
}

/** The lines in the section of what was captured, which the device gets with the first of them. */
function proposeSection(state: CheckedState, device: string, lines: Tree): Proposal {
  const path = `sections/${device}/${captured}.conf`;
  return {
    what: path,
    async edit(texts: Texts) {
      const file = new Map([[path, insertLines((await texts.read(path)) ?? '', lines)]]);
      const named = proposeSpec(state, 'Device', device, path, (spec) => {
        const sections = listOf(spec['sections']);
        return sections.some((each) => each['file'] === path) ? spec : { ...spec, sections: [...sections, { name: captured, file: path }] };
      });
      return new Map([...((await named.edit(texts)) ?? []), ...file]);
    },
  };
}
