import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar } from 'yaml';
import type { PlumblineError, Position } from '../lib/index.ts';
import { formatPosition } from '../lib/index.ts';
import { errors } from './errors.ts';
import { limits } from './limits.ts';
import { asdotValue } from './number-hints.ts';
import { shorten } from './words.ts';
import { tooDeep } from './yaml-documents.ts';
import type { PlaceOf } from './yaml-syntax.ts';

/** Tags that only say what the value is anyway. */
const plainTags = new Set(
  ['!!str', '!!int', '!!float', '!!bool', '!!null', '!!map', '!!seq'].map((tag) => tag.replace('!!', 'tag:yaml.org,2002:')),
);

interface Walk {
  placeOf: PlaceOf;
  problems: PlumblineError[];
  anchors: Map<string, ParsedNode>;
  /** Anchored nodes being expanded: an alias to one of them is a loop. */
  open: Set<ParsedNode>;
  aliased: number;
  inAlias: number;
  incomplete: WeakSet<object>;
}

/**
 * Turns a syntax tree into plain values: maps without prototype, lists, text, numbers, booleans, null.
 * Duplicate keys, loops, exotic tags and numbers with two readings are problems. Undefined when a problem was found that
 * leaves no sensible value. Maps of which a key was refused are put into `incomplete`: what they lack may have stood there.
 */
export function toValue(root: ParsedNode | null, placeOf: PlaceOf, problems: PlumblineError[], incomplete = new WeakSet()): unknown {
  return valueOf(root, { placeOf, problems, anchors: new Map(), open: new Set(), aliased: 0, inAlias: 0, incomplete }, 0);
}

function valueOf(node: ParsedNode | null, walk: Walk, depth: number): unknown {
  if (node === null) return null;
  if (depth > limits.yamlDepth) return void walk.problems.push(tooDeep(placeOfNode(node, walk)));
  if (walk.inAlias > 0 && ++walk.aliased > limits.aliasedValues) {
    if (walk.aliased === limits.aliasedValues + 1) {
      walk.problems.push(
        errors.YAMLTooLarge({ what: 'values by alias in one document', limit: limits.aliasedValues }, { at: placeOfNode(node, walk) }),
      );
    }
    return undefined;
  }
  if (isAlias(node)) return aliasedValue(node.source, node, walk, depth);
  if (node.anchor) walk.anchors.set(node.anchor, node);
  if (node.tag !== undefined && !plainTags.has(node.tag)) {
    const hint = 'Remove the tag; a secret is written as a reference (name, key), anything else as a plain value.';
    return void walk.problems.push(
      errors.YAMLFeature(
        { what: `the tag ${shorten(node.tag.replace('tag:yaml.org,2002:', '!!'))} is not used here`, hint },
        { at: placeOfNode(node, walk) },
      ),
    );
  }
  if (isScalar(node)) return scalarValue(node, walk);

  walk.open.add(node);
  const value = isSeq(node)
    ? node.items.map((item) => valueOf(item, walk, depth + 1))
    : isMap(node)
      ? mapValue(node, walk, depth)
      : undefined;
  walk.open.delete(node);
  return value;
}

function aliasedValue(name: string, alias: ParsedNode, walk: Walk, depth: number): unknown {
  const target = walk.anchors.get(name);
  if (!target || walk.open.has(target)) {
    const what = target ? `the alias *${name} leads back to itself` : `the alias *${name} names no anchor above it`;
    return void walk.problems.push(errors.YAMLFeature({ what, hint: 'Write the value out.' }, { at: placeOfNode(alias, walk) }));
  }
  walk.inAlias += 1;
  const value = valueOf(target, walk, depth + 1);
  walk.inAlias -= 1;
  return value;
}

function mapValue(node: ParsedNode & { items: unknown[] }, walk: Walk, depth: number): Record<string, unknown> {
  const value: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const places = new Map<string, Position>();
  for (const pair of node.items as { key: ParsedNode | null; value: ParsedNode | null }[]) {
    const at = placeOfNode(pair.key ?? node, walk);
    const key = isScalar(pair.key) ? pair.key.value : undefined;
    if (typeof key !== 'string') {
      const hint = hintForKey(pair.key, key, pair.value);
      walk.problems.push(errors.YAMLFeature({ what: 'a key is not text', hint }, { at }));
      walk.incomplete.add(value);
      continue;
    }
    const first = places.get(key);
    if (first) walk.problems.push(errors.DuplicateKey({ key: shorten(key), first: formatPosition(first) }, { at }));
    else places.set(key, at);
    if (key === '<<' || key === '__proto__') {
      const what = key === '<<' ? 'merge keys (<<) are not part of YAML 1.2' : 'the key __proto__ is refused';
      walk.problems.push(errors.YAMLFeature({ what, hint: 'Write the fields out.' }, { at }));
      walk.incomplete.add(value);
      continue;
    }
    const member = valueOf(pair.value, walk, depth + 1);
    if (!first) value[key] = member;
  }
  return value;
}

function hintForKey(node: ParsedNode | null, key: unknown, value: ParsedNode | null): string {
  if (isMap(node)) return 'Write the value itself: {{ }} of a template is not filled in here.';
  return typeof key === 'number' && value === null
    ? 'Remove the comma before it, when the two belong to one number; else write key: value.'
    : 'Write the key as text; put it in quotes when it looks like a number, true, false or null.';
}

function scalarValue(node: Scalar & ParsedNode, walk: Walk): unknown {
  const { value } = node;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'number') return value;
  const text = node.source ?? String(value);
  const at = (): { at: Position } => ({ at: placeOfNode(node, walk) });
  if (!Number.isFinite(value)) {
    return void walk.problems.push(
      errors.UnclearNumber({ text: shorten(text), why: 'is not a finite number', hint: 'Write a number in plain decimal.' }, at()),
    );
  }
  if (/^[-+]?0[0-9]/.test(text)) {
    const hint = `Write ${value} for the number, or '${shorten(text)}' in quotes for the text.`;
    return void walk.problems.push(
      errors.UnclearNumber({ text: shorten(text), why: 'has a leading zero: some read it as octal', hint }, at()),
    );
  }
  if (/^[-+]?0[xob]/i.test(text)) {
    const hint = `Write ${value} for the number, or '${shorten(text)}' in quotes for the text.`;
    return void walk.problems.push(
      errors.UnclearNumber({ text: shorten(text), why: 'is not in decimal: some read it as text', hint }, at()),
    );
  }
  if (/[.e]/i.test(text) && Number.isInteger(value)) {
    const hint = `Write ${value} for the whole number, or '${shorten(text)}' in quotes for the text.`;
    const asn = asdotValue(text);
    const why =
      asn === undefined
        ? 'is a whole number with a fraction or exponent'
        : `is a whole number with a fraction; as an AS number with a dot it would be ${asn}`;
    return void walk.problems.push(errors.UnclearNumber({ text: shorten(text), why, hint }, at()));
  }
  if (/^[-+]?[0-9]+$/.test(text) && !Number.isSafeInteger(value)) {
    const hint = `Write '${shorten(text)}' in quotes for the text.`;
    return void walk.problems.push(
      errors.UnclearNumber({ text: shorten(text), why: 'has more digits than a number can hold', hint }, at()),
    );
  }
  return value;
}

function placeOfNode(node: ParsedNode, walk: Walk): Position {
  return walk.placeOf(node.range[0]);
}
