import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
}

const { groups } = parse(readFileSync('alerts/plumbline.rules.yaml', 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** Every alert of the rule file. */
export const alerts = rules.flatMap(({ alert, expr, labels = {}, annotations = {} }) =>
  alert === undefined ? [] : [{ alert, expr, labels, annotations }],
);

/** Metrics and recordings that an expression may name, histograms by each of their parts. */
const known = new Set([
  ...rules.flatMap(({ record }) => record ?? []),
  ...[...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(\w+)` \| (\w+)/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
]);

/** Names in an expression that look like ours and that nothing here tells of. */
export function unknownMetrics(expr: string): string[] {
  const named = expr.match(/\b(plumbline|workqueue|controller_runtime|rest_client|leader_election)[_:][\w:]+/g) ?? [];
  return named.filter((name) => !known.has(name));
}
