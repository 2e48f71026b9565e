import type { PlumblineError, Position } from '../lib/index.ts';
import { errors } from './errors.ts';

interface Claim {
  owner: string;
  at: Position;
}

/** A line of intended config: what stands around it, its text and its owner. */
interface OwnedLine {
  path: string;
  text: string;
  claim: Claim;
  opens: boolean;
}

/**
 * Lines that two owners claim, in marked text of an indented platform. A line that opens a block may be opened by many; what is inside may
 * not. `config` finds the same by item key; this finds it before any dialect is asked.
 */
export function findTwoOwners(text: string): PlumblineError[] {
  const claims = new Map<string, Claim>();
  const problems: PlumblineError[] = [];
  for (const line of readOwnedLines(text)) {
    if (line.opens) continue;
    const key = `${line.path}\n${line.text}`;
    const first = claims.get(key);
    if (first === undefined) claims.set(key, line.claim);
    else if (first.owner !== line.claim.owner || first.at.file !== line.claim.at.file || first.at.line !== line.claim.at.line) {
      problems.push(twoOwners(line, first));
    }
  }
  return problems;
}

function twoOwners(line: OwnedLine, first: Claim): PlumblineError {
  const { claim } = line;
  const place = ({ at }: Claim): string => `${at.file}:${at.line}`;
  const facts = { line: line.text, first: first.owner, second: claim.owner, firstAt: place(first), secondAt: place(claim) };
  return errors.TwoOwners(facts, { at: claim.at });
}

function readOwnedLines(text: string): OwnedLine[] {
  const lines: OwnedLine[] = [];
  const open: { indent: number; text: string }[] = [];
  let claim: Claim = { owner: '', at: { file: '', line: 1, col: 1 } };
  for (const raw of text.split('\n')) {
    const from = /^\s*\S+ plumbline:from (\S+) (.+):(\d+)$/.exec(raw);
    if (from) claim = { owner: from[1] ?? '', at: { file: from[2] ?? '', line: Number(from[3]), col: 1 } };
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('!') || trimmed.startsWith('#') || /^(exit|exit-.*|end)$/.test(trimmed)) continue;
    const indent = raw.length - raw.trimStart().length;
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
    const last = lines.at(-1);
    if (last !== undefined && open.length > 0 && open.at(-1)?.text === last.text) last.opens = true;
    lines.push({ path: open.map((block) => block.text).join('\n'), text: trimmed, claim, opens: false });
    open.push({ indent, text: trimmed });
  }
  return lines;
}
