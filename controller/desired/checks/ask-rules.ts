import { isDeepStrictEqual } from 'node:util';
import { type DesiredObject, type DesiredObjects, type Kind, kindNames } from '../../api/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import type { CheckInput } from './input.ts';
import type { Rule, Sees } from './rule.ts';

/** What rules found in the last load of one source: of fifty thousand sessions, those that stayed the same are not asked again at every commit. */
export interface RuleMemory {
  last: Asked | undefined;
}

interface Asked {
  objects: DesiredObjects;
  /** False when objects were broken or could not be read. */
  isWhole: boolean;
  /** Rules between objects that found nothing. */
  clean: ReadonlySet<Rule>;
  /** Of rules over one object, those in which they found something. */
  faulty: ReadonlyMap<Rule, readonly DesiredObject[]>;
}

export function createRuleMemory(): RuleMemory {
  return { last: undefined };
}

/** Asks every rule that may find something now. Finds what all of them would. `checkTime` may throw between two of them: then nothing is remembered. */
export function askRules(rules: readonly Rule[], input: CheckInput, checkTime: () => void, memory: RuleMemory): PlumblineError[] {
  const { last } = memory;
  memory.last = undefined;
  const { objects } = input;
  const changes = last && new Map(kindNames.map((kind) => [kind, changesOf(last.objects[kind], objects[kind])]));
  const isWhole = input.broken.length === 0 && input.unread.isEmpty;
  const [clean, faulty] = [new Set<Rule>(), new Map<Rule, readonly DesiredObject[]>()];
  const problems: PlumblineError[] = [];
  for (const rule of rules) {
    checkTime();
    if (rule.scope === 'within') {
      const wrong: DesiredObject[] = [];
      for (const object of last && changes ? toAskAgain(rule, last, changes, objects) : ofKinds(rule.kinds, objects)) {
        const found = rule.check(object);
        if (found.length > 0) wrong.push(object);
        for (const problem of found) problems.push(problem);
      }
      faulty.set(rule, wrong);
      continue;
    }
    const isSame = rule.scope === 'between' && changes && isWhole && last?.isWhole && last.clean.has(rule) && !touches(rule.sees, changes);
    const found = isSame ? [] : rule.check(input);
    if (found.length === 0) clean.add(rule);
    for (const problem of found) problems.push(problem);
  }
  memory.last = { objects, isWhole, clean, faulty };
  return problems;
}

/** What differs between the objects of a kind and those of the load before. */
interface Changes {
  /** Some came or went. */
  hasOthers: boolean;
  /** Of one name and not the same. */
  pairs: readonly (readonly [before: DesiredObject, after: DesiredObject])[];
  fresh: readonly DesiredObject[];
}

const nothing: Changes = { hasOthers: false, pairs: [], fresh: [] };

function changesOf(before: ReadonlyMap<string, DesiredObject>, after: ReadonlyMap<string, DesiredObject>): Changes {
  if (before === after) return nothing;
  const pairs: [DesiredObject, DesiredObject][] = [];
  const fresh: DesiredObject[] = [];
  for (const [name, object] of after) {
    const known = before.get(name);
    if (!known) fresh.push(object);
    else if (known !== object) pairs.push([known, object]);
  }
  return { hasOthers: fresh.length > 0 || before.size !== after.size, pairs, fresh };
}

/** True when something that is seen differs. */
function touches(sees: Sees, changes: ReadonlyMap<Kind, Changes>): boolean {
  return (Object.entries(sees) as [Kind, 'all' | readonly string[]][]).some(([kind, fields]) => {
    const { hasOthers, pairs } = changes.get(kind) ?? nothing;
    if (hasOthers) return true;
    if (fields === 'all') return pairs.length > 0;
    return pairs.some(([before, after]) => fields.some((field) => !isDeepStrictEqual(fieldOf(before, field), fieldOf(after, field))));
  });
}

function fieldOf({ spec }: DesiredObject, field: string): unknown {
  return (spec as Readonly<Record<string, unknown>>)[field];
}

function* ofKinds(kinds: readonly Kind[], objects: DesiredObjects): Generator<DesiredObject> {
  for (const kind of kinds) yield* objects[kind].values();
}

/** Objects that are others than before, and those in which the rule found something. */
function toAskAgain(
  rule: Rule & { scope: 'within' },
  { faulty }: Asked,
  changes: ReadonlyMap<Kind, Changes>,
  objects: DesiredObjects,
): Iterable<DesiredObject> {
  const still = (faulty.get(rule) ?? []).filter((object) => objects[object.kind].get(object.metadata.name) === object);
  return [
    ...still,
    ...rule.kinds.flatMap((kind) => {
      const { pairs, fresh } = changes.get(kind) ?? nothing;
      return [...pairs.map(([, after]) => after), ...fresh];
    }),
  ];
}
