export function missingLines(_live: string, _intended: string, _platform: string): string[] { return []; }
export function compliance(_l: string, _i: string, _f: readonly {name: string; ordered: boolean; section: readonly string[]}[], _p: string): object { return {}; }
