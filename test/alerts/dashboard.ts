import { readFileSync } from 'node:fs';

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  datasource?: { uid: string };
  targets?: readonly { refId: string; expr: string; datasource: { uid: string } }[];
}

export interface Dashboard {
  uid: string;
  schemaVersion: number;
  templating: { list: readonly { name: string; type: string; definition?: string; allValue?: string }[] };
  annotations: { list: readonly { expr: string }[] };
  panels: readonly Panel[];
}

/** A query as Grafana sends it with every variable at its first choice, and the row of panels that it stands in. */
export interface Query {
  row: string;
  panel: string;
  expr: string;
}

export const dashboard = JSON.parse(readFileSync('dashboards/plumbline.json', 'utf8')) as Dashboard;

/** Every query of the dashboard. */
export function listQueries({ panels, annotations }: Dashboard): Query[] {
  let row = '';
  const queries: Query[] = [];
  for (const panel of panels) {
    if (panel.type === 'row') row = panel.title;
    for (const { expr } of panel.targets ?? []) queries.push({ row, panel: panel.title, expr: fillIn(expr) });
  }
  return [...queries, ...annotations.list.map(({ expr }) => ({ row: 'annotations', panel: '', expr: fillIn(expr) }))];
}

function fillIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(namespace|site)\b/g, '.*');
}
