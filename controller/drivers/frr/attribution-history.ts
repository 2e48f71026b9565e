/** What a router keeps about who was there, as its observer's `history` tells it. Times are Unix seconds of the router's clock. */
export interface History {
  now: number;
  /** Configuration lines out of FRR's log, oldest first. Still with their secrets: nothing of this leaves the folder. */
  commands: readonly TypedLine[];
  logins: readonly LoginSpan[];
  /** Owner of the startup config, and when it was written. */
  saved?: { who: string; at: number };
  /** Our own mark: the last change that was armed, and when its state last moved. */
  change?: { at: number; token: string; state: string; holder: string };
  /** Files that are there and that the observer may not read. */
  unreadable: readonly string[];
  /** False: nothing on the router tells of logins. */
  knowsLogins: boolean;
  /** False: FRR keeps no log that could hold commands. */
  knowsLog: boolean;
}

export interface TypedLine {
  at: number;
  line: string;
}

export interface LoginSpan {
  who: string;
  from: string;
  at: number;
  /** Absent: still there, or the end was not written down. */
  until?: number;
}

/** Undefined when the answer is not whole. */
export function parseHistory(stdout: string): History | undefined {
  const lines = stdout.trimEnd().split('\n');
  if (lines.at(-1) !== 'end history') return undefined;
  const told = (word: string) => lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  const [, now, sign, hours, minutes] = /^(\d+) ([+-])(\d\d)(\d\d)$/.exec(told('now')[0] ?? '') ?? [];
  if (now === undefined) return undefined;
  const clock = { now: Number(now), zoneSeconds: (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60) };
  const [savedBy, savedAt] = told('saved')[0]?.split(' ') ?? [];
  const [, changedAt, token, state, holder] = /^(\d+) (\S+) (\S+) (.*)$/.exec(told('change')[0] ?? '') ?? [];
  return {
    now: clock.now,
    commands: told('command')
      .flatMap((line) => parseCommand(line, clock) ?? [])
      .toSorted((a, b) => a.at - b.at),
    logins: [...pairLogins(told('sshd'), clock), ...told('last').flatMap((line) => parseLast(line) ?? [])],
    ...(savedBy === undefined || savedAt === undefined ? {} : { saved: { who: savedBy, at: Number(savedAt) } }),
    ...(changedAt && token && state && holder !== undefined ? { change: { at: Number(changedAt), token, state, holder } } : {}),
    unreadable: told('unreadable'),
    knowsLogins: lines.includes('logins known'),
    knowsLog: lines.includes('log known'),
  };
}

interface RouterClock {
  now: number;
  zoneSeconds: number;
}

/** `… vty[23]@(config-router)# neighbor 192.0.2.1 shutdown`. What was typed outside of configuration changes nothing. */
function parseCommand(text: string, clock: RouterClock): TypedLine | undefined {
  const [, line] = commandLine.exec(text) ?? [];
  const at = parseTime(text, clock);
  return line === undefined || at === undefined || /^(end|exit|quit|do .*)$/.test(line) ? undefined : { at, line: line.trim() };
}

/** From its beginning: what a neighbor makes FRR write into its log must not look like a command. */
const commandLine =
  /^(?:\S+ \S+ (?:[a-z]+: )?[A-Z0-9]+|\S+(?: +\d+ \S+)? \S+ [\w.-]+\[\d+\]): (?:\[[A-Z0-9]{5}-[A-Z0-9]{5}\] )?vty\[\d+\]@\(config[^)]*\)# (.*)$/;
const loginLine =
  /^\S+(?: +\d+ \S+)? \S+ sshd(?:-session)?\[\d+\]: (Accepted \S+ for|Disconnected from user) (\S+) (?:from )?(\S+) port (\d+)/;

/** sshd says who came and who went in two lines, which share address and port. */
function pairLogins(lines: readonly string[], clock: RouterClock): LoginSpan[] {
  const spans = new Map<string, LoginSpan>();
  for (const text of lines) {
    const at = parseTime(text, clock);
    const [, verb = '', who = '', from = '', port = ''] = loginLine.exec(text) ?? [];
    if (at === undefined || who === '') continue;
    const key = `${who} ${from} ${port}`;
    const span = spans.get(key);
    if (verb.startsWith('Accepted')) spans.set(key, { who, from, at });
    else if (span) spans.set(key, { ...span, until: at });
  }
  return [...spans.values()];
}

/** A line of `last --time-format iso`: `mona pts/0 192.0.2.9 2026-11-21T12:00:00+00:00 - 2026-11-21T12:05:00+00:00 (00:05)`. */
function parseLast(text: string): LoginSpan | undefined {
  const [who = '', terminal = ''] = text.split(/\s+/);
  const [at, until] = [...text.matchAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d/g)].map(([time]) => Date.parse(time) / 1000);
  if (at === undefined || terminal === 'begins' || who === 'reboot' || who === 'shutdown' || who === 'runlevel') return undefined;
  const from = /^\S+\s+\S+\s+(\S+)\s+\d{4}-/.exec(text)?.[1] ?? terminal;
  return { who, from, at, ...(until === undefined ? {} : { until }) };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The three ways in which log lines begin: FRR's own, ISO 8601, and syslog's of old, which leaves out year and zone. */
export function parseTime(text: string, { now, zoneSeconds }: RouterClock): number | undefined {
  const [own, year, month, day, time] = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d)/.exec(text) ?? [];
  if (own !== undefined) return Date.parse(`${year}-${month}-${day}T${time}Z`) / 1000 - zoneSeconds;
  const [iso, date, hours, minutes] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,]\d+)?([+-]\d\d):?(\d\d)/.exec(text) ?? [];
  if (iso !== undefined) return Date.parse(`${date}${hours}:${minutes}`) / 1000;
  const [old, name = '', dayOfMonth = '', clock] = /^([A-Z][a-z]{2}) +(\d+) (\d\d:\d\d:\d\d)/.exec(text) ?? [];
  if (old === undefined || !months.includes(name)) return undefined;
  const at = (inYear: number) =>
    Date.parse(`${inYear}-${String(months.indexOf(name) + 1).padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}T${clock}Z`) / 1000 -
    zoneSeconds;
  const thisYear = at(new Date(now * 1000).getUTCFullYear());
  return thisYear > now + 86_400 ? at(new Date(now * 1000).getUTCFullYear() - 1) : thisYear;
}
