import { z } from 'zod';
import { apiVersion, FleetSpec, Metadata, type ValuePath } from '../api/index.ts';
import type { PlumblineError, Position } from '../lib/index.ts';
import { errors } from './errors.ts';
import { explainIssues } from './issues.ts';
import { formatPath } from './words.ts';
import { readDocuments } from './yaml-documents.ts';
import { offsetOf, placesIn, sourceOf } from './yaml-locate.ts';
import { toValue } from './yaml-values.ts';

/** What a Fleet says of itself; where it comes from, and what it does not say, is somebody else's word. */
export type FleetWords = Partial<z.input<typeof FleetSpec>>;

/** Where a rule between fields stands on the command line, only the fields are checked here. */
const words = z.strictObject(FleetSpec.shape);
const manifest = z.strictObject({
  apiVersion: z.literal(apiVersion).describe('Version of the kinds.'),
  kind: z.literal('Fleet').describe('Which kind of object this is.'),
  metadata: Metadata.optional().describe('Name and labels of the object.'),
  spec: words.describe('What the Fleet is.'),
});

/**
 * Reads the Fleet of one machine: a manifest of kind Fleet, or its spec alone. Every mistake is in the list, with its place. What needs a
 * cluster is a mistake too: groups of people, a Flux source.
 */
export function readFleetFile(file: string, text: string): { words: FleetWords; problems: readonly PlumblineError[] } {
  const placeOf = placesIn(file, text);
  const problems: PlumblineError[] = [];
  const found = [...readDocuments(text, placeOf, problems)].filter(({ root }) => root !== null);
  const [document, second] = found;
  if (second) {
    const hint = 'One machine has one Fleet: keep one document in this file.';
    problems.push(errors.UnknownKind({ what: 'a second document begins here', hint }, { at: placeOf(second.start) }));
  }
  if (!document) return { words: {}, problems };
  const incomplete = new WeakSet();
  const value = toValue(document.root, placeOf, problems, incomplete);
  const isManifest = typeof value === 'object' && value !== null && ['apiVersion', 'kind', 'spec'].some((key) => Object.hasOwn(value, key));
  const schema = isManifest ? manifest : words;
  const locate = (path: ValuePath, key = false): Position => placeOf(offsetOf(document.root, path, key) ?? document.start);
  const result = schema.safeParse(withPlace(value, isManifest), { reportInput: false });
  const context = { object: 'Fleet', schema, value, incomplete, locate, sourceOf: (path: ValuePath) => sourceOf(document.root, path) };
  if (!result.success) problems.push(...explainIssues(result.error.issues, context));
  const [inside, spec] = isManifest ? [['spec'], (value as { spec?: unknown }).spec] : [[], value];
  for (const { path, why, hint } of needsCluster(spec)) {
    const place = [...inside, ...path];
    problems.push(errors.FieldsDisagree({ object: 'Fleet', path: formatPath(place), why, hint }, { at: locate(place, true) }));
  }
  // As it was written: what it does not say must not look as if it did.
  return { words: problems.length > 0 ? {} : (JSON.parse(JSON.stringify(spec)) as FleetWords), problems };
}

/** Where the repository is, the command line says: a file that says only which tag of it need not repeat that. */
function withPlace(value: unknown, isManifest: boolean): unknown {
  const { spec: inside, ...rest } = isManifest ? (value as { spec?: unknown }) : { spec: value };
  const { git } = (inside ?? {}) as { git?: unknown };
  if (typeof git !== 'object' || git === null || Array.isArray(git) || Object.hasOwn(git, 'url')) return value;
  const spec = { ...(inside as object), git: { url: 'https://git.example.net/', ...git } };
  return isManifest ? { ...rest, spec } : spec;
}

interface Misplaced {
  path: ValuePath;
  why: string;
  hint: string;
}

function needsCluster(spec: unknown): readonly Misplaced[] {
  const { sourceRef, approval } = (spec ?? {}) as { sourceRef?: unknown; approval?: { rules?: unknown } };
  const rules: readonly unknown[] = Array.isArray(approval?.rules) ? approval.rules : [];
  const grouped = rules.flatMap((rule, k): Misplaced[] => {
    const groups = (rule as { groups?: unknown } | null)?.groups;
    if (!Array.isArray(groups) || groups.length === 0) return [];
    const why = 'one machine knows users and no groups, so nobody could meet this rule';
    return [{ path: ['approval', 'rules', k, 'groups'], why, hint: 'Take groups out. In a cluster the API server vouches for them.' }];
  });
  const hint = 'Take it out: plumb up names a folder or a repository on the command line.';
  return sourceRef === undefined ? grouped : [{ path: ['sourceRef'], why: 'a Flux source stands in a cluster', hint }, ...grouped];
}
