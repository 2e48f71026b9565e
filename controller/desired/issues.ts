import { z } from 'zod';
import type { ValuePath } from '../api/index.ts';
import { nearest, type PlumblineError, type Position } from '../lib/index.ts';
import { errors } from './errors.ts';
import { limits } from './limits.ts';
import { describeField, fieldsOf, findHolders, schemaAt } from './schema-walk.ts';
import { typeHint, typeWords } from './type-hints.ts';
import { describeValue, formatPath, listWords, sentence, shorten, splitMessage } from './words.ts';

type Issue = z.core.$ZodIssue;

/** What is needed to word an issue: the object's name, its schema and raw value, and where its values stand. */
export interface IssueContext {
  object: string;
  schema: z.core.$ZodType;
  value: unknown;
  /** Maps of which a key was refused, so that nothing can be said to be missing in them. */
  incomplete: WeakSet<object>;
  /** Position of a value; with `key`, of the key that holds it. */
  locate: (path: ValuePath, key?: boolean) => Position;
  /** A number, true, false or null as it was written: YAML makes 1.1 of 1.100. Undefined for anything else. */
  sourceOf: (path: ValuePath) => string | undefined;
}

/** Words for every issue of one object: one problem per place, each with what to write instead. */
export function explainIssues(issues: readonly Issue[], context: IssueContext): PlumblineError[] {
  const seen = new Set<string>();
  return issues
    .flatMap((issue) => [issue, ...issuesInside(issue, context)])
    .flatMap((issue) => {
      const path = issue.path as ValuePath;
      const place = JSON.stringify(path) + (issue.code === 'unrecognized_keys' ? 'keys' : '');
      // A value that fails its pattern fails the finer check too: the first says enough.
      if (seen.has(place)) return [];
      seen.add(place);
      return explain(issue, path, context);
    });
}

/** zod does not look into a list of a wrong length; what is wrong in it is wrong all the same. */
function issuesInside(issue: Issue, { schema, value }: IssueContext): Issue[] {
  const list = issue.code === 'too_big' || issue.code === 'too_small' ? valueAt(value, issue.path as ValuePath) : undefined;
  const here = schemaAt(schema, issue.path as ValuePath);
  if (!Array.isArray(list) || !(here instanceof z.core.$ZodArray)) return [];
  const { element } = here._zod.def;
  return list.slice(0, limits.problemsPerFile).flatMap((member, i) => {
    const result = z.safeParse(element, member, { reportInput: false });
    return result.success ? [] : result.error.issues.map((each) => ({ ...each, path: [...issue.path, i, ...each.path] }));
  });
}

function explain(issue: Issue, path: ValuePath, context: IssueContext): PlumblineError[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => explainKey([...path, key], context));
  if (issue.code === 'invalid_key') return [explainMapKey(issue, path, context)];
  const value = valueAt(context.value, path);
  const place = { object: context.object, path: formatPath(path) };
  const at = { at: context.locate(path) };

  if (value === undefined) {
    // Present but unreadable: the YAML problem was reported with its own words.
    if (isPresent(context.value, path)) return [];
    const holder = valueAt(context.value, path.slice(0, -1));
    if (typeof holder === 'object' && holder !== null && context.incomplete.has(holder)) return [];
    const parent = formatPath(path.slice(0, -1));
    return [errors.MissingField({ ...place, parent, description: describeField(context.schema, path) }, at)];
  }
  if (isSecretName(path.at(-1)) && typeof value === 'string') return [errors.ClearTextSecret({ ...place, hint: secretHint }, at)];
  const source = context.sourceOf(path);
  const found = source === undefined || value === null ? describeValue(value) : shorten(source);
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    const suggestion = typeof value === 'string' ? nearest(value, allowed) : undefined;
    return [errors.WrongValue({ ...place, found, suggestion, hint: `Write ${listWords(allowed)}.` }, at)];
  }
  if (issue.code === 'invalid_type') {
    const expected = typeWords[issue.expected] ?? issue.expected;
    return [
      errors.WrongType(
        { ...place, found, expected, hint: typeHint({ expected: issue.expected, value, source, schema: context.schema, path }) },
        at,
      ),
    ];
  }
  if (issue.code === 'too_big' || issue.code === 'too_small') {
    return [errors.WrongValue({ ...place, found: size(value, found), suggestion: undefined, hint: boundHint(issue) }, at)];
  }
  const { why, hint } = splitMessage(issue.message);
  if (value !== null && typeof value === 'object') return [errors.FieldsDisagree({ ...place, why, hint }, at)];
  return [errors.WrongValue({ ...place, found: why === '' ? found : `${found}, which ${why}`, suggestion: undefined, hint }, at)];
}

