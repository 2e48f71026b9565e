import type { DesiredObject } from '../api/index.ts';
import type { PlumblineError } from '../lib/index.ts';

type Fill<Some extends DesiredObject> = (
  objects: ReadonlyMap<string, Some>,
  texts: ReadonlyMap<string, string>,
  problems: PlumblineError[],
) => ReadonlyMap<string, Some>;

/**
 * Fills objects of a kind with what stands in the file that each of them names. The same object for the same one and the same text, so that a
 * commit elsewhere makes nobody look at it again.
 */
export function fillFromFiles<Some extends DesiredObject>(
  fileOf: (object: Some) => string | undefined,
  fill: (object: Some, text: string, problems: PlumblineError[]) => Some,
): Fill<Some> {
  const known = new WeakMap<Some, { text: string; filled: Some; problems: readonly PlumblineError[] }>();
  const fillOnce = (object: Some, text: string) => {
    const before = known.get(object);
    if (before?.text === text) return before;
    const problems: PlumblineError[] = [];
    const whole = { text, filled: fill(object, text, problems), problems };
    known.set(object, whole);
    return whole;
  };
  return (objects, texts, problems) =>
    new Map(
      [...objects].map(([name, object]) => {
        const text = texts.get(fileOf(object) ?? '');
        if (text === undefined) return [name, object];
        const whole = fillOnce(object, text);
        for (const problem of whole.problems) problems.push(problem);
        return [name, whole.filled];
      }),
    );
}
