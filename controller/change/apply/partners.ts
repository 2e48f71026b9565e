import type { Outcome } from '../machine/table.ts';
import { errors } from '../errors.ts';
import { defaults } from './limits.ts';
import type { Bystander } from './ports.ts';
import { blame, type Member, type Run } from './run.ts';

interface Unwell {
  device: string;
  findings: string;
  /** It says itself that it does not serve yet; one that does not answer at all is not waited for as long. */
  answers: boolean;
}

/**
 * Why somebody of a pair is not well, over new connections: a member, or who stands in for one. Undefined when all are, and for members that nobody
 * stands in for.
 */
export async function findUnwell(members: readonly Member[], signal: AbortSignal): Promise<Unwell | undefined> {
  const asked = new Map<string, Bystander>();
  for (const member of members.filter(({ partners = [] }) => partners.length > 0))
    for (const each of [member, ...(member.partners ?? [])]) asked.set(each.device, each);
  const answers = await Promise.all(
    [...asked.values()].map(async ({ device, driver, target }) => ({ device, answer: await driver.probe(target, signal) })),
  );
  for (const { device, answer } of answers)
    if (answer.outcome === 'NotReached') return { device, findings: answer.error.message, answers: answer.error.code === 'NotServing' };
  return undefined;
}

/** Sends turn by turn. After each turn whoever changed must be well again, or nobody serves while the next one changes. */
export async function applyInTurns(
  run: Run,
  send: (members: readonly Member[]) => Promise<readonly Outcome[]>,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const turns = [...Map.groupBy(run.members, ({ turn = 0 }) => turn)].toSorted(([a], [b]) => a - b);
  const outcomes: Outcome[] = [];
  for (const [i, [, members]] of turns.entries()) {
    outcomes.push(...(await send(members)));
    if (outcomes.some((outcome) => outcome !== 'applied') || i === turns.length - 1) return outcomes;
    const unwell = await waitUntilWell(run, signal);
    if (!unwell) continue;
    blame(run, errors.ProbeFailed(unwell), unwell.device);
    return [...outcomes, 'lost'];
  }
  return outcomes;
}

async function waitUntilWell(run: Run, signal: AbortSignal): Promise<Unwell | undefined> {
  const { clock } = run;
  const beganAtMs = clock.monotonicMs();
  let answeredAtMs = beganAtMs;
  for (;;) {
    const unwell = await findUnwell(run.members, signal);
    const nowMs = clock.monotonicMs();
    if (unwell?.answers === true) answeredAtMs = nowMs;
    const isOver = nowMs - beganAtMs > defaults.turnMs || nowMs - answeredAtMs > defaults.silentMs;
    if (!unwell || signal.aborted || isOver) return unwell;
    await clock.sleep(defaults.pauseMs, signal).catch(() => undefined);
  }
}
