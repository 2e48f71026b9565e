/** A place in a user's file. `file` is relative to the root of the desired-state repository; line and col count from 1. */
export interface Position {
  file: string;
  line: number;
  col: number;
}

/** `file:line:col`, the form that editors and CI annotations understand. */
export function formatPosition({ file, line, col }: Position): string {
  return `${file}:${line}:${col}`;
}

/** Orders by file, then line, then column. */
export function comparePositions(a: Position, b: Position): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.col - b.col;
}
