import type { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';
import type { SecretRequest } from './secret-request.ts';

/** One rule: these purposes, for these devices. Nothing is released without one. */
interface Rule {
  purposes: readonly string[];
  devices: readonly string[];
}

/** Who may use a secret; `unreadable` is the number of the first line that says nothing we know. */
export type Rules = { rules: readonly Rule[] } | { unreadable: number };

/**
 * Each line reads `PURPOSES for DEVICES`, both separated by commas; a device is a name or `label=value`, and `*` stands for any characters.
 * `#` begins a comment. In a variable `;` ends a line too.
 * @example bgp-password for edge*, role=core
 */
export function readRules(text: string): Rules {
  const rules: Rule[] = [];
  for (const [index, line] of text.split(/\r?\n|;/).entries()) {
    const bare = line.replace(/#.*/, '').trim();
    if (bare === '') continue;
    const rule = parseRule(bare);
    // One unreadable line refuses all: a rule that we cannot read may have been meant to be narrower. Its words are not shown: whoever
    // mixes up the two places has put the secret itself here.
    if (!rule) return { unreadable: index + 1 };
    rules.push(rule);
  }
  return { rules };
}

/** Is the request released by these rules? Undefined means yes. */
export function refuseUse(rules: Rules, request: SecretRequest, where: string): PlumblineError | undefined {
  if ('unreadable' in rules) return errors.SecretRuleUnreadable({ where, line: rules.unreadable });
  return rules.rules.some((rule) => allows(rule, request)) ? undefined : refusal(request, where);
}

export function refusal({ ref, device, purpose }: SecretRequest, where: string): PlumblineError {
  return errors.SecretNotAllowed({ ref: `${ref.name}/${ref.key}`, device, purpose, where });
}

function parseRule(line: string): Rule | undefined {
  const sides = line.split(/\s+for\s+/);
  if (sides.length !== 2) return undefined;
  const [purposes, devices] = sides.map((side) => side.split(',').map((word) => word.trim())) as [string[], string[]];
  const readable = (word: string) => /^[\w.*/-]+(=[\w.*/-]*)?$/.test(word);
  return purposes.every((word) => readable(word) && !word.includes('=')) && devices.every(readable) ? { purposes, devices } : undefined;
}

function allows({ purposes, devices }: Rule, { purpose, device, labels }: SecretRequest): boolean {
  return purposes.some((pattern) => matches(pattern, purpose)) && devices.some((pattern) => matchesDevice(pattern, device, labels));
}

function matchesDevice(pattern: string, device: string, labels: SecretRequest['labels']): boolean {
  const [label = '', value] = pattern.split('=');
  if (value === undefined) return matches(pattern, device);
  const found = Object.hasOwn(labels, label) ? labels[label] : undefined;
  return found !== undefined && matches(value, found);
}

/** `*` stands for any characters. By parts and not by a regular expression: a pattern with many stars must not take for ever. */
function matches(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return pattern === text;
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - tail.length;
}
