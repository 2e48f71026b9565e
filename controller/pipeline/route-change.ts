import type { Baseline, CheckedState, DeviceIntent, DeviceVerdict, EffectRoutes, RoutingEffects } from '../api/index.ts';
import { dialectFor, listItems, parseIntended } from '../config/index.ts';
import { type Prepared, prepareDevices } from './prepare.ts';
import { compareFrom, compileSome, nothing, policyLine, shareRouting } from './routing.ts';

/** A revision of the desired state as a baseline names it; undefined where it is not to be had any more, or was never committed. */
export type Earlier = (revision: string) => Promise<CheckedState | undefined>;

/** What is known of a device that would change. */
export interface Changing {
  name: string;
  /** As it was read; undefined: it has none. */
  baseline: Pick<Baseline, 'revision' | 'items'> | undefined;
  verdict: DeviceVerdict['verdict'];
}

/** What a change of several devices does to routes. */
export interface Routed {
  /** Undefined: nothing that is known of decides otherwise about routes. */
  routing: RoutingEffects | undefined;
  /** What the plan of each device answers for. */
  shares: ReadonlyMap<string, EffectRoutes>;
}

/** Revisions that are looked up at most: devices of a large fleet were last right at a few. */
const mostRevisions = 8;

/**
 * What becomes of routes when some devices are made what Git says and the others are that already. A device is taken to be what Git said at the
 * revision of its baseline, where its baseline holds just that; of any other one nothing is said but that. Nor where more than `mostDevices` hang
 * together.
 */
export async function routeChange(
  changing: readonly Changing[],
  after: Pick<Prepared, 'state' | 'devices'>,
  earlier: Earlier,
  mostDevices = Infinity,
): Promise<Routed> {
  const made = compileSome(after.state, new Set(changing.map(({ name }) => name)));
  const routed = changing.filter(({ name, baseline }) => made.get(name)?.bgp || sortLines(Object.entries(baseline?.items ?? {})) !== '');
  const unknown: string[] = [];
  const revisions = new Set<string>();
  const past = new Map<string, { state: CheckedState; intent: DeviceIntent | undefined }>();
  const wanted = Map.groupBy(routed, ({ baseline }) => baseline?.revision);
  for (const [revision, some] of wanted) {
    const names = some.map(({ name }) => name);
    const state = revision === undefined || revisions.size >= mostRevisions ? undefined : await earlier(revision);
    if (revision === undefined || !state) {
      unknown.push(`${nameSome(names)}: the revision at which ${names.length === 1 ? 'it was' : 'they were'} last right is not to be had`);
      continue;
    }
    revisions.add(revision);
    const intents = compileSome(state, new Set(names));
    const held = await holdThat(state, some);
    const other = names.filter((name) => !held.has(name));
    if (other.length > 0)
      unknown.push(
        `${nameSome(other)}: what ${other.length === 1 ? 'it holds' : 'they hold'} of policies is not what Git said at ${revision}`,
      );
    for (const name of held) past.set(name, { state, intent: intents.get(name) });
  }
  const changed = new Set(past.keys());
  const compile = (names: ReadonlySet<string>): Map<string, DeviceIntent> => {
    const still = new Set([...names].filter((name) => !changed.has(name)));
    const found = compileSome(after.state, still);
    for (const name of names) {
      const intent = past.get(name)?.intent;
      if (intent) found.set(name, intent);
    }
    return found;
  };
  const states = [...new Set([...past.values()].map(({ state }) => state))];
  const effects = changed.size > 0 ? compareFrom({ compile, states, released: [], mostDevices }, after, changed) : undefined;
  if (!effects && unknown.length === 0) return { routing: undefined, shares: new Map() };
  const moved = routed.filter(({ verdict }) => verdict === 'Drifted' || verdict === 'Diverged').map(({ name }) => name);
  const routing: RoutingEffects = {
    ...(effects ?? nothing),
    notEvaluated: [
      ...(effects
        ? [`devices that change are taken to be what Git said at ${[...revisions].join(', ')}, the others what it says now`]
        : []),
      ...unknown,
      ...(effects && moved.length > 0 ? [`${nameSome(moved)}: what somebody changed there by hand`] : []),
      ...(effects?.notEvaluated ?? []),
    ],
  };
  const siteOf = (name: string) => after.state.objects.Device.get(name)?.metadata.labels['site'];
  return { routing, shares: shareRouting(effects, new Set(changing.map(({ name }) => name)), siteOf) };
}

/**
 * Devices whose baseline holds the lines that decide about routes just as a revision renders them. Adopted as it was, or taken half way, a device
 * names a revision that it never was.
 */
async function holdThat(state: CheckedState, devices: readonly Changing[]): Promise<ReadonlySet<string>> {
  const { devices: prepared } = await prepareDevices(
    state,
    devices.map(({ name }) => name),
    undefined,
  );
  const lines = new Map(
    prepared.flatMap(({ name, ready }): [string, string][] => {
      if (!ready) return [];
      const dialect = dialectFor(ready.rendered.platform);
      return [[name, sortLines(listItems(parseIntended(ready.rendered.text, dialect).tree, dialect).map(({ key, text }) => [key, text]))]];
    }),
  );
  return new Set(
    devices.flatMap(({ name, baseline }) => (baseline && lines.get(name) === sortLines(Object.entries(baseline.items)) ? [name] : [])),
  );
}

/** Only what decides about routes: a secret has another token here, and a host name moves no route. */
function sortLines(items: readonly (readonly [key: string, text: string])[]): string {
  return items
    .filter(([key, text]) => [...key.split(' > '), text].some((part) => policyLine.test(part)))
    .map(([key, text]) => `${key}\n${text}`)
    .toSorted()
    .join('\n');
}

function nameSome(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
