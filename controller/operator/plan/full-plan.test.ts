import { expect, it } from 'vitest';
import type { ChangePlanSpec, DevicePlan, Effect, Plan } from '../../api/index.ts';
import { effectDigestOf, makePlan } from '../../change/index.ts';
import { defineErrors } from '../../lib/index.ts';
import { readFullPlan, textOfPlan } from './full-plan.ts';

const effectOf = (text: string) =>
  ({ device: 'edge1', platform: 'frr', commands: [{ path: [], text }], rollback: [] }) as unknown as Effect;
const deviceOf = (effect: Effect) => ({ effect, effectDigest: effectDigestOf(effect) }) as DevicePlan;
const plan = makePlan([deviceOf(effectOf('hostname a'))], [], { revision: 'main@sha1:0', createdAt: new Date(0) });
const spec = { plan: 'digest', planId: plan.id } as ChangePlanSpec;
const read = (text: string | undefined) => readFullPlan({ getArtifact: async () => text }, spec);

it('reads the plan that was shown', async () => {
  expect(await read(textOfPlan(plan))).toEqual(plan);
});

const other = effectOf('hostname b');
it.each<{ name: string; text: string | undefined }>([
  { name: 'was lost', text: undefined },
  { name: 'is that of another plan', text: textOfPlan({ ...plan, devices: [deviceOf(other)] }) },
  { name: 'has other commands under the digest of the ones that were shown', text: textOfPlan(forged()) },
])('knows nothing of a plan whose text $name', async ({ text }) => {
  expect(await read(text)).toBeUndefined();
});

function forged(): Plan {
  return { ...plan, devices: plan.devices.map((device) => ({ ...device, effect: other })) };
}

const errors = defineErrors({
  StoreDamaged: { message: () => 'a part is lost', next: '' },
  StoreBusy: { message: () => 'busy', next: '' },
});

it('takes a text that the store found damaged for lost, and nothing else that the store says', async () => {
  const failing = (error: Error) => readFullPlan({ getArtifact: () => Promise.reject(error) }, spec);
  expect(await failing(errors.StoreDamaged({}))).toBeUndefined();
  await expect(failing(errors.StoreBusy({}))).rejects.toThrow('busy');
});
