import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Alert } from '../../lab/prometheus.ts';
import { tryRun } from '../../lab/shell.ts';

export const rulesFile = resolve(import.meta.dirname, '../../../alerts/plumbline.rules.yaml');

/** As in the file: promtool evaluates groups in any order, and a minute late would be another result. */
const groups = (parse(readFileSync(rulesFile, 'utf8')) as { groups: { name: string }[] }).groups.map(({ name }) => name);

/** Series by name and labels, each with its values in promtool's notation: `1x10`, `0 1 2`, `_x5`. */
export type Series = Readonly<Record<string, string>>;

/** What fires, as `Alert thing severity`; the thing is the device, site, Fleet, subnet, lease, queue or watch that the alert is about. */
export type Firing = readonly string[];

/** The words of `Firing` are the values of these labels, the first that an alert has. */
const things = ['device', 'plan', 'site', 'fleet', 'subnet', 'name', 'controller', 'resource'];

/** Undefined when exactly these alerts fire at these minutes; otherwise what promtool says. A value of a series is `step` minutes. */
export async function whyOtherwise(series: Series, expected: Readonly<Record<number, Firing>>, step = 1): Promise<string | undefined> {
  const thing = things.reduceRight(
    (inner, label) => `label_replace(${inner}, "thing", "$1", "${label}", "(.+)")`,
    'ALERTS{alertstate="firing"}',
  );
  return runCase(step, {
    input_series: inputs(series),
    promql_expr_test: Object.entries(expected).map(([minute, firing]) => ({
      expr: `count by (alertname, thing, severity) (${thing})`,
      eval_time: `${minute}m`,
      exp_samples: firing.map((each) => {
        const [alertname, thing, severity] = each.split(' ');
        return { labels: printLabels({ alertname, thing: thing === '-' ? undefined : thing, severity }), value: 1 };
      }),
    })),
  });
}

/** Undefined when the alert tells exactly this at the minute; otherwise what promtool says. */
export async function whyToldOtherwise(
  series: Series,
  minute: number,
  name: string,
  alerts: readonly Alert[],
  step = 1,
): Promise<string | undefined> {
  return runCase(step, {
    input_series: inputs(series),
    alert_rule_test: [
      {
        eval_time: `${minute}m`,
        alertname: name,
        exp_alerts: alerts.map(({ labels, annotations }) => ({ exp_labels: labels, exp_annotations: annotations })),
      },
    ],
  });
}

function inputs(series: Series): { series: string; values: string }[] {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }));
}

function printLabels(labels: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(labels).filter(([, value]) => value !== undefined);
  return `{${set.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}

async function runCase(step: number, test: object): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-promtool-'));
  try {
    const file = join(folder, 'case.yaml');
    const every = `${step}m`;
    const tests = [{ interval: every, ...test }];
    writeFileSync(file, stringify({ rule_files: [rulesFile], group_eval_order: groups, evaluation_interval: every, tests }));
    const { rc, stdout, stderr } = await tryRun(['promtool', 'test', 'rules', file], { timeoutMs: 120_000 });
    return rc === 0 ? undefined : (stdout + stderr).replaceAll(/expr: .*, time:/g, 'at');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
