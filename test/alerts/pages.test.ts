import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alerts, unknownMetrics } from './known-metrics.ts';

/** Of the command, or of the first one below it. */
const headingOf = (verb = '') => new RegExp(`\\n## plumb ${verb}[ \\n]`);
const read = (path: string) => readFileSync(path, 'utf8');

describe.each(alerts)('the alert $alert', ({ alert, expr, labels, annotations }) => {
  it('has a page that begins with its severity, says where to look and when it ends', () => {
    const page = read(`docs/alerts/${alert}.md`);
    expect(page).toMatch(new RegExp(`^# ${alert}\n\n\\*\\*${labels['severity'] === 'page' ? 'Page' : 'Ticket'}\\.\\*\\* `));
    expect(page).toMatch(/^## Look$/m);
    expect(page).toMatch(/^## Ends$/m);
    expect(annotations['runbook_url']).toMatch(new RegExp(`/${alert}\\.md$`));
  });

  it('tells a sentence and a next command that exists', () => {
    expect(annotations['summary']).not.toBe('');
    const commands = ['next', 'hold', 'resume'].flatMap((key) => [...(annotations[key] ?? '').matchAll(/\b(plumb|kubectl) ([a-z]+)/g)]);
    expect(commands.length).toBeGreaterThan(0);
    for (const [, program, verb] of commands) if (program === 'plumb') expect(read('docs/cli.md')).toMatch(headingOf(verb));
  });

  it('stands on metrics that exist', () => {
    expect(unknownMetrics(expr)).toEqual([]);
  });
});

describe('the pages of alerts', () => {
  it('are each about an alert that exists', () => {
    const pages = readdirSync('docs/alerts').filter((name) => name !== 'README.md');
    expect(pages.toSorted()).toEqual(alerts.map(({ alert }) => `${alert}.md`).toSorted());
  });

  it('name commands and pages that exist', () => {
    for (const { alert } of alerts) {
      const page = read(`docs/alerts/${alert}.md`);
      for (const [, verb] of page.matchAll(/`plumb ([a-z]+)/g)) if (verb !== 'up') expect(read('docs/cli.md')).toMatch(headingOf(verb));
      for (const [, link = ''] of page.matchAll(/\]\(([^)]+)\)/g)) expect([link, existsSync(`docs/alerts/${link}`)]).toEqual([link, true]);
    }
  });

  it('wake somebody for drift that moves traffic, for devices that a change of ours left in doubt, for subnets without an address, and for sites of which nothing is known', () => {
    const pages = alerts.filter(({ labels }) => labels['severity'] === 'page').map(({ alert }) => alert);
    expect(pages).toEqual([
      'DriftCritical',
      'EnforcedDrift',
      'DHCPPoolExhausted',
      'OutcomeUnknown',
      'RollbackIncomplete',
      'DrainStuck',
      'SiteDark',
      'FleetDark',
    ]);
    expect(new Set(alerts.map(({ labels }) => labels['severity']))).toEqual(new Set(['page', 'ticket']));
  });
});
