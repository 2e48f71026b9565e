import { randomBytes } from 'node:crypto';
import { type CheckedState, hasErrors } from '../api/index.ts';
import { listItems, parseIntended } from '../config/index.ts';
import { loadSource, type Source } from '../desired/index.ts';
import { Secret, secretToken, systemClock, tokenOfVersion } from '../lib/index.ts';
import { prepareDevices } from '../pipeline/index.ts';
import { explainLine } from '../render/index.ts';
import { account, type Account } from './account.ts';
import type { Unit } from './claims.ts';
import type { SecretUse } from './compose/book.ts';
import { compose, type Composition } from './compose/compose.ts';
import type { DeviceWords } from './compose/device.ts';
import { errors } from './errors.ts';
import { type Original, type OriginalText, readOriginal } from './original.ts';
import { importKea, isKea } from './kea/index.ts';
import { findStanding } from './standing.ts';
import { isExact, type Verdict, verify } from './verify.ts';

export interface ImportRequest {
  originals: readonly OriginalText[];
  /** By device: how it is reached. */
  words: ReadonlyMap<string, DeviceWords>;
  /** The desired state that there is; absent: none. */
  base?: Source;
  /** Says what is being done, for people who wait. */
  onStep?: (what: string) => void;
}

export interface Imported {
  /** Files to write, by path from the root of the desired state. */
  files: ReadonlyMap<string, string>;
  /** Those among them that replace one that there is. */
  changed: ReadonlySet<string>;
  accounts: readonly Account[];
  /** Secrets that the files name, each with the value when it was in the text. */
  secrets: readonly (Omit<SecretUse, 'token'> & { value: Secret | undefined })[];
  countOf: Readonly<Record<string, number>>;
  /** Sessions of Git that got one of the devices as their other end. */
  joined: readonly string[];
  /** Devices that Git has already, just as their configurations are. */
  unchanged: readonly string[];
}

/** Tries before everything is kept raw: each lets go of what did not come back as it was. */
const tries = 12;

/**
 * Makes desired state of configurations. What it returns was loaded, checked, compiled and rendered, and gives back each configuration with
 * no difference; what cannot be kept that way is not returned. Throws ImportNotExact, StateNotUsable. Writes nothing.
 */
export async function importDevices(request: ImportRequest): Promise<Imported> {
  const { onStep = () => undefined } = request;
  const existing = request.base && (await loadExisting(request.base));
  if (request.originals.every(({ platform }) => isKea(platform))) return importKea(request, existing);
  // For this run alone: what stands in Git is the reference that a token becomes.
  const key = new Secret(randomBytes(32).toString('hex'));
  const tokenOf = (value: string): string => tokenOfVersion(new Secret(value).version(key));
  const all = request.originals.map((text) => readOriginal(text, tokenOf));
  const there = existing ? await findUnchanged(all, existing) : [];
  const originals = all.filter(({ device }) => !there.includes(device));
  if (originals.length === 0)
    return { files: new Map(), changed: new Set(), accounts: [], secrets: [], countOf: {}, joined: [], unchanged: there };

  const standing = existing && request.base ? await findStanding(existing, request.base, originals) : undefined;
  const refused = createRefusals(originals);
  let last: Verdict | undefined;
  for (let round = 1; round <= tries; round++) {
    onStep(round === 1 ? 'comparing with the originals …' : `comparing with the originals, try ${round} …`);
    const composition = compose(originals, request.words, existing, refused, standing);
    const verdict = await verify(composition, request.base, standing?.before ?? new Map());
    if (isExact(verdict)) return finish(composition, refused, there);
    if (!refused.learn(verdict, round >= tries - 3)) break;
    last = verdict;
  }
  const [[device = '', what = ''] = []] = last?.unclear ?? [];
  throw errors.ImportNotExact({ device: device || (originals[0]?.device ?? ''), what });
}

async function loadExisting(base: Source): Promise<CheckedState> {
  const state = await loadSource(base, systemClock);
  if (hasErrors(state.problems))
    throw errors.StateNotUsable({ count: state.problems.filter(({ severity }) => severity === 'error').length });
  return state;
}

