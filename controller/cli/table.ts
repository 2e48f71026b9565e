/** Columns as kubectl prints them: as wide as the widest cell, three blanks between, no trailing blanks. Empty cells stay empty. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `${cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd()}\n`;
  return [head.map((title) => title.toUpperCase()), ...rows].map(line).join('');
}

/** `5m`, `3h`, `2d`: how long ago, as kubectl says it. */
export function formatAge(since: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000));
  if (Number.isNaN(seconds)) return '';
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** `90s`, `15m`, `2h`, `3d` in milliseconds; undefined when it is none, or no time at all. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  return count === undefined || factor === undefined ? undefined : Number(count) * factor || undefined;
}
