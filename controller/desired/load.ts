import type { CheckedState, DesiredObject, DesiredObjects } from '../api/index.ts';
import { hasErrors } from '../api/index.ts';
import { type Clock, comparePositions, formatPosition, PlumblineError, type Position, systemClock } from '../lib/index.ts';
import { checkAll, type CheckInput, type RuleMemory } from './checks/index.ts';
import { withEntryFiles } from './entry-files.ts';
import { errors } from './errors.ts';
import { openFolder } from './folder.ts';
import { openRevision } from './git.ts';
import { limits } from './limits.ts';
import { createManifestCache, type ManifestCache } from './manifest-cache.ts';
import type { BrokenObject, Manifest } from './manifests.ts';
import { indexObjects } from './object-index.ts';
import { type Found, readFiles } from './read-files.ts';
import { withReservationFiles } from './reservation-files.ts';
import { createSubnetMemory, type SubnetMemory } from './subnet-memory.ts';
import { type DesiredSource, isManifest, isTemplate, type Source } from './source.ts';

/**
 * Loads a folder or a revision and checks it. Every mistake in it comes back in `problems`, all at once, sorted by position.
 * Throws only when there is nothing to check: SourceNotFound, RevisionNotFound, SourceUnreadable, SourceTooLarge, CheckTooLong.
 * Reads files and asks Git; changes nothing.
 */
export async function loadDesired(
  source: DesiredSource,
  clock: Clock = systemClock,
  cache?: ManifestCache,
  memory?: SubnetMemory,
): Promise<CheckedState> {
  const opened = source.rev === undefined ? await openFolder(source.folder) : await openRevision(source.folder, source.rev);
  return loadSource(opened, clock, cache, memory);
}

/** A revision of a folder as a record names it; undefined where it is not there any more, was never committed or is of no use. */
export async function loadCommitted(folder: string, revision: string): Promise<CheckedState | undefined> {
  const [, rev] = /@sha1:([0-9a-f]{40})$/.exec(revision) ?? [];
  if (rev === undefined) return undefined;
  try {
    const state = await loadDesired({ folder, rev });
    return hasErrors(state.problems) ? undefined : state;
  } catch (error) {
    if (error instanceof PlumblineError) return undefined;
    throw error;
  }
}

/**
 * The same over any source of files. With a cache that an earlier load of the source had, what did not change is not parsed again. With a memory,
 * subnet ids are held against those of the load before.
 */
export async function loadSource(
  source: Source,
  clock: Clock,
  cache: ManifestCache = createManifestCache(),
  memory: SubnetMemory = createSubnetMemory(),
): Promise<CheckedState> {
  const problems: PlumblineError[] = [...source.problems];
  const loaded: Loaded = { objects: [], broken: [], unreadNames: new Set(), isPartial: false, read: new Map(), texts: new Map(), problems };
  loaded.isPartial = source.problems.some(({ at }) => isManifest(at?.file ?? ''));
  const started = clock.monotonicMs();
  const leftMs = (): number => started + limits.timeMs - clock.monotonicMs();
  const checkTime = (): void => {
    if (leftMs() >= 0) return;
    throw errors.CheckTooLong({ seconds: limits.timeMs / 1000, done: `with ${loaded.read.size} files read` });
  };

  const wanted = chooseFiles(source);
  const pass = cache.begin();
  for (const manifest of await readFiles(source, wanted, { clock, found: loaded, pass, checkTime, leftMs })) add(loaded, manifest);
  const index = indexObjects(loaded.objects, pass.indexed);
  for (const { first, again } of index.repeated) problems.push(sayRepeated(again, first));

  const known = new Set(source.files.map((file) => file.path));
  const asked = new Set(wanted);
  const named = namedFiles(index.objects).filter((path) => known.has(path) && !asked.has(path));
  for (const manifest of await readFiles(source, [...new Set(named)].sort(), { clock, found: loaded, pass, checkTime, leftMs }))
    add(loaded, manifest);
  pass.end(index);

  checkTime();
  const objects = withReservationFiles(withEntryFiles(index.objects, loaded.texts, problems), loaded.texts, problems);
  const before = memory.last;
  const found = checkAll(
    { objects, broken: loaded.broken, unread: unreadOf(loaded), files: known, now: clock.now(), before },
    checkTime,
    cache.rules,
  );
  for (const problem of firstOfEachFile(found)) problems.push(problem);
  const revision = await source.revisionOf(loaded.read);
  if (!hasErrors(problems)) memory.last = { revision, subnets: objects.DHCPSubnet, prefixSets: objects.PrefixSet };
  return {
    revision,
    objects,
    problems: inOrder(problems),
    files: loaded.texts,
  };
}

