import { type DevicePlan, type EffectRoutes, weightOf } from '../../api/index.ts';
import { effectDigestOf } from './effect.ts';
import { judgeRoutes } from './risk.ts';

/** The plan of a device with what the change of the network, of which it is a part, does to routes. A plan that says nothing of routes yet. */
export function withRoutes(plan: DevicePlan, routes: EffectRoutes | undefined): DevicePlan {
  if (!routes) return plan;
  const known = made.get(plan);
  if (known?.routes === routes) return known.plan;
  const { risk, riskReasons } = judgeRoutes(routes);
  const effect = {
    ...plan.effect,
    routes,
    risk: weightOf(risk) > weightOf(plan.effect.risk) ? risk : plan.effect.risk,
    riskReasons: [...riskReasons, ...plan.effect.riskReasons],
  };
  const routed = { ...plan, effect, effectDigest: effectDigestOf(effect) };
  made.set(plan, { routes, plan: routed });
  return routed;
}

/** The same question is asked at every step of a rollout. */
const made = new WeakMap<DevicePlan, { routes: EffectRoutes; plan: DevicePlan }>();
