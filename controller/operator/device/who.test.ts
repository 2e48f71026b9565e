import { describe, expect, it } from 'vitest';
import type { DriftReportStatus, ReportedDifference } from '../../api/index.ts';
import type { Attribution } from '../../drivers/index.ts';
import { nameWho } from './who.ts';

type Found = Attribution['candidates'][number];
type Reported = Pick<ReportedDifference, 'verdict' | 'live'> & { line: string };

const differ = ({ verdict, live, line }: Reported): ReportedDifference => ({
  path: ['router bgp 64500', line],
  verdict,
  severity: 'warning',
  since: '2026-11-21T10:00:00.000Z',
  ...(live !== undefined && { live }),
});
const drifted = (line: string, live = 'by hand'): Reported => ({ verdict: 'Drifted', line, live });
const by = (who: string, what = 'neighbor 192.0.2.1 shutdown'): Found => ({
  who,
  at: '2026-11-21T10:00:00.000Z',
  how: 'command log',
  what,
});
const known = (who: string, what?: string) => ({ ...by(who, what) });

/** Who is named for these lines after a report that showed others and named others, and whether the device was asked. */
async function name(
  now: readonly Reported[],
  {
    shown = [],
    who = [],
    total = shown.length,
    found = [],
  }: { shown?: Reported[]; who?: DriftReportStatus['who']; total?: number; found?: Found[] },
) {
  const last = shown.length > 0 ? ({ differences: shown.map(differ), who, total } as unknown as DriftReportStatus) : undefined;
  let asked = false;
  const named = await nameWho(now.map(differ), last, async () => {
    asked = true;
    return found;
  });
  return { named: named.map((each) => each.who), asked };
}

describe('who is named', () => {
  it.each<{ name: string; now: Reported[]; given: Parameters<typeof name>[1]; named: string[]; asked: boolean }>([
    {
      name: 'is whoever the device tells of a new line',
      now: [drifted('a')],
      given: { found: [by('mona')] },
      named: ['mona'],
      asked: true,
    },
    {
      name: 'is nobody for what Git moved, and the device is not asked',
      now: [
        { verdict: 'Pending', line: 'a' },
        { verdict: 'Unadopted', line: 'b', live: 'x' },
      ],
      given: { found: [by('mona')] },
      named: [],
      asked: false,
    },
    {
      name: 'is also asked for a line of nobody, and for one that both changed',
      now: [
        { verdict: 'New', line: 'a', live: 'x' },
        { verdict: 'Diverged', line: 'b', live: 'y' },
      ],
      given: { found: [by('mona')] },
      named: ['mona'],
      asked: true,
    },
    {
      name: 'stays who it was while only some of it is put back',
      now: [drifted('a')],
      given: { shown: [drifted('a'), drifted('b')], who: [known('mona')], found: [by('luis')] },
      named: ['mona'],
      asked: false,
    },
    {
      name: 'is asked again when the same line says something else',
      now: [drifted('a', 'by another hand')],
      given: { shown: [drifted('a')], who: [known('mona', 'neighbor 192.0.2.1 description x')], found: [by('luis')] },
      named: ['luis', 'mona'],
      asked: true,
    },
    {
      name: 'are the old ones behind the new ones while something old stands',
      now: [drifted('a'), drifted('b')],
      given: { shown: [drifted('a')], who: [known('mona')], found: [by('luis')] },
      named: ['luis', 'mona'],
      asked: true,
    },
    {
      name: 'are not the old ones when nothing of theirs stands',
      now: [drifted('b')],
      given: { shown: [drifted('a')], who: [known('mona')], found: [by('luis')] },
      named: ['luis'],
      asked: true,
    },
    {
      name: 'are still the old ones when the report shows not all that stood',
      now: [drifted('z')],
      given: { shown: [drifted('a')], total: 60, who: [known('mona')], found: [by('luis')] },
      named: ['luis', 'mona'],
      asked: true,
    },
    {
      name: 'is one person once, when the device tells again what it told before',
      now: [drifted('a'), drifted('b')],
      given: { shown: [drifted('a')], who: [known('mona', 'shutdown')], found: [by('mona', 'shutdown; no shutdown')] },
      named: ['mona'],
      asked: true,
    },
    {
      name: 'is one person twice for two things',
      now: [drifted('a'), drifted('b')],
      given: { shown: [drifted('a')], who: [known('mona', 'description x')], found: [by('mona', 'shutdown')] },
      named: ['mona', 'mona'],
      asked: true,
    },
    {
      name: 'are ten at most',
      now: [drifted('a')],
      given: { found: Array.from({ length: 12 }, (_, k) => by(`user${k}`)) },
      named: Array.from({ length: 10 }, (_, k) => `user${k}`),
      asked: true,
    },
  ])('$name', async ({ now, given, named, asked }) => {
    expect(await name(now, given)).toEqual({ named, asked });
  });

  it('says of several that they are candidates, and keeps within what a status takes', async () => {
    const found: Found[] = [{ ...by('m'.repeat(300), 'x'.repeat(900)), among: 3 }];
    const [candidate] = await nameWho([differ(drifted('a'))], undefined, async () => found);
    expect(candidate).toMatchObject({ who: 'm'.repeat(200), how: 'command log, one of 3 who were logged in', what: 'x'.repeat(500) });
  });
});