/** The rules once more, after some objects were filled from elsewhere. `state` is one that had no errors. With the memory of the last time, as at a load. */
export function checkAgain(
  { objects, files }: Pick<CheckedState, 'objects' | 'files'>,
  clock: Clock,
  rules?: RuleMemory,
): PlumblineError[] {
  const unread = { isEmpty: true, mayHold: () => false };
  const known = new Set(files.keys());
  return checkAll({ objects, broken: [], unread, files: known, now: clock.now(), before: undefined }, () => undefined, rules);
}

/** By position, each once: a fault in a profile is found from every device that uses it. */
function inOrder(problems: readonly PlumblineError[]): PlumblineError[] {
  const byText = new Map(problems.map((each) => [`${each.code} ${formatPosition(each.at ?? nowhere)} ${each.message}`, each]));
  return [...byText.values()].sort((a, b) => comparePositions(a.at ?? nowhere, b.at ?? nowhere) || (a.code < b.code ? -1 : 1));
}

const nowhere: Position = { file: '', line: 0, col: 0 };

interface Loaded extends Found {
  objects: DesiredObject[];
  broken: BrokenObject[];
  /** Names in documents that could not be read. */
  unreadNames: Set<string>;
}

function unreadOf({ unreadNames, isPartial, broken }: Loaded): CheckInput['unread'] {
  const nameless = new Set(broken.filter(({ name }) => name === undefined).map(({ kind }) => kind));
  return {
    isEmpty: unreadNames.size === 0 && !isPartial && broken.length === 0,
    mayHold: (kind, name) => isPartial || unreadNames.has(name) || nameless.has(kind),
  };
}

/** The first problems of a file, and how many there are beyond. */
function firstOf(problems: readonly PlumblineError[]): PlumblineError[] {
  const sorted = problems.toSorted((a, b) => comparePositions(a.at ?? nowhere, b.at ?? nowhere));
  const shown = sorted.slice(0, limits.problemsPerFile);
  const next = sorted[shown.length];
  return next ? [...shown, errors.MoreProblems({ count: sorted.length - shown.length }, { at: next.at ?? nowhere })] : shown;
}

/** Warnings are not cut: "more problems" is an error, and warnings alone must not become one. */
function firstOfEachFile(problems: readonly PlumblineError[]): PlumblineError[] {
  const byFile = Map.groupBy(
    problems.filter(({ severity }) => severity === 'error'),
    ({ at }) => at?.file,
  );
  return [...problems.filter(({ severity }) => severity !== 'error'), ...[...byFile.values()].flatMap(firstOf)];
}

function chooseFiles(source: Source): string[] {
  const chosen = source.files.filter(({ path }) => isManifest(path) || isTemplate(path));
  const total = chosen.reduce((sum, { bytes }) => sum + Math.min(bytes, limits.fileBytes), 0);
  if (total > limits.totalBytes) throw errors.SourceTooLarge({ what: 'bytes', limit: limits.totalBytes });
  return chosen.map(({ path }) => path);
}

function add(loaded: Loaded, manifest: Manifest): void {
  for (const object of manifest.objects) loaded.objects.push(object);
  for (const broken of manifest.broken) loaded.broken.push(broken);
  for (const name of manifest.unread) loaded.unreadNames.add(name);
  if (manifest.problems.length > 0) for (const problem of firstOf(manifest.problems)) loaded.problems.push(problem);
}

function sayRepeated(again: DesiredObject, first: DesiredObject): PlumblineError {
  const facts = { object: `${again.kind}/${again.metadata.name}`, first: formatPosition(first.position) };
  return errors.DuplicateObject(facts, { at: again.locate(['metadata', 'name']) });
}

/** Files that objects name: raw sections, entries of sets, and templates outside the usual extension. */
function namedFiles(objects: DesiredObjects): string[] {
  const owners = [...objects.Device.values(), ...objects.DeviceProfile.values()];
  const sections = owners.flatMap((owner) => owner.spec.sections.flatMap((section) => section.file ?? section.template ?? []));
  const entries = [...objects.PrefixSet.values()].flatMap((set) => set.spec.entriesFile ?? []);
  const reservations = [...objects.DHCPSubnet.values()].flatMap((subnet) => subnet.spec.reservationsFile ?? []);
  return [
    ...entries,
    ...reservations,
    ...sections,
    ...[...objects.DeviceProfile.values()].flatMap((profile) => Object.values(profile.spec.templates)),
  ];
}
