import type { Command, Option } from 'commander';
import { parse } from 'yaml';
import { checkErrors, dhcpErrors, errors as desiredErrors, mirrorErrors } from '../desired/index.ts';
import { errors as compileErrors } from '../compile/index.ts';
import { errors as configErrors } from '../config/index.ts';
import { changeErrors } from '../change/index.ts';
import { driverErrors } from '../drivers/index.ts';
import type { MetricRow } from '../lib/index.ts';
import { errors as importErrors } from '../import/index.ts';
import { operatorErrors, operatorMetrics } from '../operator/index.ts';
import { errors as netboxErrors } from '../netbox/index.ts';
import { kubeErrors, kubeMetrics } from '../kube/index.ts';
import { pipelineErrors } from '../pipeline/index.ts';
import { errors as renderErrors } from '../render/index.ts';
import { policyErrors } from '../policy/index.ts';
import { storeErrors } from '../store/index.ts';
import { webErrors, webhookErrors } from '../web/index.ts';
import { errors as cliErrors } from './errors.ts';
import { processMetrics } from './process-metrics.ts';

/** Every error table, under the words a reader would look for. */
const tables = [
  ['In the desired state', { ...desiredErrors.rows, ...checkErrors.rows, ...dhcpErrors.rows, ...policyErrors.rows }],
  ['The source of a Fleet', mirrorErrors.rows],
  ['Compiling', compileErrors.rows],
  ['Templates and rendering', renderErrors.rows],
  ['Configuration text', configErrors.rows],
  ['Selecting and preparing', pipelineErrors.rows],
  ['NetBox', netboxErrors.rows],
  ['Importing', importErrors.rows],
  ['Devices', driverErrors.rows],
  ['Plans and changes', changeErrors.rows],
  ['Store and secrets', storeErrors.rows],
  ['The operator', operatorErrors.rows],
  ['Kubernetes', kubeErrors.rows],
  ['HTTP and webhooks', { ...webErrors.rows, ...webhookErrors.rows }],
  ['The command line', cliErrors.rows],
] as const;

interface Row {
  severity?: 'error' | 'warning';
  retry?: string;
  message: (facts: never) => string;
  next: string | ((facts: never) => string);
}

/** `docs/errors.md`: each code with what it says and what to do, a placeholder for each fact. */
export function printErrorReference(): string {
  const sections = tables.map(([title, rows]) => {
    const lines = Object.entries(rows as Record<string, Row>)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([code, row]) =>
          `| \`${code}\` | ${row.severity ?? 'error'} | ${cell(exampleOf(row.message))} | ${cell(typeof row.next === 'string' ? row.next : exampleOf(row.next))} |\n`,
      );
    return `\n## ${title}\n\n| code | severity | says | next |\n|---|---|---|---|\n${lines.join('')}`;
  });
  return `# Errors\n\n<!-- Printed by make generate. Do not edit. -->\n\nOne code is condition reason, event reason and alert label alike. Words in capitals stand for the facts of the case.\n${sections.join('')}`;
}

/** A message with the name of each fact in place of the fact. */
function exampleOf(template: (facts: never) => string): string {
  const facts = new Proxy(
    {},
    {
      get: (_target, name) => placeholder(String(name)),
    },
  );
  try {
    return template(facts as never);
  } catch {
    return template.toString().includes('=>') ? '(depends on the case)' : '';
  }
}

/** Stands for a text, a number or a list of texts, whatever the message does with it. */
function placeholder(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1-$2').toUpperCase();
}

/** Every metric table, under the words a reader would look for. */
const metricTables: readonly (readonly [string, Readonly<Record<string, MetricRow>>])[] = [
  ['Devices, Fleets and Git', operatorMetrics.rows],
  ['Kubernetes', kubeMetrics.rows],
  ['The process', processMetrics.rows],
];

