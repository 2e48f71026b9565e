import type { NetBoxFacts, RecordReport } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import { carryOut, compareWithNetBox, type NetBox, openNetBox, planRecord, type RecordOutcome } from '../../netbox/index.ts';
import { tellDevices } from '../../pipeline/index.ts';
import { formatProblems, formatRecord, formatRecordPlan, printable } from '../../report/index.ts';
import type { Context, FleetOptions, FormatOptions, SelectionOptions, SourceOptions } from '../context.ts';
import { type ExitCode, worstOf } from '../exit-code.ts';
import { printRecord } from '../terminal.ts';
import { accessOf, type NetBoxOptions } from './netbox-access.ts';
import { withLook } from './prepare.ts';

/** `offline`: do not ask the devices. */
type Options = SourceOptions & SelectionOptions & FormatOptions & FleetOptions & NetBoxOptions & { offline?: boolean };

/** `plumb netbox diff`: what NetBox records beside Git and the devices. */
export async function diff(names: readonly string[], options: Options, context: Context): Promise<ExitCode> {
  return withNetBox(names, options, context, ({ report }) => {
    const { terminal } = context;
    terminal.write(
      options.output === 'text' || options.output === 'markdown'
        ? formatRecord(report, terminal.style)
        : printRecord(report, options.output),
    );
    return Promise.resolve(exitCodeOfRecord(report));
  });
}

interface RecordOptions {
  yes?: boolean;
  delete?: boolean;
  allowRemovals?: boolean;
}

/** `plumb netbox record`: writes into NetBox what is behind, after it was shown and agreed to. */
export async function record(names: readonly string[], options: Options & RecordOptions, context: Context): Promise<ExitCode> {
  return withNetBox(names, options, context, async (found) => {
    const { terminal, signal } = context;
    const { facts, matched, report, netbox } = found;
    const plan = planRecord(found, facts, { remove: options.delete === true, allowRemovals: options.allowRemovals === true });
    if (options.output === 'text') terminal.write(formatRecordPlan(plan, terminal.style));
    const unknown = report.differences.some(({ record: verdict }) => verdict === 'Unknown');
    const rest: ExitCode = unknown ? 2 : plan.left.length > 0 ? 1 : 0;
    const isAgreed = plan.changes.length > 0 && (options.yes === true || (await terminal.confirm('Write this into NetBox?')));
    if (plan.changes.length > 0 && !isAgreed) terminal.say('Nothing was written. Agree to the question, or pass --yes.\n');
    const onDone = (done: number) => terminal.progress(`writing ${done} of ${plan.changes.length} …`);
    const outcomes = isAgreed ? await carryOut(netbox, { plan, matched, facts, revision: report.revision, signal, onDone }) : [];
    terminal.progress('');
    const failures = outcomes.flatMap(({ error }) => error ?? []);
    // What ended the work is told of each change that was left, and said once.
    if (failures.length > 0) terminal.say(formatProblems([...new Set(failures)], terminal.style));
    if (options.output === 'json' || options.output === 'yaml')
      terminal.write(printRecord({ ...plan, outcomes: outcomes.map(outcomeRecord) }, options.output));
    if (options.output === 'text' && isAgreed) terminal.write(textOfOutcomes(outcomes));
    return worstOf([rest, failures.length > 0 || (plan.changes.length > 0 && !isAgreed) ? 1 : 0]);
  });
}

/** Where not all was written: what was. */
function textOfOutcomes(outcomes: readonly RecordOutcome[]): string {
  const done = outcomes.filter(({ result }) => result !== 'Failed');
  const lines = done.length === outcomes.length ? [] : done.map(({ change }) => `written: ${change.kind} ${printable(change.name)}\n`);
  return `${lines.join('')}${done.length} of ${outcomes.length} written\n`;
}

function outcomeRecord({ change, result, error }: RecordOutcome): object {
  return {
    kind: change.kind,
    name: change.name,
    do: change.do,
    result,
    ...(error && { error: error.code, message: error.message, next: error.next }),
  };
}

interface NetBoxLook extends ReturnType<typeof compareWithNetBox> {
  netbox: NetBox;
  facts: NetBoxFacts;
}

/** Reads the selected devices and NetBox, and compares. Exit 2 when NetBox could not be read: then nothing is known. */
async function withNetBox(
  names: readonly string[],
  options: Options,
  context: Context,
  work: (found: NetBoxLook) => Promise<ExitCode>,
): Promise<ExitCode> {
  const access = accessOf(options);
  return withLook(
    names,
    options,
    context,
    async ({ state, surveyed, prepared }) => {
      let netbox: NetBox | undefined;
      try {
        context.terminal.progress('reading NetBox …');
        netbox = await openNetBox(access, context.signal);
        const facts = await netbox.readFacts(context.signal);
        context.terminal.progress('');
        const devices = new Set(prepared.devices.map(({ name }) => name));
        return await work({ ...compareWithNetBox({ state, facts, told: tellDevices(state, surveyed), devices }), netbox, facts });
      } catch (error) {
        if (!(error instanceof PlumblineError) || context.signal.aborted) throw error;
        context.terminal.progress('');
        context.terminal.say(formatProblems([error], context.terminal.style));
        return 2;
      } finally {
        await netbox?.close();
      }
    },
    { read: options.offline !== true },
  );
}

function exitCodeOfRecord({ differences }: RecordReport): ExitCode {
  if (differences.some(({ record }) => record === 'Unknown')) return 2;
  return differences.length === 0 ? 0 : 1;
}
