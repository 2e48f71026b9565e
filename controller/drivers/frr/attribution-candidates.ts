import type { Candidate } from '../questions.ts';
import type { History, LoginSpan } from './attribution-history.ts';
import { tellTyped } from './attribution-words.ts';

export interface Question {
  history: History;
  /** Unix seconds of the router's clock. */
  since: number;
  /** Our own accounts: one only looks, the other one is Plumbline. */
  accounts: { observe: string; apply?: string };
  /** Words that may be told: see `tellTyped`. */
  vocabulary: ReadonlySet<string>;
}

/** Log lines carry whole seconds, and a line is written after the login that it came through began. */
const slackSeconds = 2;
const mostCandidates = 10;

/** Who may have changed the router since then: what the log and the logins say together first, then what each says alone; newest first, each once. */
export function nameCandidates(question: Question): Candidate[] {
  const { history, since, accounts } = question;
  const logins = history.logins.filter(({ who }) => who !== accounts.observe);
  const typed = nameTypists(question, logins);
  const { saved, change } = history;
  const saves: Candidate[] =
    // FRR's own account owns the file that its package or a start wrote.
    saved && saved.at >= since && saved.who !== 'frr' && saved.who !== accounts.apply
      ? [{ who: saved.who, at: iso(saved.at), how: 'startup config', what: 'wrote the startup config' }]
      : [];
  const ours: Candidate[] =
    change && change.at >= since
      ? [{ who: change.holder, at: iso(change.at), how: 'plumbline', what: `change ${change.token}: ${change.state}` }]
      : [];
  const present = logins
    .filter(({ who, at, until }) => who !== accounts.apply && (at >= since || until === undefined || until >= since))
    .toSorted((a, b) => b.at - a.at)
    .map(({ who, at, from }): Candidate => ({ who, at: iso(at), how: 'login', what: `from ${from}` }));
  const all = [...typed, ...saves, ...ours, ...present];
  return all.filter(({ who }, k) => all.findIndex((each) => each.who === who) === k).slice(0, mostCandidates);
}

/** Joins each typed line with whoever was logged in at that moment. */
function nameTypists({ history, since, accounts, vocabulary }: Question, logins: readonly LoginSpan[]): Candidate[] {
  const byName = new Map<string, { at: number; among: number; lines: Set<string>; isOurs: boolean }>();
  for (const { at, line } of history.commands) {
    if (at < since) continue;
    const present = [...new Set(logins.filter((login) => isOpen(login, at)).map(({ who }) => who))];
    const names = present.length > 0 ? present : [history.knowsLogins ? nobody : unknown];
    for (const who of names) {
      const entry = byName.get(who) ?? { at, among: 0, lines: new Set(), isOurs: who === accounts.apply };
      entry.at = at;
      entry.among = Math.max(entry.among, names.length);
      entry.lines.add(tellTyped(line, vocabulary));
      byName.set(who, entry);
    }
  }
  return [...byName]
    .toSorted(([, a], [, b]) => b.at - a.at)
    .map(([who, { at, among, lines, isOurs }]) => ({
      who,
      at: iso(at),
      how: isOurs ? 'plumbline' : 'command log',
      what: cut([...lines].join('; ')),
      ...(among > 1 ? { among } : {}),
    }));
}

const nobody = 'nobody over ssh: the console, or a program on the device';
const unknown = 'unknown: the device does not tell who was logged in';

function isOpen({ at, until }: LoginSpan, moment: number): boolean {
  return at <= moment + slackSeconds && (until === undefined || until >= moment - slackSeconds);
}

function cut(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 399)}…`;
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
