import type { Baseline, DevicePlan, DrainPolicy, Effect, NeighborState, PlannedCommand, Read, Rendered } from '../../api/index.ts';
import { classify, dialectFor, type Item, listItems, parse, parseIntended, type Patch, planPatch, type Tree } from '../../config/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import { planDrain, proveDrain } from './drain.ts';
import { doubtsOf } from './leases.ts';
import { effectDigestOf } from './effect.ts';
import { type ManagementPath, touchesManagement } from './management.ts';
import { countRemovals, type Removals } from './removals.ts';
import { judgeRisk, type RiskFacts } from './risk.ts';

/** Everything that a plan for one device is computed from. Same facts, same plan. */
export interface PlanFacts {
  rendered: Rendered;
  read: Read;
  baseline: Baseline | undefined;
  revision: string;
  templatesDigest: string;
  management: ManagementPath;
  /** Keys of sections in which lines that Git does not know are removed, beside those that the rendered text marks. */
  exactContainers: ReadonlySet<string>;
  /** Traffic is led away first when the change resets sessions. Default: it is not. */
  drain?: DrainPolicy;
}

export interface PlannedDevice {
  /** Absent when the device holds what Git says, or when there is a problem. */
  plan?: DevicePlan;
  removals: Removals;
  problems: readonly PlumblineError[];
  /** What is to be asked of the leases of a DHCP server before the plan is shown. */
  doubts?: ReturnType<typeof doubtsOf>;
}

/** The proposal for one device: commands, the way back, what it costs, and the proof that both lead where they should. */
export function planDevice(facts: PlanFacts): PlannedDevice {
  const { rendered, read, baseline } = facts;
  const { device, platform } = rendered;
  const dialect = dialectFor(platform);
  const live = parse(read.config, dialect, { version: read.version });
  const { tree: intended, exact: marked, problems } = parseIntended(rendered.text, dialect, { version: read.version, device: read.config });
  if (problems.some(({ severity }) => severity === 'error')) return { removals: { owned: 0, removed: [] }, problems };

  const exact = new Set([...marked, ...facts.exactContainers]);
  const before = new Set(Object.keys(baseline?.items ?? {}));
  const patch = planPatch(live, intended, dialect, { scope: 'owned', previouslyOwned: before, exactContainers: exact });
  const after = new Map(listItems(patch.predicted, dialect).map(({ key, text }) => [key, text]));
  const { owned, strangers } = classify(live, intended, before, dialect, exact);
  const removals = countRemovals(owned, new Set(after.keys()));
  if (patch.commands.length === 0) return { removals, problems };

  const doubts = doubtsOf(live, patch.predicted);
  const plan = toDevicePlan({
    device,
    platform,
    patch,
    live,
    read,
    removals,
    shrinks: doubts.doubts.flatMap(({ what, shrinks }) => (shrinks ? [what] : [])),
    strangers,
    management: facts.management,
    tokens: new Map(rendered.secrets.map(({ ref, token }) => [`${ref.name}/${ref.key}`, token])),
    provenance: { revision: facts.revision, renderedDigest: rendered.digest, templatesDigest: facts.templatesDigest },
    predicted: Object.fromEntries(listItems(intended, dialect).map(({ key, text }) => [key, after.get(key) ?? text])),
    gone: owned.map(({ key }) => key).filter((key) => !after.has(key)),
    ...(facts.drain && { drain: facts.drain }),
  });
  const asked = doubts.doubts.length > 0 && { doubts };
  return { plan, removals, ...asked, problems: [...problems, ...disproofs(device, plan.proof)] };
}

/** What a patch is made a plan of. */
export interface Proposed {
  device: string;
  platform: string;
  patch: Patch;
  live: Tree;
  read: Read;
  removals: Removals;
  /** Addresses that a DHCP server gives out no more. */
  shrinks: readonly string[];
  /** Objects of nobody in sections that Git uses. */
  strangers: readonly Item[];
  management: ManagementPath;
  /** Token of each secret reference `name/key` that may be used. */
  tokens: ReadonlyMap<string, string>;
  provenance: Pick<DevicePlan['provenance'], 'revision' | 'renderedDigest' | 'templatesDigest'>;
  predicted: Readonly<Record<string, string>>;
  gone: readonly string[];
  drain?: DrainPolicy;
}

/** The effect of a patch with its risk, and all that the apply compares with. */
export function toDevicePlan({ device, platform, patch, live, read, removals, shrinks, strangers, tokens, ...rest }: Proposed): DevicePlan {
  const { commands, rollback, resets, gaps, deferred, proof } = patch;
  const dialect = dialectFor(platform);
  const items = listItems(live, dialect);
  const drain = planDrain(platform, live, patch.predicted, resets, rest.drain);
  const proven = drain && proveDrain(drain, patch, live, dialect);
  const effect: Effect = {
    device,
    platform,
    commands,
    rollback,
    ...(drain && { drain }),
    secretVersions: secretVersionsOf([...commands, ...rollback], tokens),
    resets,
    gaps,
    deferred,
    ...judgeRisk({
      effect: patch,
      management: touchesManagement(commands, items, rest.management),
      removals,
      shrinks,
      bystanders: bystandersOf(patch.sweeping, strangers),
      sessions: configuredSessions(read, items),
    }),
  };
  return {
    effect,
    effectDigest: effectDigestOf(effect),
    provenance: { ...rest.provenance, liveFingerprint: read.fingerprint, deviceVersion: read.version },
    predicted: rest.predicted,
    gone: rest.gone,
    proof: proven ? { ...proof, forward: proof.forward && proven.forward, rollback: proof.rollback && proven.rollback } : proof,
  };
}

/** What others have in the sections that a command changes as a whole. */
function bystandersOf(commands: readonly PlannedCommand[], strangers: readonly Item[]): RiskFacts['bystanders'] {
  return commands.flatMap((command) => {
    const inside = strangers.filter(({ path, object }) => object !== undefined && path[0] === command.path[0]);
    const others = [...new Set(inside.map(({ object = '' }) => object.slice(object.lastIndexOf(' > ') + 1).replace(/^> /, '')))];
    return others.length === 0 ? [] : [{ command, others }];
  });
}

/** Without the neighbors that nobody configured: those of a listen range come and go. */
function configuredSessions({ neighbors }: Read, items: readonly { text: string }[]): readonly NeighborState[] {
  const words = new Set(items.flatMap(({ text }) => text.split(/\s+/)));
  return neighbors.filter(({ address }) => words.has(address));
}

function secretVersionsOf(lines: readonly PlannedCommand[], tokens: ReadonlyMap<string, string>): Record<string, string> {
  const text = lines.map((line) => [...line.path, line.text].join('\n')).join('\n');
  return Object.fromEntries([...tokens].filter(([, token]) => text.includes(token)));
}

export function disproofs(device: string, { forward, rollback }: DevicePlan['proof']): readonly PlumblineError[] {
  return [
    ...(forward ? [] : [errors.Unproven({ device, what: 'forward' })]),
    ...(rollback ? [] : [errors.Unproven({ device, what: 'rollback' })]),
  ];
}
