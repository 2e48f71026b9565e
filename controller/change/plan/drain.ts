import type { Drain, DrainPolicy, PlannedCommand, SessionReset } from '../../api/index.ts';
import { type Dialect, listItems, simulate, type Tree } from '../../config/index.ts';

/** The one line by which a platform asks its neighbors to send traffic elsewhere, and the sections it stands in. */
interface Knob {
  section: RegExp;
  /** The VRF of such a section; the first group of the expression, else the default one. */
  vrf: RegExp;
  text: string;
  undo: string;
}

/** FRR has it per BGP instance and not per session: docs/decisions/006-drain-is-graceful-shutdown.md. */
const knobs: Readonly<Record<string, Knob>> = {
  frr: { section: /^router bgp \d+( vrf \S+)?$/, vrf: / vrf (\S+)$/, text: 'bgp graceful-shutdown', undo: 'no bgp graceful-shutdown' },
};

/**
 * The drain of a change that resets sessions. Instances that are drained already, or that Git wants drained, are left as they are.
 * Undefined when there is nothing to drain, or the platform cannot.
 */
export function planDrain(
  platform: string,
  live: Tree,
  predicted: Tree,
  resets: readonly SessionReset[],
  policy: DrainPolicy | undefined,
): Drain | undefined {
  const knob = knobs[platform];
  if (!policy || !knob || resets.length === 0) return undefined;
  const [now, then] = [sectionsOf(live, knob), sectionsOf(predicted, knob)];
  const vrfs = new Set(resets.map(({ vrf }) => vrf));
  const chosen = [...now].filter(([section, isDrained]) => {
    const isMeant = policy.scope === 'Device' || vrfs.has(knob.vrf.exec(section)?.[1] ?? 'default');
    return isMeant && !isDrained && then.get(section) !== true;
  });
  if (chosen.length === 0) return undefined;
  const say = (text: string, sections: readonly string[]): PlannedCommand[] => sections.map((section) => ({ path: [section], text }));
  const sections = chosen.map(([section]) => section);
  return {
    scope: policy.scope,
    commands: say(knob.text, sections),
    undo: say(
      knob.undo,
      sections.filter((section) => then.has(section)),
    ),
    wayBack: say(knob.undo, sections),
    waitSeconds: policy.waitSeconds,
    leftPrefixes: policy.leftPrefixes,
  };
}

/** Sections of the platform's knob, and whether it is set in them. A knob for the whole device counts for each. */
function sectionsOf(tree: Tree, { section, text }: Knob): ReadonlyMap<string, boolean> {
  const isSetForAll = tree.roots.some((node) => node.text === text);
  const roots = tree.roots.filter((node) => section.test(node.text));
  return new Map(roots.map((node) => [node.text, isSetForAll || node.children.some((child) => child.text === text)]));
}

/** Does the change with its drain end where it ends without, and does every way back lead back, drained or not? */
export function proveDrain(
  drain: Drain,
  { commands, rollback, predicted }: { commands: readonly PlannedCommand[]; rollback: readonly PlannedCommand[]; predicted: Tree },
  live: Tree,
  dialect: Dialect,
): { forward: boolean; rollback: boolean } {
  const back = [...rollback, ...drain.wayBack];
  const ends = (sent: readonly PlannedCommand[], there: Tree) => sameItems(simulate(live, sent, dialect), there, dialect);
  const there = [...drain.commands, ...commands];
  return {
    forward: ends([...there, ...drain.undo], predicted),
    rollback: [drain.commands, there, [...there, ...drain.undo]].every((sent) => ends([...sent, ...back], live)),
  };
}

function sameItems(a: Tree, b: Tree, dialect: Dialect): boolean {
  const texts = (tree: Tree) =>
    listItems(tree, dialect)
      .map(({ key, text }) => `${key}\n${text}`)
      .toSorted()
      .join('\n');
  return texts(a) === texts(b);
}
