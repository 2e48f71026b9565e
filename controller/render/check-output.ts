import type { PlumblineError, Position } from '../lib/index.ts';
import { errors } from './errors.ts';
import { problemsPerText } from './limits.ts';
import { isMarker } from './markers.ts';
import { findForgedToken } from './secret-references.ts';

/** Where a text came from, for messages. */
export interface TextOrigin {
  device: string;
  /** `template frr/main.njk` or `section snmp`. */
  what: string;
  /** File that a line and column can be given in; absent for rendered text, whose lines are not the template's. */
  file?: string;
}

/** Terminal codes, and the marks that make text read otherwise than it is. Tabs are white space, CRLF is gone by now. */
const controlCharacter = /(?![\t\n])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Text that no section may hold. Tokens of secrets are looked at elsewhere. */
export function isOddText(line: string): boolean {
  return line.includes('plumbline:') || controlCharacter.test(line);
}

/** What no text may hold, whoever wrote it: control characters, markers that are not known, tokens of secrets. */
export function checkText(text: string, origin: TextOrigin, knownOwners: ReadonlySet<string>): PlumblineError[] {
  if (!text.includes('plumbline:') && !text.includes('<secret:') && !controlCharacter.test(text)) return [];
  return text.split('\n').flatMap((line, i) => checkLine(line, i + 1, origin, knownOwners));
}

function checkLine(line: string, number: number, { device, what, file }: TextOrigin, knownOwners: ReadonlySet<string>): PlumblineError[] {
  const problems: PlumblineError[] = [];
  const place = (col: number): { at?: Position } => (file === undefined ? {} : { at: { file, line: number, col } });

  const control = controlCharacter.exec(line);
  if (control) {
    const code = `U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
    problems.push(errors.ControlCharacter({ what, device, code }, place(control.index + 1)));
  }
  if (line.includes('plumbline:') && !isKnownMarker(line, knownOwners)) {
    problems.push(errors.ReservedText({ what, device, found: `the marker ${line.trim().slice(0, 100)}` }, place(1)));
  }
  const forged = findForgedToken(line);
  if (forged !== undefined) {
    problems.push(
      errors.ReservedText(
        { what, device, found: `${forged.slice(0, 40)}, which is no reference to a secret` },
        place(line.indexOf(forged) + 1),
      ),
    );
  }
  return problems;
}

/** The first problems of one text, and how many there are beyond: a file in the wrong format would drown the rest. */
export function firstOf(problems: readonly PlumblineError[], { what, device }: TextOrigin): readonly PlumblineError[] {
  const next = problems[problemsPerText];
  if (next === undefined) return problems;
  const count = problems.length - problemsPerText;
  return [...problems.slice(0, problemsPerText), errors.MoreFaults({ what, device, count }, next.at === undefined ? {} : { at: next.at })];
}

/** In the middle of a line the word is only text, for example in a description. Ownership is said by a section's field, never by text. */
function isKnownMarker(line: string, knownOwners: ReadonlySet<string>): boolean {
  if (!isMarker(line)) return true;
  // Exactly as `from` prints it: what is only like it could be read otherwise further on.
  const owner = /^ *(?:[!#]|\/\/) plumbline:from (.+?) *$/.exec(line)?.[1];
  return owner !== undefined && knownOwners.has(owner);
}