/** `docs/metrics.md`: each metric with its labels. */
export function printMetricReference(): string {
  const sections = metricTables.map(([title, rows]) => {
    const lines = Object.entries(rows).map(
      ([name, { type, labels = [], help }]) =>
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${cell(help)} |\n`,
    );
    return `\n## ${title}\n\n| metric | type | labels | tells |\n|---|---|---|---|\n${lines.join('')}`;
  });
  return `# Metrics\n\n<!-- Printed by make generate. Do not edit. -->\n\nServed at \`/metrics\` by \`plumb up\` and \`plumb operator\`, beside the usual ones of a Node process. Only the replica that leads tells of devices and Fleets.\nA device that goes takes its series along; nothing grows with time. An operator with \`--selector\` puts \`region\` on every metric, its labels as\n\`site=fra,role=edge\`; without one there is no such label. The rules that stand on them: [alerts](alerts/README.md).\n${sections.join('')}`;
}

interface RuleFile {
  groups: { rules: { alert?: string; labels?: { severity?: string } }[] }[];
}

/** `docs/alerts/README.md`: each alert of a rule file with the first sentence of its page. */
export function printAlertIndex(rules: string, pageOf: (alert: string) => string): string {
  const lines = (parse(rules) as RuleFile).groups
    .flatMap((group) => group.rules)
    .flatMap(({ alert, labels }) => {
      if (alert === undefined) return [];
      const [, says = ''] = /\*\* (.*?)[.:](?:\s|$)/s.exec(pageOf(alert)) ?? [];
      return `| [${alert}](${alert}.md) | ${labels?.severity ?? ''} | ${cell(says)} |\n`;
    });
  return `# Alerts\n\n<!-- Printed by make generate. Do not edit. -->\n\nThe rules are \`alerts/plumbline.rules.yaml\`; the chart installs them with \`metrics.rules.enabled\`. A page wakes somebody, a ticket does\nnot. Nothing alerts about a device that is Planned, in Maintenance or Drained, nor about what somebody acknowledged (\`plumb ack\`). What a plan\ntells is told once, not of each of its devices. Each alert carries what is wrong, since when, who did it where the device tells, the next command, and its page. They stand on these\n[metrics](../metrics.md). \`alerts/alertmanager.example.yaml\` makes one alert of a dark site.\n\n| alert | severity | says |\n|---|---|---|\n${lines.join('')}`;
}

/** `docs/cli.md`: every command with its arguments and options, from the command tree. */
export function printCliReference(program: Command): string {
  const isVerb = (command: Command) => command.commands.length === 0 || command.registeredArguments.length > 0;
  const leaves = program.commands.flatMap((command) => [...(isVerb(command) ? [command] : []), ...command.commands]);
  const pages = leaves.map((command) => {
    const name = [command.parent?.name() === 'plumb' ? '' : `${command.parent?.name()} `, command.name()].join('');
    const words = command.registeredArguments.map((argument) => {
      const dots = argument.variadic ? '...' : '';
      return argument.required ? ` <${argument.name()}${dots}>` : ` [${argument.name()}${dots}]`;
    });
    const options = command.options.map(optionRow);
    return `\n## plumb ${name}\n\n${command.description()}\n\n\`plumb ${name}${words.join('')} [options]\`\n\n${options.length > 0 ? `| option | meaning | default |\n|---|---|---|\n${options.join('')}` : 'No options.\n'}`;
  });
  return `# Commands\n\n<!-- Printed by make generate. Do not edit. -->\n\nExit code: 0 nothing differs or all applied; 1 something differs, an error was found or nothing was applied; 2 anything is Unknown or OutcomeUnknown (2 wins over 1).\n${pages.join('')}`;
}

function optionRow(option: Option): string {
  const variable = option.envVar === undefined ? '' : ` (\`$${option.envVar}\`)`;
  const choices = option.argChoices ? ` One of ${option.argChoices.join(', ')}.` : '';
  const standard = option.defaultValue === undefined ? '' : `\`${String(option.defaultValue)}\``;
  return `| \`${option.flags}\` | ${cell(option.description)}.${choices}${variable} | ${standard} |\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}