/** Devices that Git has, and whose configuration is what Git says. One that differs is not imported over what people have written. */
async function findUnchanged(originals: readonly Original[], existing: CheckedState): Promise<string[]> {
  const known = originals.filter(({ device }) => existing.objects.Device.has(device));
  const { devices } = await prepareDevices(
    existing,
    known.map(({ device }) => device),
    undefined,
  );
  for (const [i, original] of known.entries()) {
    const text = devices[i]?.ready?.rendered.text;
    const differs = text === undefined ? 'it cannot be rendered' : findDifference(original, text);
    if (differs !== undefined) throw errors.DeviceExists({ device: original.device, from: original.from, what: differs });
  }
  return known.map(({ device }) => device);
}

/** Secrets are not compared: Git has references. */
function findDifference({ entries, dialect, platform, tree }: Original, text: string): string | undefined {
  const blank = (line: string): string => line.replace(secretToken, '<secret>');
  const skipped = impossibleLines({ entries, platform });
  const live = new Map(entries.flatMap(({ key, text }) => (skipped.has(key) ? [] : [[blank(key), blank(text)] as const])));
  const wanted = new Map(listItems(parseIntended(text, dialect, tree).tree, dialect).map((item) => [blank(item.key), blank(item.text)]));
  return [...live].find(([key, line]) => wanted.get(key) !== line)?.[0] ?? [...wanted.keys()].find((key) => !live.has(key));
}

type Refused = ReturnType<typeof createRefusals>;

const everything = { has: () => true };

/** What was found not to come back as it was, and so is kept raw or left out. Grows from try to try. */
function createRefusals(originals: readonly Original[]) {
  const units = new Map<string, { has(unit: Unit): boolean }>();
  const known = new Map<string, Set<Unit>>();
  const lines = new Map(originals.map((original) => [original.device, impossibleLines(original)]));

  function refuseAll(device: string): boolean {
    if (units.get(device) === everything) return false;
    units.set(device, everything);
    return true;
  }

  return {
    units,
    lines,
    /** Takes over what a verdict blames; false when it blames nothing new. `isLate`: no more finding out one by one. */
    learn(verdict: Verdict, isLate: boolean): boolean {
      let learnt = false;
      for (const [device, found] of verdict.units) {
        const set = known.get(device) ?? new Set();
        known.set(device, set);
        for (const unit of found) {
          learnt ||= !set.has(unit);
          set.add(unit);
        }
        if (units.get(device) !== everything) units.set(device, set);
        if (isLate) learnt = refuseAll(device) || learnt;
      }
      if (learnt) return true;
      for (const device of verdict.unclear.keys()) learnt = refuseAll(device) || learnt;
      if (learnt) return true;
      for (const [device, found] of verdict.lines) {
        for (const [key, why] of found) {
          learnt ||= lines.get(device)?.has(key) === false;
          lines.get(device)?.set(key, why);
        }
      }
      return learnt;
    },
  };
}

/** Lines that no file of Git may hold, and the one that says which software wrote the text. */
function impossibleLines({ entries, platform }: Pick<Original, 'entries' | 'platform'>): Map<string, string> {
  const lines = new Map<string, string>();
  for (const { node, key, parents } of entries) {
    if (node.text.startsWith('frr version ')) lines.set(key, 'says which software wrote the text');
    const [why] = explainLine(' '.repeat(parents.length) + node.text, platform);
    if (why !== undefined) lines.set(key, why);
    else if (node.text.replace(secretToken, '').includes('<secret:')) lines.set(key, 'it holds words that only Plumbline writes');
  }
  return lines;
}

function finish(composition: Composition, refused: Refused, unchanged: readonly string[]): Imported {
  const values = new Map(composition.devices.flatMap(({ original }) => [...original.values]));
  const secrets = composition.secrets.map(({ token, ...use }) => {
    const value = values.get(token);
    return { ...use, value: value === undefined ? undefined : new Secret(value) };
  });
  return {
    unchanged,
    files: composition.files,
    changed: new Set(composition.joined.map(({ session }) => session.path)),
    accounts: composition.devices.map((device) => account(device, refused.lines.get(device.original.device) ?? new Map())),
    secrets,
    countOf: composition.countOf,
    joined: composition.joined.map(({ session }) => session.name),
  };
}
