import type { Plan, WholeRisk } from '../../api/index.ts';
import { judgeWhole } from '../../change/index.ts';
import type { PlanPass } from './plan-pass.ts';

/**
 * What a plan risks as a whole at this moment: how many devices, and what its redundancy groups have left. A plan that is open is not judged anew:
 * whether a partner is well is asked again before each set begins.
 */
export function wholeRiskOf({ fleet, budgets }: Pick<PlanPass, 'fleet' | 'budgets'>, plan: Plan): WholeRisk | undefined {
  const all = fleet.state.objects.Device;
  const devices = plan.devices.map(({ effect }) => effect.device);
  const touched = new Set(devices.flatMap((device) => all.get(device)?.spec.redundancyGroups ?? []));
  const groups = [...touched].toSorted().map((name) => ({ name, ...budgets.standingOf(`redundancyGroup ${name}`) }));
  return judgeWhole({ devices: new Set(devices), groups });
}
