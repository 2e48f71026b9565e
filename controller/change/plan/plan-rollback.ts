import type { Baseline, DevicePlan, DrainPolicy, Read } from '../../api/index.ts';
import { dialectFor, listItems, type Node, parse, planPatch, simulate, type Tree } from '../../config/index.ts';
import { secretToken } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import { type ClosingPool, closingCommands, findClosing } from './closing.ts';
import { doubtsOf } from './leases.ts';
import type { ManagementPath } from './management.ts';
import { disproofs, type PlannedDevice, toDevicePlan } from './plan-device.ts';
import { countRemovals } from './removals.ts';

/** What the way back from a confirmed plan is computed from. */
export interface RollbackFacts {
  /** The plan that is taken back, as it was applied. */
  shown: DevicePlan;
  read: Read;
  baseline: Baseline | undefined;
  revision: string;
  management: ManagementPath;
  /** Is there a value behind this token? A password that was replaced may be gone. Default: every one has a value. */
  reveals?: (token: string) => boolean;
  drain?: DrainPolicy;
  /** What stays on a DHCP server, closed, although it was not there before: somebody holds a lease in it. */
  closing?: readonly ClosingPool[];
}

export interface PlannedRollback extends PlannedDevice {
  /** What was changed since the plan in the very places that it touched, one sentence each. Empty: nothing later is in the way. */
  overlaps: readonly string[];
  /** Pools of a DHCP server that it takes away, open: who may hold a lease there is to be asked first. */
  open: readonly ClosingPool[];
}

/**
 * A plan of its own that takes another one back, from what the device holds now: what was changed elsewhere since then stays. The target is
 * the live configuration with the old way back carried out in simulation; an object of the plan that others use by now is left to them.
 */
export function planRollback(facts: RollbackFacts): PlannedRollback {
  const { shown, read, baseline, closing = [] } = facts;
  const { device, platform, commands, rollback } = shown.effect;
  const dialect = dialectFor(platform);
  const live = parse(read.config, dialect, { version: read.version });
  const earlier = simulate(live, rollback, dialect);
  const before = closing.length === 0 ? earlier : simulate(earlier, closingCommands(closing), dialect);
  const [is, was, left] = [live, before, simulate(earlier, commands, dialect)].map((tree) => textsOf(tree)) as [Texts, Texts, Texts];

  const dropped = new Set([...is.keys()].filter((key) => !was.has(key)));
  const touched = [...new Set([...is.keys(), ...was.keys()])].filter((key) => is.get(key) !== was.get(key));
  const patch = planPatch(live, onlyTouched(live, before, new Set(touched)), dialect, { scope: 'owned', previouslyOwned: dropped });
  const after = textsOf(patch.predicted);
  const overlaps = [
    // Back and there again is where we would be, had nobody touched these lines since.
    ...[...new Set([...is.keys(), ...left.keys()])]
      .filter((key) => is.get(key) !== left.get(key))
      .map((key) => describeOverlap(key, is.get(key), left.get(key), was.get(key))),
    ...[...dropped].filter((key) => after.has(key)).map((key) => `\`${is.get(key)}\` stays: lines that came later use it`),
  ];
  // What it closes is ours too, and goes with a later plan.
  const closed = closing.length === 0 ? [] : [...new Set(was.keys()).difference(new Set(textsOf(earlier).keys()))];
  const known = new Set([...Object.keys(baseline?.items ?? {}), ...Object.keys(shown.predicted), ...(shown.gone ?? []), ...closed]);
  const open = findClosing(live, patch.predicted, { owned: () => known, ...(read.closedPools && { until: read.closedPools }) });
  const owned = listItems(live, dialect).filter(({ key }) => known.has(key));
  const removals = countRemovals(owned, new Set(after.keys()));
  if (patch.commands.length === 0) return { removals, problems: [], overlaps, open };

  const doubts = doubtsOf(live, patch.predicted);
  const plan = toDevicePlan({
    device,
    platform,
    patch,
    live,
    read,
    removals,
    shrinks: doubts.doubts.flatMap(({ what, shrinks }) => (shrinks ? [what] : [])),
    strangers: [],
    management: facts.management,
    tokens: tokensOf(shown, patch.commands),
    provenance: { ...shown.provenance, revision: facts.revision },
    // What it does not touch is not its business: a person's change elsewhere must not become what we know of the device.
    predicted: Object.fromEntries([...after].filter(([key, text]) => known.has(key) && is.get(key) !== text)),
    gone: [...is.keys()].filter((key) => !after.has(key)),
    ...(facts.drain && { drain: facts.drain }),
  });
  const missing = unknownTokens(plan, facts);
  const problems = [
    ...disproofs(device, plan.proof),
    ...(missing.length > 0 ? [errors.SecretGone({ device, tokens: missing.join(', ') })] : []),
  ];
  return { plan, removals, problems, overlaps, open, ...(doubts.doubts.length > 0 && { doubts }) };
}

/** `before` with the objects that the rollback says something of, whole, and without all else: that is left to whoever wants it. */
function onlyTouched(live: Tree, before: Tree, keys: ReadonlySet<string>): Tree {
  const items = listItems(before, before.dialect);
  const objects = new Set(
    [...items, ...listItems(live, live.dialect)].flatMap(({ key, object }) => (object !== undefined && keys.has(key) ? [object] : [])),
  );
  const kept = new Set(
    items.filter(({ key, object }) => keys.has(key) || (object !== undefined && objects.has(object))).map(({ key }) => key),
  );
  const filter = (nodes: readonly Node[], above: string): readonly Node[] =>
    nodes.flatMap((node) => {
      const key = `${above}${node.key}`;
      const children = filter(node.children, `${key} > `);
      return kept.has(key) || children.length > 0 ? [{ ...node, children }] : [];
    });
  return { ...before, roots: filter(before.roots, '') };
}

type Texts = ReadonlyMap<string, string>;

function textsOf(tree: Tree): Texts {
  return new Map(listItems(tree, tree.dialect).map(({ key, text }) => [key, text]));
}

function describeOverlap(key: string, is: string | undefined, left: string | undefined, was: string | undefined): string {
  const found =
    is === undefined ? `\`${left ?? key}\` is gone` : left === undefined ? `\`${is}\` was added` : `\`${left}\` became \`${is}\``;
  return `${found} after the plan; the rollback ${was === undefined ? 'takes it away' : `makes it \`${was}\``}`;
}

/** References that the plan knew, with the token that stood for each: the old value has no other name. */
function tokensOf({ effect: { secretVersions } }: DevicePlan, commands: DevicePlan['effect']['commands']): ReadonlyMap<string, string> {
  const used = new Set(commands.flatMap(({ text }) => text.match(secretToken) ?? []));
  return new Map(Object.entries(secretVersions).filter(([, token]) => used.has(token)));
}

/** Tokens to be sent that neither a source nor the device itself has a value for. */
function unknownTokens({ effect: { commands } }: DevicePlan, { read, reveals }: RollbackFacts): readonly string[] {
  const tokens = new Set(commands.flatMap(({ text }) => text.match(secretToken) ?? []));
  return reveals ? [...tokens].filter((token) => !reveals(token) && !read.config.includes(token)) : [];
}
