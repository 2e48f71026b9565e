import { findCondition } from '../../api/index.ts';
import { systemClock } from '../../lib/index.ts';
import { printOrder, rolloutAnnotation } from '../../operator/index.ts';
import { printable } from '../../report/index.ts';
import type { Context } from '../context.ts';
import { type ExitCode } from '../exit-code.ts';
import { identify, type Published, withPublished } from '../published.ts';
import { findPlan, hasEnded, planEnded, type PlanObject } from '../published-plan.ts';
import { waitAnswered } from '../wait.ts';
import { annotate, type WaitOptions } from './requests.ts';

type Order = Parameters<typeof printOrder>[0];

export interface SteerOptions extends WaitOptions {
  reason?: string;
}

/** `plumb pause | continue | stop PLAN`: an order to a rollout, in the name of whoever runs this. */
export async function steer(ask: 'Pause' | 'Continue' | 'Stop', name: string, options: SteerOptions, context: Context): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async (published) => {
    const { terminal } = context;
    const plan = await findPlan(published, name);
    if (hasEnded(plan) && !(ask === 'Continue' && wasNeverBegun(plan))) throw await planEnded(published, plan);
    if (ask === 'Continue' && isGoingOn(plan)) {
      terminal.say(`${name}: was neither paused nor stopped: ${plan.status?.phase ?? 'Proposed'}\n`);
      return 0;
    }
    const { user } = await identify(published);
    const { reason } = options;
    const order: Order = { ask, by: user, at: systemClock.now().toISOString(), ...(reason !== undefined && { reason }) };
    await annotate(published.store.objects, 'ChangePlan', name, { [rolloutAnnotation]: printOrder(order) }, published.where);
    terminal.say(`${name}: ${describeOrder(ask, plan)}\n`);
    return options.wait && !hasEnded(plan) ? waitTaken(published, name, order, options, context) : 0;
  });
}

/** Stopped before anything of it began: then it is not proposed again, until somebody says so. */
function wasNeverBegun({ status }: PlanObject): boolean {
  return status?.phase === 'Stopped' && !/[^.]/.test(status.progress ?? '');
}

function isGoingOn(plan: PlanObject): boolean {
  const { annotations, status } = plan;
  return !hasEnded(plan) && annotations[rolloutAnnotation] === undefined && status?.phase !== 'Paused';
}

function describeOrder(ask: Order['ask'], plan: PlanObject): string {
  const hasBegun = /[^.]/.test(plan.status?.progress ?? '');
  if (ask === 'Pause') return 'paused: nothing further begins, what runs ends. To go on: plumb continue ' + plan.name;
  if (ask === 'Continue') return hasEnded(plan) ? 'what it would do may be proposed again' : 'goes on';
  return hasBegun
    ? 'stopped: nothing further begins, what runs ends, what was confirmed stays'
    : `stopped before it began: it is not proposed again until what would be done moves, or plumb continue ${plan.name}`;
}

/** Waits until the operator took the order, and what runs has ended. */
async function waitTaken(
  { store }: Published,
  name: string,
  order: Order,
  { waitSeconds }: SteerOptions,
  { terminal, signal }: Context,
): Promise<ExitCode> {
  const what = `an order to ${name}`;
  return waitAnswered<ExitCode>({ what, seconds: waitSeconds, signal }, async () => {
    const plan = await store.objects.get<PlanObject['spec'], NonNullable<PlanObject['status']>>('ChangePlan', name);
    const ready = findCondition(plan?.status?.conditions, 'Ready');
    const isTaken = plan?.status?.asked?.at === order.at;
    const isQuiet = order.ask === 'Continue' || !/[ab]/.test(plan?.status?.progress ?? '');
    if (plan && !hasEnded(plan) && !(isTaken && isQuiet)) return isTaken ? 'heard' : 'silent';
    terminal.write(`${name}  ${plan?.status?.phase ?? 'deleted'}  ${printable(ready?.message ?? '')}\n`);
    if (ready?.reason === 'OutcomeUnknown') return { done: 2 };
    return { done: plan?.status?.phase === 'Failed' ? 1 : 0 };
  });
}
