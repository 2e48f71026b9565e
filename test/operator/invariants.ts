import { type Condition, statuses } from '../../controller/api/index.ts';
import type { StoredObject } from '../../controller/store/index.ts';

/** Conditions that stand only while something is wrong or under way. */
const abnormal = ['Reconciling', 'Stalled'] as const;

/** What every object with conditions has. */
interface CommonStatus {
  observedGeneration?: number;
  conditions?: readonly Condition[];
}

/**
 * What is wrong with a published object, by the rules that kstatus and `kubectl wait` live on; one line each. To be asked when nothing is
 * under way: between a new spec and its status, Ready speaks of the old generation.
 */
export function brokenInvariants(object: Pick<StoredObject, 'kind' | 'name' | 'generation' | 'status'>): string[] {
  const { kind, name, generation } = object;
  const status = (object.status ?? {}) as CommonStatus;
  const conditions = status.conditions ?? [];
  const find = (type: string) => conditions.find((condition) => condition.type === type);
  const ready = find('Ready');
  const bad = abnormal.filter((type) => find(type)?.status === 'True');
  const observed = status.observedGeneration;
  const checks: [boolean, string][] = [
    [ready !== undefined, 'Ready is missing'],
    [new Set(conditions.map(({ type }) => type)).size === conditions.length, 'a condition stands twice'],
    [ready?.status !== 'True' || bad.length === 0, `Ready is True beside ${bad.join(' and ')}`],
    [bad.length < 2, 'Reconciling and Stalled stand side by side'],
    [find('Stalled')?.status !== 'True' || ready?.status === 'False', 'Stalled, but Ready is not False'],
    [abnormal.every((type) => (find(type)?.status ?? 'True') === 'True'), 'Reconciling or Stalled was left behind as not True'],
    [observed !== undefined && observed <= generation, `observedGeneration ${observed} with generation ${generation}`],
    [ready?.status !== 'True' || observed === generation, `Ready speaks of generation ${observed}, not of ${generation}`],
    [conditions.every((each) => each.observedGeneration === observed), 'a condition speaks of another generation than the status'],
    [conditions.every(({ message }) => message.trim() !== ''), 'a condition without a message'],
    [conditions.every(({ message }) => !/\bundefined\b|\bNaN\b|\[object/.test(message)), 'a message that was not written for people'],
  ];
  const broken = checks.flatMap(([holds, what]) => (holds ? [] : [what]));
  return [...broken, ...offSchema(kind, status)].map((what) => `${kind}/${name}: ${what}`);
}

/** What the CRD would refuse to store. */
function offSchema(kind: string, status: object): string[] {
  const parsed = statuses[kind as keyof typeof statuses].safeParse(status);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `status.${path.join('.')}: ${message}`);
}
