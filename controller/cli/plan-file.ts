import type { Plan } from '../api/index.ts';
import { effectDigestOf } from '../change/index.ts';
import { errors } from './errors.ts';
import { readNamedFile } from './files.ts';

/**
 * A plan that was written by `plumb plan --out` or `-o json`. What is applied is always planned anew and compared with it by the digest
 * of the effect, so the effect that a person reads in the file must be the one that its digest names. Throws FileUnusable and
 * PlanUnreadable.
 */
export function readPlanFile(path: string): Plan {
  const text = readNamedFile(path);
  const value = parseJson(path, text);
  const plan = isRecord(value) && isRecord(value['plan']) ? value['plan'] : value;
  const why = whyNoPlan(plan);
  if (why !== undefined) throw errors.PlanUnreadable({ why }, { at: { file: path, line: 1, col: 1 } });
  return plan as Plan;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const offset = findFault(text);
    const before = text.slice(0, offset).split('\n');
    const at = { file: path, line: before.length, col: (before.at(-1)?.length ?? 0) + 1 };
    throw errors.PlanUnreadable(
      { why: offset === text.length ? 'its JSON ends too early' : 'its JSON cannot be read here' },
      { at, cause },
    );
  }
}

/** V8 names the position in some messages only. Where it does not, the fault is the end of the shortest text with the same fault. */
function findFault(text: string): number {
  const messageOf = (length: number): string => {
    try {
      JSON.parse(text.slice(0, length));
      return '';
    } catch (error) {
      return (error as SyntaxError).message;
    }
  };
  const told = /at position (\d+)/.exec(messageOf(text.length))?.[1];
  if (told !== undefined) return Number(told);
  let [sound, faulty] = [0, text.length];
  if (!messageOf(faulty).startsWith('Unexpected token')) return text.length;
  while (faulty - sound > 1) {
    const middle = (sound + faulty) >> 1;
    if (messageOf(middle).startsWith('Unexpected token')) faulty = middle;
    else sound = middle;
  }
  return faulty - 1;
}

function whyNoPlan(plan: unknown): string | undefined {
  if (!isRecord(plan)) return 'it is no JSON object';
  if (!Array.isArray(plan['devices'])) return 'it has no list "devices"';
  const odd = plan['devices'].findIndex(
    (each: unknown) =>
      !isRecord(each) ||
      typeof each['effectDigest'] !== 'string' ||
      !isRecord(each['effect']) ||
      typeof each['effect']['device'] !== 'string',
  );
  if (odd >= 0) return `devices[${odd}] has no effect of a device`;
  // What is not an effect at all has another digest too: no more needs to be known of it.
  const edited = (plan as unknown as Plan).devices.findIndex(({ effect, effectDigest }) => effectDigestOf(effect) !== effectDigest);
  return edited < 0 ? undefined : `the effect of devices[${edited}] is not the one that its digest names: it was edited`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
