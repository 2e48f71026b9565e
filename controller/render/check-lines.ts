import type { PlumblineError, Position } from '../lib/index.ts';
import { errors } from './errors.ts';
import { isOddText } from './check-output.ts';
import { isMarker } from './markers.ts';
import { platformOf, type RenderedPlatform } from './platforms.ts';

/** Lines that the platform would cut, misread or run as a command, each at the place in Git that owns it. */
export function checkLines(marked: string, device: string, platform: string): PlumblineError[] {
  const facts = platformOf(platform);
  const problems: PlumblineError[] = [];
  let owner: { title: string; at: Position } | undefined;
  for (const line of marked.split('\n')) {
    if (isMarker(line)) {
      owner = readOwner(line) ?? owner;
      continue;
    }
    for (const because of reasonsAgainst(line, facts)) {
      const found = { device, line: line.trim(), owner: owner?.title ?? 'a template', because };
      problems.push(errors.LineNotPossible(found, owner === undefined ? {} : { at: owner.at }));
    }
  }
  return problems;
}

/** The same for a file that a section takes as it is: each line at its own place. */
export function checkFileLines(text: string, from: { device: string; owner: string; file: string }, platform: string): PlumblineError[] {
  const facts = platformOf(platform);
  const { device, owner, file } = from;
  return text.split('\n').flatMap((line, i) => {
    const at = { file, line: i + 1, col: line.length - line.trimStart().length + 1 };
    return reasonsAgainst(line, facts).map((because) => errors.LineNotPossible({ device, line: line.trim(), owner, because }, { at }));
  });
}

/** Why a line cannot stand in the configuration of a platform; empty when it can. */
export function explainLine(line: string, platform: string): string[] {
  const reasons = reasonsAgainst(line, platformOf(platform));
  if (isOddText(line)) reasons.push('it holds control characters, or words that only Plumbline writes');
  return reasons;
}

function reasonsAgainst(line: string, { maxLineLength, notInLine, commands, comment }: RenderedPlatform): string[] {
  const reasons = notInLine.filter(({ text }) => line.includes(text)).map(({ because }) => because);
  if (line.length > maxLineLength) reasons.push(`it is ${line.length} characters long, of which the device reads ${maxLineLength}`);
  const [first = ''] = line.trimStart().split(/\s/, 1);
  const command = first.startsWith(comment) ? undefined : commandOf(first, commands);
  if (command === first) reasons.push(`${command} is a command, it configures nothing; remove the line`);
  else if (command !== undefined) reasons.push(`${first} is short for the command ${command}; remove the line, or write the word in full`);
  return reasons;
}

/** The command that a first word is, or is short for: two letters are enough. `exit` is a word of its own. */
function commandOf(first: string, commands: readonly string[]): string | undefined {
  if (first.length < 2 || first === 'exit') return undefined;
  return commands.find((command) => command === first) ?? commands.find((command) => command.startsWith(first));
}

function readOwner(line: string): { title: string; at: Position } | undefined {
  const from = /plumbline:from (\S+) (\S+):(\d+)$/.exec(line);
  if (!from) return undefined;
  const [, title = '', file = '', number] = from;
  return { title, at: { file: file.replaceAll('%20', ' '), line: Number(number), col: 1 } };
}
