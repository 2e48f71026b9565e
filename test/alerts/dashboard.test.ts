import { describe, expect, it } from 'vitest';
import { dashboard, listQueries } from './dashboard.ts';
import { alerts, unknownMetrics } from './known-metrics.ts';

const panels = dashboard.panels;
const shown = panels.filter(({ type }) => type !== 'row');

describe('the dashboard', () => {
  it('asks whatever data source is chosen, and has a sentence on every panel', () => {
    for (const { title, description, datasource, targets = [] } of shown) {
      expect([title, description]).toEqual([title, expect.stringMatching(/\.$/)]);
      expect([datasource?.uid, ...targets.map((each) => each.datasource.uid)]).toEqual(Array(targets.length + 1).fill('${datasource}'));
    }
  });

  it('tells its panels and their queries apart', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    for (const { targets = [] } of shown) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  it('lays no panel over another, nor beyond the edge', () => {
    for (const [k, { title, gridPos: a }] of panels.entries()) {
      expect([title, a.x + a.w <= 24]).toEqual([title, true]);
      for (const { title: other, gridPos: b } of panels.slice(k + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect([title, other, apart]).toEqual([title, other, true]);
      }
    }
  });

  it('names metrics that exist and no variable but its own', () => {
    const variables = dashboard.templating.list;
    expect(variables.map(({ name }) => name)).toEqual(['datasource', 'namespace', 'site']);
    for (const { panel, expr } of listQueries(dashboard)) {
      expect([panel, unknownMetrics(expr)]).toEqual([panel, []]);
      expect([panel, expr]).toEqual([panel, expect.not.stringContaining('$')]);
    }
  });

  it('lists every alert of the rules', () => {
    const expr = listQueries(dashboard).find(({ panel }) => panel === 'Alerts')?.expr ?? '';
    expect(/alertname=~"([^"]*)"/.exec(expr)?.[1]?.split('|').toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });
});
