import type { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';
import type { SecretRequest } from './secret-request.ts';

/** One rule: these purposes, for these devices. Nothing is released without one. */
interface Rule {
  purposes: readonly Pattern[];
  devices: readonly ((request: SecretRequest) => boolean)[];
}

type Pattern = (text: string) => boolean;

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

/** Is the request released by these rules? Undefined means yes; where there are no rules, nothing is. */
export function refuseUse(rules: Rules | undefined, request: SecretRequest, where: string): PlumblineError | undefined {
  if (rules && 'unreadable' in rules) return errors.SecretRuleUnreadable({ where, line: rules.unreadable });
  if (rules?.rules.some((rule) => allows(rule, request))) return undefined;
  const { ref, device, purpose } = request;
  return errors.SecretNotAllowed({ ref: `${ref.name}/${ref.key}`, device, purpose, where });
}

function parseRule(line: string): Rule | undefined {
  const sides = line.split(/\s+for\s+/);
  if (sides.length !== 2) return undefined;
  const [purposes, devices] = sides.map((side) => side.split(',').map((word) => word.trim())) as [string[], string[]];
  const readable = (word: string) => /^[\w.*/-]+(=[\w.*/-]*)?$/.test(word);
  if (!purposes.every((word) => readable(word) && !word.includes('=')) || !devices.every(readable)) return undefined;
  return { purposes: purposes.map(readPattern), devices: devices.map(readDevicePattern) };
}

function allows({ purposes, devices }: Rule, request: SecretRequest): boolean {
  return purposes.some((fits) => fits(request.purpose)) && devices.some((fits) => fits(request));
}

function readDevicePattern(word: string): Rule['devices'][number] {
  const [label = '', value] = word.split('=');
  const fits = readPattern(value ?? word);
  if (value === undefined) return ({ device }) => fits(device);
  return ({ labels }) => {
    const found = Object.hasOwn(labels, label) ? labels[label] : undefined;
    return found !== undefined && fits(found);
  };
}

/** `*` stands for any characters. By parts and not by a regular expression: a pattern with many stars must not take for ever. */
function readPattern(pattern: string): Pattern {
  if (pattern === '*') return () => true;
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (text) => text === pattern;
  return (text) => {
    if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
    let at = head.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= text.length - tail.length;
  };
}
