import { listItems, parseDocument } from '../../config/index.ts';
import type { Account } from '../account.ts';
import type { ComposedKea } from './compose.ts';
import { kea, treeOf } from './original.ts';

/** Counts canonical lines: those of sections are raw, the others are fields. */
export function accountKea({ original, sections }: ComposedKea): Account {
  const version = original.versions.at(-1) ?? '';
  const total = new Map(
    listItems(
      treeOf(original, version, (token) => token),
      kea,
    ).map(({ key, text }) => [key, text]),
  );
  const counted = sections.map(({ path, left }) => ({
    path,
    lines: listItems(parseDocument(left, kea, { version }), kea).filter(
      ({ key, text, path: around }) => total.get(key) === text && !isHead(text, around),
    ).length,
  }));
  const all = [...total.keys()].length;
  const raw = counted.reduce((sum, { lines }) => sum + lines, 0);
  const numbered = original.servers.flatMap((server) => server.numbered);
  return {
    device: original.device,
    from: original.from,
    modelled: all - raw,
    raw,
    sections: counted,
    unowned: [],
    ...(numbered.length > 0 && {
      notes: [
        `${numbered.length === 1 ? 'a subnet' : `${numbered.length} subnets`} had no id; now each has the one that the server counts for it: ${numbered.slice(0, 5).join(', ')}${numbered.length > 5 ? ' …' : ''}`,
      ],
    }),
  };
}

/** What only says where the lines inside belong. */
function isHead(text: string, around: readonly string[]): boolean {
  return around.length === 0 || /^subnet \S+$/.test(text);
}
