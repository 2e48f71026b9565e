import { sha256 } from '../../lib/index.ts';
import type { Labels } from '../contract.ts';

/**
 * Kubernetes takes few letters in names, labels and keys of annotations; the store takes any text. What Kubernetes would refuse goes
 * under a digest, and the exact text into one annotation: nothing is lost, and the same text always has the same name.
 */
export interface Exact {
  name?: string;
  /** By the key that Kubernetes has: key and value as they are. */
  labels?: Record<string, [key: string, value: string]>;
  annotations?: Record<string, string>;
}

export interface DecodedMetadata {
  name: string;
  labels: Labels;
  annotations: Labels;
}

/** Keys that are ours: a label or annotation of a caller that has one is kept as an exact text. */
export const ours = {
  exact: 'plumbline.dev/exact',
  recordKind: 'plumbline.dev/record-kind',
  recordOwner: 'plumbline.dev/record-owner',
} as const;

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** A value of a label, and what follows the slash of a key. */
const word = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const digested = /^x-[0-9a-f]{40}$/;

/** The text itself where Kubernetes takes it as a name after `prefix`, else a digest of it. */
export function encodeName(name: string, prefix = ''): string {
  const fits = subdomain.test(name) && prefix.length + name.length <= 253 && !digested.test(name);
  return prefix + (fits ? name : digest(name));
}

/** A label as Kubernetes takes it. Equal labels are equal there too, so that they can be selected by. */
export function encodeLabel(key: string, value: string): [key: string, value: string] {
  return [isKey(key) ? key : `plumbline.dev/${digest(key)}`, value === '' || word.test(value) ? value : digest(value)];
}

/** Labels and annotations for `metadata`, and what of them and of the name is not exact there. */
export function encodeMetadata(name: string, prefix: string, labels: Labels, annotations: Labels): { labels: Labels; annotations: Labels } {
  const exact: Exact = encodeName(name, prefix) === prefix + name ? {} : { name };
  const encodedLabels = Object.entries(labels).map(([key, value]) => {
    const [encodedKey, encodedValue] = encodeLabel(key, value);
    if (encodedKey !== key || encodedValue !== value) (exact.labels ??= {})[encodedKey] = [key, value];
    return [encodedKey, encodedValue];
  });
  const legal = Object.entries(annotations).filter(([key]) => isKey(key));
  if (legal.length < Object.keys(annotations).length)
    exact.annotations = Object.fromEntries(Object.entries(annotations).filter(([key]) => !isKey(key)));
  return {
    labels: Object.fromEntries(encodedLabels),
    annotations: Object.fromEntries(Object.keys(exact).length === 0 ? legal : [...legal, [ours.exact, JSON.stringify(exact)]]),
  };
}

/**
 * The way back. What somebody else changed since is what it is now; an exact text counts only where Kubernetes would have it under the
 * name that stands there: nobody gives an object the name, the label or the annotation of another one by writing it into ours.
 */
export function decodeMetadata(encoded: { name: string; labels: Labels; annotations: Labels }, prefix: string): DecodedMetadata {
  const exact = readExact(encoded.annotations[ours.exact]);
  const labels = Object.entries(encoded.labels)
    .filter(([key]) => key !== ours.recordKind && key !== ours.recordOwner)
    .map(([key, value]) => {
      const original = exact.labels && Object.hasOwn(exact.labels, key) ? exact.labels[key] : undefined;
      return original && encodeLabel(...original).join('=') === `${key}=${value}` ? original : [key, value];
    });
  const annotations = Object.entries(encoded.annotations).filter(([key]) => key !== ours.exact);
  const withheld = Object.entries(exact.annotations ?? {}).filter(([key]) => !isKey(key));
  return {
    name: exact.name !== undefined && encodeName(exact.name, prefix) === encoded.name ? exact.name : encoded.name.slice(prefix.length),
    labels: Object.fromEntries(labels),
    annotations: Object.fromEntries([...annotations, ...withheld]),
  };
}

function isKey(key: string): boolean {
  const slash = key.indexOf('/');
  const [domain, rest] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  const isLegal = word.test(rest) && (domain === undefined || (subdomain.test(domain) && domain.length <= 253));
  return isLegal && !(Object.values(ours) as string[]).includes(key);
}

function digest(text: string): string {
  return `x-${sha256(text).slice(0, 40)}`;
}

/** Of one that somebody edited nothing counts: the object then has the names that Kubernetes knows, and the others are read as ever. */
function readExact(text: string | undefined): Exact {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isExact(value) ? value : {};
  } catch {
    return {};
  }
}

function isExact(value: unknown): value is Exact {
  if (typeof value !== 'object' || value === null) return false;
  const { name, labels = {}, annotations = {} } = value as Record<string, unknown>;
  const isText = (member: unknown) => typeof member === 'string';
  const isPair = (member: unknown) => Array.isArray(member) && member.length === 2 && member.every(isText);
  const holds = (members: unknown, isOne: (member: unknown) => boolean) =>
    typeof members === 'object' && members !== null && Object.values(members).every(isOne);
  return (name === undefined || isText(name)) && holds(labels, isPair) && holds(annotations, isText);
}
