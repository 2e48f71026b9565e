import type { Baseline, DevicePlan, Read } from '../../api/index.ts';
import { defaults } from './limits.ts';
import type { ApplyDeps } from './ports.ts';
import { readItems } from './read-items.ts';
import type { Member, Run } from './run.ts';

/**
 * What was confirmed is what we know of its devices from now on. Called before the end is stored: who dies in between is found, and its
 * recovery confirms and calls this again. A device that cannot be read now keeps the baseline it has.
 */
export async function moveBaselines(run: Run, deps: ApplyDeps): Promise<void> {
  await Promise.all(run.members.map((member) => moveBaseline(run, member, deps)));
}

async function moveBaseline(run: Run, member: Member, { baselines }: ApplyDeps): Promise<void> {
  const { device, plan } = member;
  if (!plan) return;
  const read = await readAfter(run, member);
  if (!read) {
    run.notes.add(`${device}: could not be read after the change; what it holds is taken as baseline by the next plumb apply`);
    return;
  }
  // Another process may move it between our look and our write, but not for ever.
  for (let round = 0; round < 10; round++) {
    const was = await baselines.get(device);
    const moved = was && baselineAfter(was, plan, read, run.revision);
    if (!moved || (await baselines.replace(was, moved))) return;
  }
  run.notes.add(`${device}: its baseline was moved by others again and again; the next plumb apply takes over what was applied`);
}

/** The look that decided; a recovery has none yet, and tries for a while. */
async function readAfter({ clock }: Run, member: Member): Promise<Read | undefined> {
  if (member.after) return member.after;
  const untilMs = clock.monotonicMs() + defaults.lookMs;
  for (;;) {
    const observed = await member.driver.observe(member.target, {}, new AbortController().signal);
    if (observed.state === 'Read') return (member.after = observed);
    if (clock.monotonicMs() > untilMs) return undefined;
    await clock.sleep(defaults.pauseMs);
  }
}

/** Every item of the plan that the device holds as predicted, and none that the plan removed; all else as it was. */
function baselineAfter(was: Baseline, plan: DevicePlan, read: Pick<Read, 'config' | 'version'>, revision: string): Baseline {
  const live = readItems(plan.effect.platform, read);
  const gone = new Set(plan.gone?.filter((key) => !live.has(key)));
  const items = Object.entries(was.items).filter(([key]) => !gone.has(key));
  const verified = Object.entries(plan.predicted).filter(([key, text]) => live.get(key) === text);
  return { ...was, revision, items: Object.fromEntries([...items, ...verified]) };
}
