import { dialectFor, redact } from '../../config/index.ts';
import { Secret, secretToken, sha256 } from '../../lib/index.ts';

/** Configuration text as it may leave this folder, and the values that were in it, by token. */
export interface Masked {
  config: string;
  fingerprint: string;
  values: ReadonlyMap<string, Secret>;
}

/**
 * Cleans and masks running or startup config the moment it arrives. `end` and `frr version` are not configuration;
 * an answer of `show running-config` without `end` is not whole: undefined.
 */
export function maskRunning(raw: string, tokenOf: (value: string) => string): Masked | undefined {
  const lines = linesOfRunning(raw);
  return lines && mask(lines, tokenOf);
}

/** True for a startup config that is word for word what runs, as it mostly is: what was made of the one is true of the other. */
export function isSaved(raw: string, startup: readonly string[]): boolean {
  return linesOfRunning(raw)?.join('\n').trimEnd() === startup.join('\n').trimEnd();
}

function linesOfRunning(raw: string): readonly string[] | undefined {
  const lines = raw.replaceAll('\r', '').split('\n');
  const end = lines.lastIndexOf('end');
  if (end < 0 || lines.slice(end + 1).some((line) => line.trim() !== '')) return undefined;
  // Nothing of FRR stands before its version: what does is the noise of a login.
  return lines.slice(Math.max(0, lines.findIndex(isVersion)), end);
}

function isVersion(line: string): boolean {
  return line.startsWith('frr version ');
}

export function mask(lines: readonly string[], tokenOf: (value: string) => string): Masked {
  const kept = asSent(lines)
    .filter((line) => !isVersion(line))
    .join('\n');
  const values = new Map<string, Secret>();
  const hide = (value: string): string => {
    const token = tokenOf(value);
    values.set(token, new Secret(value));
    return token;
  };
  const { text } = redact(setApart(kept), dialectFor('frr'), (value) => hide(putBack(value)));
  const config = `${text.replace(apart, (word) => hide(putBack(word))).trimEnd()}\n`;
  return { config, fingerprint: sha256(config), values };
}

/**
 * A token that stands on the device is no token of ours: somebody took a line of a plan for a line to type. As a password it is a value
 * like any other, not the one that it stands for; in a description it must not be worth the value when the line is sent again.
 */
function setApart(text: string): string {
  return text.includes('<secret:') ? text.replace(secretToken, (token) => `<${noOneTypes}${token.slice(1)}`) : text;
}

const noOneTypes = '\uFDD0';
const apart = new RegExp(secretToken.source.replace('<', `<${noOneTypes}`), 'g');

function putBack(text: string): string {
  return text.replaceAll(noOneTypes, '');
}

/** FRR 8.4 takes `ip msdp timers KEEPALIVE HOLD` and prints HOLD first: what it prints is not what it was told. */
function asSent(lines: readonly string[]): readonly string[] {
  if (!lines.some((line) => line.startsWith('frr version 8.4'))) return lines;
  return lines.map((line) => line.replace(/^( *ip msdp timers) (\d+) (\d+)/, '$1 $3 $2'));
}

/**
 * One line per item with its section, sorted, without comments and block ends: equal for two prints of the same configuration
 * in another order. The guard on the router compares in the same way.
 */
export function qualifyLines(config: string): string[] {
  const sections: string[] = [];
  const qualified: string[] = [];
  for (const line of config.split('\n')) {
    const text = line.trim();
    if (text === '' || text.startsWith('!') || /^(end|exit(-[a-z-]+)?|frr version .*)$/.test(text)) continue;
    const depth = line.length - line.trimStart().length;
    sections.length = Math.min(sections.length, depth);
    qualified.push([...sections.filter(Boolean), text].join(' > '));
    sections[depth] = text;
  }
  return qualified.sort();
}
