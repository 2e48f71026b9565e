import { z } from 'zod';
import { apiVersion, type DesiredObject, type Kind, kindNames, ListMetadata, Metadata, specs, type ValuePath } from '../api/index.ts';
import { createInterner, type PlumblineError, type Position } from '../lib/index.ts';
import { explainIssues } from './issues.ts';
import { readKind } from './kind-of.ts';
import { readDocuments, type YamlDocument } from './yaml-documents.ts';
import { type Locator, offsetOf, placesIn, sourceOf } from './yaml-locate.ts';
import { shorten } from './words.ts';
import { PlaceTable, type SealedPlaces } from './yaml-places.ts';
import { toValue } from './yaml-values.ts';

/** What one file gave: objects that fit their schema, and the names of those that do not. */
export interface Manifest {
  objects: DesiredObject[];
  broken: BrokenObject[];
  problems: PlumblineError[];
  /** Names of what could not be read far enough to know its kind: a reference to one of them may well not be dangling. */
  unread: string[];
  /** Where the values of the objects stand. */
  places: SealedPlaces;
}

/** An object with errors: a reference to one of them is not dangling. */
export interface BrokenObject {
  kind: Kind;
  /** Undefined when that is what is wrong. */
  name: string | undefined;
  /** The object without its faulty fields, when that is one: its references can still be followed. */
  rest: DesiredObject | undefined;
}

/** Kinds whose names become those of lists and route-maps. */
const listKinds: ReadonlySet<Kind> = new Set<Kind>(['RoutePolicy', 'PrefixSet', 'CommunitySet', 'ASPathSet']);

/** One schema per kind for the whole document, so that every mistake in it is found in one pass. */
const documents = new Map<Kind, z.ZodType<{ metadata: Metadata; spec: DesiredObject['spec'] }>>(
  kindNames.map((kind) => [
    kind,
    z.strictObject({
      apiVersion: z.literal(apiVersion).describe('Version of the kinds.'),
      kind: z.literal(kind).describe('Which kind of object this is.'),
      metadata: (listKinds.has(kind) ? ListMetadata : Metadata).describe('Name and labels of the object.'),
      spec: specs[kind].describe('What the object should be.'),
    }) as never,
  ]),
);

/** Reads the text of one YAML file: any number of documents, each an object. `checkTime` may throw to stop. */
export function readManifest(file: string, text: string, locator: Locator, checkTime: () => void): Manifest {
  const placeOf = placesIn(file, text);
  const manifest: Manifest = { objects: [], broken: [], problems: [], unread: [], places: { numbers: new Uint32Array(), roots: [] } };
  const unreadable: PlumblineError[] = [];
  const places = new PlaceTable(file);
  for (const document of readDocuments(text, placeOf, unreadable)) {
    checkTime();
    if (document.root !== null) readObject(document, { text, placeOf, places, locator, manifest });
  }
  manifest.places = places.seal();
  if (unreadable.length > 0) for (const name of namesIn(text)) manifest.unread.push(name);
  for (const problem of unreadable) manifest.problems.push(problem);
  return manifest;
}

/** Every name that a text gives to something, right or wrong YAML. */
function* namesIn(text: string): Generator<string> {
  for (const [, name = ''] of text.matchAll(/\bname["']?\s*:\s*["']?([A-Za-z0-9][-.\w]{0,62})/g)) yield name;
}

interface FileContext {
  text: string;
  placeOf: (offset: number) => Position;
  places: PlaceTable;
  locator: Locator;
  manifest: Manifest;
}

function readObject(document: YamlDocument, { text, placeOf, places, locator, manifest }: FileContext): void {
  const before = manifest.problems.length;
  const incomplete = new WeakSet();
  const value = toValue(document.root, placeOf, manifest.problems, incomplete);
  const position = placeOf(document.root?.range[0] ?? document.start);
  const locate = (path: ValuePath, key = false): Position => placeOf(offsetOf(document.root, path, key) ?? document.start);
  if (value === null) return; // Only comments between two separators.

  const kind = readKind(value, locate, manifest.problems);
  if (!kind) {
    manifest.unread.push(nameOf(value) ?? '');
    return;
  }
  const schema = documents.get(kind);
  const result = schema?.safeParse(value, { reportInput: false });
  const name = nameOf(value);
  if (schema && result && !result.success) {
    const object = name === undefined ? kind : `${kind}/${shorten(name)}`;
    const found = explainIssues(result.error.issues, {
      object,
      schema,
      value,
      incomplete,
      locate,
      sourceOf: (path) => sourceOf(document.root, path),
    });
    for (const problem of found) manifest.problems.push(problem);
  }
  const later = places.add(document.root, placeOf) ?? locator.of(text, document.start, document.end, placeOf);
  if (result?.success && manifest.problems.length === before) {
    const { metadata, spec } = plain(result.data, kind);
    manifest.objects.push({ kind, metadata, spec, position, locate: later });
  } else {
    const rest = result?.success ? result : schema?.safeParse(withoutFaults(value, result?.error.issues ?? []));
    manifest.broken.push({ kind, name, rest: rest?.success ? { kind, ...rest.data, position, locate: later } : undefined });
  }
}

/** As it comes back from a store. JSON.parse also makes objects of half the size that the schema library builds member by member. */
function plain<Data>(data: Data, kind: Kind): Data {
  return shareWordsOf(JSON.parse(JSON.stringify(data)) as Data, kind);
}

/** Objects that another thread read: their words are the ones that those of this thread have. */
export function shareWords<Some extends Pick<DesiredObject, 'kind'>>(objects: readonly Some[]): readonly Some[] {
  return objects.map((object) => shareWordsOf(object, object.kind));
}

/** Of 200,000 reservations hardly a word is like another. */
function shareWordsOf<Data>(data: Data, kind: Kind): Data {
  return kind === 'DHCPSubnet' ? data : intern(data);
}

const intern = createInterner();

/** A copy without the fields that the issues blame. Lists keep their length, so that paths stay true. */
function withoutFaults(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const issue of issues) {
    const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of paths) deleteField(copy, path);
  }
  return copy;
}

function deleteField(value: unknown, path: readonly PropertyKey[]): void {
  const last = path.findLastIndex((step) => typeof step === 'string');
  let holder = value;
  for (const step of path.slice(0, last)) {
    if (holder === null || typeof holder !== 'object') return;
    holder = (holder as Record<PropertyKey, unknown>)[step];
  }
  if (last >= 0 && holder !== null && typeof holder === 'object') Reflect.deleteProperty(holder, path[last] ?? '');
}

function nameOf(value: unknown): string | undefined {
  const { metadata } = (value ?? {}) as { metadata?: { name?: unknown } };
  return metadata !== null && typeof metadata === 'object' && typeof metadata.name === 'string' ? metadata.name : undefined;
}
