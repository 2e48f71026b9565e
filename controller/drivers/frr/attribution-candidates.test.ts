import { describe, expect, test } from 'vitest';
import type { Candidate } from '../questions.ts';
import { nameCandidates } from './attribution-candidates.ts';
import type { History, LoginSpan } from './attribution-history.ts';

const start = Date.UTC(2026, 10, 21, 12) / 1000;
const at = (second: number) => new Date((start + second) * 1000).toISOString();
const login = (who: string, from: number, until?: number): LoginSpan => ({
  who,
  from: '192.0.2.9',
  at: start + from,
  ...(until === undefined ? {} : { until: start + until }),
});
const typed = (second: number, line = 'neighbor 192.0.2.1 shutdown') => ({ at: start + second, line });

function candidates(changes: Partial<History>): Candidate[] {
  const history: History = { now: start + 600, commands: [], logins: [], unreadable: [], knowsLogins: true, knowsLog: true, ...changes };
  return nameCandidates({ history, since: start, accounts: { observe: 'plumb-observe', apply: 'plumb-apply' }, vocabulary: new Set() });
}

describe('who may have changed a router', () => {
  test.each<{ name: string; given: Partial<History>; says: readonly Partial<Candidate>[] }>([
    {
      name: 'is the one who was in when a command was typed',
      given: { commands: [typed(10), typed(11)], logins: [login('mona', 5, 20), login('luis', 30, 40)] },
      says: [
        { who: 'mona', at: at(11), how: 'command log', what: 'neighbor 192.0.2.1 shutdown' },
        { who: 'luis', at: at(30), how: 'login', what: 'from 192.0.2.9' },
      ],
    },
    {
      name: 'are all who were in, named as so many',
      given: { commands: [typed(10)], logins: [login('mona', 5, 20), login('luis', 0)] },
      says: [
        { who: 'mona', how: 'command log', among: 2 },
        { who: 'luis', how: 'command log', among: 2 },
      ],
    },
    {
      name: 'is nobody over ssh when nobody was in',
      given: { commands: [typed(10)], logins: [login('mona', 30, 40)] },
      says: [
        { who: expect.stringContaining('console'), how: 'command log' },
        { who: 'mona', how: 'login' },
      ],
    },
    {
      name: 'is unknown when the router does not tell of logins',
      given: { commands: [typed(10)], knowsLogins: false },
      says: [{ who: expect.stringContaining('unknown'), how: 'command log' }],
    },
    {
      name: 'is Plumbline when its account typed, and a person when one was in beside it',
      given: {
        commands: [typed(10), typed(50)],
        logins: [login('plumb-apply', 5, 15), login('plumb-apply', 45, 55), login('mona', 44, 60)],
      },
      says: [
        { who: 'plumb-apply', how: 'plumbline', among: 2 },
        { who: 'mona', how: 'command log', among: 2 },
      ],
    },
    {
      name: 'is never the observer',
      given: { commands: [typed(10)], logins: [login('plumb-observe', 0)] },
      says: [{ who: expect.stringContaining('console') }],
    },
    { name: 'is nobody before the time that is asked for', given: { commands: [typed(-10)], logins: [login('mona', -20, -5)] }, says: [] },
    {
      name: 'is the one who saved, unless the package did',
      given: { saved: { who: 'mona', at: start + 9 } },
      says: [{ who: 'mona', how: 'startup config', at: at(9) }],
    },
    { name: 'is not the package that owns the file', given: { saved: { who: 'frr', at: start + 9 } }, says: [] },
    {
      name: 'is a change of ours',
      given: { change: { at: start + 9, token: 't1', state: 'restored', holder: 'plumb@ops pid 7' } },
      says: [{ who: 'plumb@ops pid 7', how: 'plumbline', what: 'change t1: restored' }],
    },
    { name: 'is not known when nothing is', given: { knowsLogins: false, knowsLog: false }, says: [] },
  ])('$name', ({ given, says }) => {
    const said = candidates(given);
    expect(said).toHaveLength(says.length);
    expect(said).toMatchObject(says);
  });

  test('are ten at most, and what they typed is cut', () => {
    const logins = Array.from({ length: 30 }, (_, k) => login(`user${k}`, k));
    expect(candidates({ logins })).toHaveLength(10);
    const commands = Array.from({ length: 200 }, (_, k) => typed(40, `network 203.0.113.${k}/32`));
    const [mona] = candidates({ commands, logins: [login('mona', 30)] });
    expect(mona?.what?.length).toBeLessThanOrEqual(400);
  });
});