function explainKey(path: ValuePath, { object, schema, value, locate }: IssueContext): PlumblineError {
  const key = String(path.at(-1));
  const place = { object, path: formatPath(path) };
  const at = { at: locate(path, true) };
  const allowed = fieldsOf(schemaAt(schema, path.slice(0, -1)));
  if (isSecretName(key) && isText(valueAt(value, path))) {
    const reference = allowed.find((field) => field.endsWith('Ref'));
    const hint = reference
      ? `Write ${reference}: {name: NAME, key: KEY}; the value stays in the secret source. Change the value that was written here: it was seen.`
      : secretHint;
    return errors.ClearTextSecret({ ...place, hint }, at);
  }
  const suggestion = beginsWith(key, allowed) ?? nearest(key, allowed);
  // The right word in the wrong place is as common as the wrong word.
  const holders = suggestion === undefined ? findHolders(schema, key) : [];
  const elsewhere = holders.length > 0 && holders.length < 4 ? `${shorten(key)} belongs into ${listWords(holders)}. Or here: ` : '';
  return errors.UnknownField({ ...place, suggestion, allowed: listWords(allowed), elsewhere }, at);
}

/** `hold` for holdSeconds, `seq` for sequence: the one field that begins so. */
function beginsWith(key: string, allowed: readonly string[]): string | undefined {
  const found = key.length < 3 ? [] : allowed.filter((field) => field.toLowerCase().startsWith(key.toLowerCase()));
  return found.length === 1 ? found[0] : undefined;
}

function explainMapKey(issue: Extract<Issue, { code: 'invalid_key' }>, path: ValuePath, { object, locate }: IssueContext): PlumblineError {
  const hint = sentence(issue.issues[0]?.message ?? issue.message);
  return errors.WrongValue(
    {
      object,
      path: formatPath(path.slice(0, -1)),
      found: `a map with the key ${shorten(String(path.at(-1)))}`,
      suggestion: undefined,
      hint,
    },
    { at: locate(path, true) },
  );
}

const secretHint =
  'Take the value out and write a reference to a secret (name and key) instead. Change the value that was written here: it was seen.';

/** Names of fields that hold secrets in every tool we know, or that refer to one and were given the value instead. */
export function isSecretName(name: unknown): boolean {
  return (
    typeof name === 'string' &&
    /(passw(or)?d|passphrase|secret|token|private-?_?key|api-?_?key|auth-?_?key|^psk|^md5)(-?_?ref)?$/i.test(name)
  );
}

function isText(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

function boundHint(issue: Extract<Issue, { code: 'too_big' | 'too_small' }>): string {
  const [bound, word] = issue.code === 'too_big' ? [Number(issue.maximum), 'at most'] : [Number(issue.minimum), 'at least'];
  const unit = issue.origin === 'string' ? ' character' : issue.origin === 'array' ? ' value' : '';
  return `Write ${word} ${bound}${unit}${unit !== '' && bound !== 1 ? 's' : ''}.`;
}

function size(value: unknown, found: string): string {
  return Array.isArray(value) ? `a list of ${value.length}` : found;
}

function valueAt(value: unknown, path: ValuePath): unknown {
  let current = value;
  for (const step of path) {
    if (current === null || typeof current !== 'object') return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

function isPresent(value: unknown, path: ValuePath): boolean {
  const parent = valueAt(value, path.slice(0, -1));
  return parent !== null && typeof parent === 'object' && Object.hasOwn(parent, path.at(-1) ?? '');
}
