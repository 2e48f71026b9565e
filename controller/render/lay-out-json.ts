/**
 * JSON as templates print it, in the form in which it is kept: no blank lines, indented by depth, no comma behind the last of a list or map. Goes by
 * lines and brackets alone, so that text which is no JSON comes out as text which is no JSON, and is reported where it is parsed. Comment lines stay.
 */
export function layOutJson(text: string): string {
  const lines: string[] = [];
  let depth = 0;
  /** Index of the last line that is no comment. */
  let last = -1;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    if (isComment(line)) {
      lines.push(`${indent(depth)}${line}`);
      continue;
    }
    const { opened, closedFirst } = countBrackets(line);
    if (closedFirst > 0) {
      const before = lines[last];
      if (before?.endsWith(',') === true) lines[last] = before.slice(0, -1);
    }
    lines.push(`${indent(depth - closedFirst)}${line}`);
    last = lines.length - 1;
    depth += opened;
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

const indents = Array.from({ length: 64 }, (_, i) => '  '.repeat(i));

function indent(depth: number): string {
  return indents[Math.max(0, Math.min(depth, indents.length - 1))] ?? '';
}

function isComment(line: string): boolean {
  return line.startsWith('//') || line.startsWith('#');
}

/** How many more brackets a line opens than it closes, and how many it closes before it opens or says anything. */
function countBrackets(line: string): { opened: number; closedFirst: number } {
  let [opened, closedFirst] = [0, 0];
  let inString = false;
  let saidSomething = false;
  for (let i = 0; i < line.length; i++) {
    const letter = line.charCodeAt(i);
    if (inString) {
      if (letter === 92) i++;
      else if (letter === 34) inString = false;
      continue;
    }
    if (letter === 34) inString = true;
    if (letter === 123 || letter === 91) opened++;
    else if (letter === 125 || letter === 93) {
      opened--;
      if (!saidSomething) closedFirst++;
      continue;
    }
    if (letter !== 32 && letter !== 44) saidSomething = true;
  }
  return { opened, closedFirst };
}
