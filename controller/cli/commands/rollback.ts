import { type ChangePlanSpec, type ChangePlanStatus, findCondition } from '../../api/index.ts';
import { systemClock } from '../../lib/index.ts';
import { printOrder, rollbackCondition, rolloutAnnotation } from '../../operator/index.ts';
import { printable } from '../../report/index.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { identify, type Published, withPublished } from '../published.ts';
import { findPlan, hasEnded } from '../published-plan.ts';
import { waitAnswered } from '../wait.ts';
import { annotate, type WaitOptions } from './requests.ts';

export interface RollbackOptions extends WaitOptions {
  reason: string;
}

/** `plumb rollback PLAN`: asks the operator for a plan that inverts this one against what its devices hold now. One that runs is stopped first. */
export async function rollback(name: string, options: RollbackOptions, context: Context): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async (published) => {
    const plan = await findPlan(published, name);
    const isOver = hasEnded(plan);
    if (!/[abcs]/.test(plan.status?.progress ?? '')) throw errors.NothingConfirmed({ plan: name, phase: plan.status?.phase ?? 'Proposed' });
    const { user } = await identify(published);
    const at = systemClock.now().toISOString();
    const order = printOrder({ ask: 'Rollback', by: user, at, reason: options.reason });
    await annotate(published.store.objects, 'ChangePlan', name, { [rolloutAnnotation]: order }, published.where);
    const first = isOver ? '' : 'it is stopped first; ';
    context.terminal.say(`${name}: ${first}the way back is planned from what its devices hold now, and they are held until Git agrees\n`);
    return options.wait ? waitPlanned(published, name, at, options, context) : 0;
  });
}

/** Waits for the plan that takes it back, or for why there is none. */
async function waitPlanned(
  { store }: Published,
  name: string,
  at: string,
  { waitSeconds }: RollbackOptions,
  { terminal, signal }: Context,
): Promise<ExitCode> {
  const what = `the way back of ${name}`;
  return waitAnswered<ExitCode>({ what, seconds: waitSeconds, signal }, async () => {
    const plan = await store.objects.get<ChangePlanSpec, ChangePlanStatus>('ChangePlan', name);
    const found = plan?.status?.asked?.at === at ? findCondition(plan.status.conditions, rollbackCondition) : undefined;
    if (!found) return 'silent';
    terminal.write(`${printable(found.message)}\n`);
    return { done: found.status === 'True' ? 0 : 1 };
  });
}
