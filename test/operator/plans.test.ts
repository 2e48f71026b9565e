import { describe, expect, onTestFinished, test } from 'vitest';
import type { ChangeApprovalSpec, ChangePlanSpec, ChangePlanStatus } from '../../controller/api/index.ts';
import type { StoredObject } from '../../controller/store/index.ts';
import { type DeskOptions, type OperatorDesk, openOperatorDesk } from './desk.ts';

type ChangePlan = StoredObject<ChangePlanSpec, ChangePlanStatus>;

async function deskWith(options: DeskOptions = {}) {
  const desk = await openOperatorDesk({ mode: 'Approve', ...options, fleet: { ceiling: 'Enforce', ...options.fleet } });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  const plans = () => desk.store.objects.list<ChangePlanSpec, ChangePlanStatus>('ChangePlan');
  const planIn = async (phase: string): Promise<ChangePlan> => {
    let all: readonly ChangePlan[] = [];
    const found = () => all.find(({ status }) => status?.phase === phase);
    const told = () => all.map(({ name, status }) => `${name} ${status?.phase}: ${status?.conditions[0]?.message}`).join('; ');
    await desk.until(`a plan that is ${phase}`, async () => (all = await plans()) && found(), told, 60);
    return found() as ChangePlan;
  };
  const say = async (plan: ChangePlan, given: Partial<ChangeApprovalSpec> = {}) => {
    const spec: ChangeApprovalSpec = {
      plan: plan.name,
      effectDigests: plan.spec.groups.map(({ effectDigest }) => effectDigest),
      decision: 'Approve',
      approver: 'mona',
      groups: [],
      ...given,
    };
    await desk.store.objects.create<ChangeApprovalSpec>({ kind: 'ChangeApproval', name: `${plan.name}-${spec.approver}`, spec });
  };
  return { ...desk, plans, planIn, say };
}

/** What both routers do when this moves: one line of a route-map. */
const preference = (desk: Pick<OperatorDesk, 'edited' | 'commit'>, from: number, to: number) =>
  desk.commit({ 'policies.yaml': desk.edited('policies.yaml', `"localPreference": ${from}`, `"localPreference": ${to}`) });
const policy = (mode: string, rollout: object = { bakeSeconds: 0 }) =>
  JSON.stringify({
    apiVersion: 'plumbline.dev/v1alpha1',
    kind: 'ReconcilePolicy',
    metadata: { name: 'everywhere' },
    spec: { selector: {}, mode, rollout },
  });

describe('a plan', () => {
  test('waits for a person, and is carried out when one said yes', async () => {
    const desk = await deskWith();
    desk.commit({ 'reconcile.yaml': policy('Approve') });
    await desk.fleetReady('InForce');
    preference(desk, 90, 95);
    const plan = await desk.planIn('Proposed');
    expect(plan.spec).toMatchObject({ mode: 'Approve', cause: 'Desired', devices: 2, groupCount: 1, risk: 'low' });
    expect((await desk.deviceReady('r00000', 'ApprovalRequired')).message).toContain(plan.name);
    await desk.say(plan);
    const done = await desk.planIn('Succeeded');
    expect(done).toMatchObject({ name: plan.name, status: { confirmed: 2, progress: 'cc', approvedBy: ['mona'] } });
    await desk.deviceReady('r00000', 'InSync');
    await desk.deviceReady('r00001', 'InSync');
  }, 120_000);
});
