import { parseAllDocuments } from 'yaml';
import type { CheckedState, Kind } from '../../api/index.ts';
import type { Spec } from '../found.ts';
import { patchSpec } from '../patch/patch.ts';

/** The files as they are now, with what was captured already. */
export interface Texts {
  read(path: string): Promise<string | undefined>;
}

/** A change of Git that may bring one piece of drift in. It is tried, and kept when exactly that comes of it. */
export interface Proposal {
  /** What it is about, for people: `Device/edge1-fra interface eth0`. */
  what: string;
  /** The new text of the files that it changes; undefined where it cannot be written. */
  edit(texts: Texts): Promise<ReadonlyMap<string, string> | undefined>;
}

/** Another spec for an object of Git, made of the one that stands in its file, defaults left out as its author left them. */
export function proposeSpec(
  state: CheckedState,
  kind: Kind,
  name: string,
  what: string,
  change: (spec: Spec) => Spec | undefined,
): Proposal {
  return {
    what: `${kind}/${name} ${what}`,
    async edit(texts) {
      const file = state.objects[kind].get(name)?.position.file;
      const text = file === undefined ? undefined : await texts.read(file);
      if (file === undefined || text === undefined) return undefined;
      const spec = specIn(text, kind, name);
      const wanted = spec && change(structuredClone(spec));
      const patched = wanted && patchSpec(text, { kind, name }, wanted);
      return patched === undefined || patched === text ? undefined : new Map([[file, patched]]);
    },
  };
}

function specIn(text: string, kind: string, name: string): Spec | undefined {
  const documents = parseAllDocuments(text, { uniqueKeys: false, merge: false });
  if (!Array.isArray(documents)) return undefined;
  const document = documents.find((each) => each.get('kind') === kind && each.getIn(['metadata', 'name']) === name);
  return (document?.toJS() as { spec?: Spec } | undefined)?.spec;
}
