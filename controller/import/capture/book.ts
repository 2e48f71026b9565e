import type { Source } from '../../desired/index.ts';
import type { Proposal, Texts } from './proposal.ts';

/** The files on their way: what was kept, and what is being tried on top. */
export type Book = ReturnType<typeof createBook>;

export function createBook(source: Source) {
  const kept = new Map<string, string>();
  const known = new Set(source.files.map(({ path }) => path));
  const readSource = async (path: string): Promise<string | undefined> => {
    if (!known.has(path)) return undefined;
    for await (const content of source.read([path])) if ('bytes' in content) return Buffer.from(content.bytes).toString('utf8');
    return undefined;
  };
  return {
    /** All files with the proposals in them; undefined when one cannot be written. */
    async try(proposals: readonly Proposal[]): Promise<ReadonlyMap<string, string> | undefined> {
      const files = new Map(kept);
      const texts: Texts = { read: async (path) => files.get(path) ?? (await readSource(path)) };
      for (const proposal of proposals) {
        const edited = await proposal.edit(texts);
        if (!edited) return undefined;
        for (const [path, text] of edited) files.set(path, text);
      }
      return files;
    },
    keep(files: ReadonlyMap<string, string>): void {
      for (const [path, text] of files) kept.set(path, text);
    },
    files: (): ReadonlyMap<string, string> => kept,
    async before(): Promise<ReadonlyMap<string, string>> {
      const texts = new Map<string, string>();
      for (const path of kept.keys()) {
        const text = await readSource(path);
        if (text !== undefined) texts.set(path, text);
      }
      return texts;
    },
  };
}
