import type { PlumblineError, Position } from '../lib/index.ts';
import { errors } from './errors.ts';
import { isMarker } from './markers.ts';
import { platformOf } from './platforms.ts';

/** Lines that the platform would cut or misread, each at the place in Git that owns it. */
export function checkLines(marked: string, device: string, platform: string): PlumblineError[] {
  const { maxLineLength, notInLine } = platformOf(platform);
  const problems: PlumblineError[] = [];
  let owner: { title: string; at: Position } | undefined;
  for (const line of marked.split('\n')) {
    if (isMarker(line)) {
      owner = readOwner(line) ?? owner;
      continue;
    }
    const reasons = notInLine.filter(({ text }) => line.includes(text)).map(({ because }) => because);
    if (line.length > maxLineLength) reasons.push(`it is ${line.length} characters long, of which the device reads ${maxLineLength}`);
    for (const because of reasons) {
      const facts = { device, line: line.trim(), owner: owner?.title ?? 'a template', because };
      problems.push(errors.LineNotPossible(facts, owner === undefined ? {} : { at: owner.at }));
    }
  }
  return problems;
}

function readOwner(line: string): { title: string; at: Position } | undefined {
  const from = /plumbline:from (\S+) (\S+):(\d+)$/.exec(line);
  if (!from) return undefined;
  const [, title = '', file = '', number] = from;
  return { title, at: { file: file.replaceAll('%20', ' '), line: Number(number), col: 1 } };
}
