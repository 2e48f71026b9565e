import type { DeviceIntent, Rendered, SecretRef, SectionIntent } from '../api/index.ts';
import { nearest, type PlumblineError, sha256 } from '../lib/index.ts';
import { checkFileLines, checkLines } from './check-lines.ts';
import { checkText, firstOf } from './check-output.ts';
import { closureOf, type CompiledTemplates } from './compile-templates.ts';
import { errors } from './errors.ts';
import { explainEnd } from './faults.ts';
import { type RenderLimits, timeOutsPerTemplate } from './limits.ts';
import { layOutJson } from './lay-out-json.ts';
import { isMarker, ownersIn, sectionMarkers } from './markers.ts';
import { entryOf, platformOf } from './platforms.ts';
import { createSandboxPool, type SandboxPool } from './sandbox-pool.ts';
import { referenceText, resolveReferences } from './secret-references.ts';
import type { RenderInput } from './sandbox/strict-runtime.ts';

/** A device's intended configuration, or everything that is wrong with it. */
export type RenderResult = { rendered: Rendered; problems: readonly [] } | { rendered: undefined; problems: readonly PlumblineError[] };

export interface Renderer {
  /**
   * Renders one device. `tokenOf` gives the token of a secret reference; values are never asked for. Never throws for what a template does.
   */
  render(intent: DeviceIntent, tokenOf: (ref: SecretRef, purpose: string) => string): Promise<RenderResult>;
  /** Ends the child processes, unless they are somebody else's. Renders that run end with a problem. */
  close(): void;
}

/**
 * A renderer over one set of compiled templates. Child processes start with the first render and are shared by all, or are those of a pool
 * that its owner closes; give `limits` only to change a default.
 */
export function createRenderer({
  templates,
  limits,
  pool: given,
}: {
  templates: CompiledTemplates;
  limits?: Partial<RenderLimits>;
  pool?: SandboxPool | undefined;
}): Renderer {
  const pool = given ?? createSandboxPool(limits);
  const shop: Workshop = { templates, limits: pool.limits, pool, timedOut: new Map() };
  return {
    render: (intent, tokenOf) => renderDevice(intent, tokenOf, shop),
    close: () => {
      if (!given) pool.close();
    },
  };
}

interface Workshop {
  templates: CompiledTemplates;
  limits: RenderLimits;
  pool: SandboxPool;
  /** Devices for which a template timed out. */
  timedOut: Map<string, string[]>;
}

/** One device's turn: what its parts share. */
interface Turn extends Workshop {
  intent: DeviceIntent;
  /** The intent as templates see it. */
  root: string;
  /** Milliseconds left for its templates. */
  msLeft: number;
}

/** One part of the text, or what is wrong with it. */
type Part = { text: string } | { problems: readonly PlumblineError[] };

/** One device on a pool that may be shared: what a Renderer does for each. */
export async function renderDevice(
  intent: DeviceIntent,
  tokenOf: (ref: SecretRef, purpose: string) => string,
  shop: Workshop,
): Promise<RenderResult> {
  const { limits } = shop;
  const turn: Turn = { ...shop, intent, root: rootOf(intent), msLeft: limits.deviceMs };
  const problems: PlumblineError[] = [];
  let marked = '';
  let last = `template ${entryOf(intent.platform)}`;
  // One part after the other: what a device may cost is counted, and nothing runs beyond it.
  for (const section of [undefined, ...intent.sections]) {
    if (turn.msLeft <= 0) {
      problems.push(errors.DeviceTimedOut({ device: intent.device, limitMs: limits.deviceMs, last }));
      break;
    }
    const part = section === undefined ? await renderMain(turn) : await renderSection(section, turn);
    if (section !== undefined) last = `section ${section.name}`;
    if ('problems' in part) for (const problem of part.problems) problems.push(problem);
    else if (marked.length + part.text.length > limits.outputLength) {
      problems.push(errors.OutputTooLarge({ what: 'all sections together', device: intent.device, limit: limits.outputLength }));
      break;
    } else marked += part.text;
  }
  if (problems.length > 0) return { rendered: undefined, problems };

  const { text, secrets } = resolveReferences(marked, intent, tokenOf);
  return {
    rendered: { device: intent.device, platform: intent.platform, text, secrets, digest: digestWithoutMarkers(text) },
    problems: [],
  };
}

async function renderMain(turn: Turn): Promise<Part> {
  const { device, platform } = turn.intent;
  const entry = entryOf(platform);
  if (!turn.templates.byName.has(entry)) return { problems: [errors.NoTemplates({ device, platform, entry })] };
  const part = await runTemplate(entry, turn);
  if ('problems' in part) return part;
  const origin = { device, what: `template ${entry}` };
  const text = tidyAll(part.text, platform);
  const found = [...checkText(part.text, origin, ownersIn(turn.intent)), ...checkLines(text, device, platform)];
  return found.length > 0 ? { problems: firstOf(found, origin) } : { text };
}

async function renderSection(section: SectionIntent, turn: Turn): Promise<Part> {
  const { device, platform } = turn.intent;
  const at = { ...section.source, col: 1 };
  const { byName, broken } = turn.templates;
  if (section.template !== null && !byName.has(section.template) && !broken.has(section.template)) {
    const close = nearest(section.template, byName.keys());
    const facts = {
      section: section.name,
      device,
      what: `template ${section.template}`,
      ...(close === undefined ? {} : { nearest: close }),
    };
    return { problems: [errors.SectionMissing(facts, { at })] };
  }
  const part = section.template === null ? { text: section.text ?? '' } : await runTemplate(section.template, turn);
  if ('problems' in part) return part;
  // Said by the caller, who counts; a text of this size is not looked at.
  if (part.text.length > turn.limits.outputLength) return part;
  const text = part.text.replaceAll('\r\n', '\n');
  const origin = { device, what: `section ${section.name}`, ...(section.file === null ? {} : { file: section.file }) };
  const marked = [...sectionMarkers(section, platformOf(platform).comment, text), text].join('\n');
  const lines =
    section.file === null
      ? checkLines(tidy(marked), device, platform)
      : checkFileLines(text, { device, owner: `Section/${section.name}`, file: section.file }, platform);
  const found = [...checkText(text, origin, new Set()), ...lines];
  // A file keeps its lines, for its places; what a template printed has none.
  const kept = section.file === null ? tidyAll(marked, platform) : tidy(marked);
  return found.length > 0 ? { problems: firstOf(found, origin) } : { text: kept };
}

async function runTemplate(entry: string, turn: Turn): Promise<Part> {
  const { intent, templates, limits } = turn;
  const { device } = intent;
  const at = { file: templates.byName.get(entry)?.file ?? templates.broken.get(entry) ?? entry, line: 1, col: 1 };
  const needed = closureOf(entry, templates, new Map(Object.entries(intent.templateOverrides)));
  if (!Array.isArray(needed)) {
    if (templates.broken.has(needed.missing))
      return { problems: [errors.TemplateBroken({ template: entry, device, broken: needed.missing }, { at })] };
    const says = `needs template ${needed.missing}, which is missing`;
    return { problems: [errors.TemplateFailed({ template: entry, device, says }, { at })] };
  }
  const timedOut = turn.timedOut.get(entry) ?? [];
  if (timedOut.length >= timeOutsPerTemplate) {
    return { problems: [errors.TemplateGivenUp({ template: entry, device, devices: timedOut.join(', ') }, { at })] };
  }
  const limitMs = Math.min(limits.renderMs, turn.msLeft);
  const input: Omit<RenderInput, 'root'> = { entry, comment: platformOf(intent.platform).comment, maxOutput: limits.outputLength };
  const end = await turn.pool.run({ templates: needed, input: `${JSON.stringify(input).slice(0, -1)},"root":${turn.root}}`, limitMs });
  // A child that is gone cannot say how long it took.
  turn.msLeft -= 'tookMs' in end ? end.tookMs : limitMs;
  if (end.ended === 'text') return { text: end.text };
  if (end.ended === 'timeout') rememberTimeOut(entry, device, turn);
  return { problems: [explainEnd(end, { device, entry, templates, limits, limitMs })] };
}

/** By device: one that loops in all its sections is one device. */
function rememberTimeOut(entry: string, device: string, { timedOut }: Workshop): void {
  const devices = timedOut.get(entry) ?? [];
  if (!devices.includes(device)) timedOut.set(entry, [...devices, device]);
}

/** The intent as templates see it, as JSON text: secrets as references, raw sections left out. */
export function rootOf({ sections: _sections, ...intent }: DeviceIntent): string {
  // A function asked of every value takes six times as long. No text holds `{"secret":` as it stands here: its quotes are escaped.
  return JSON.stringify(intent).replaceAll(/\{"secret":(\{[^{}]*\})\}/g, (_place, ref: string) =>
    JSON.stringify(referenceText(JSON.parse(ref) as SecretRef)),
  );
}

/** What a template printed, as it is kept. */
function tidyAll(text: string, platform: string): string {
  return platformOf(platform).isJson ? layOutJson(text) : tidy(text);
}

/** Without empty lines and white space at line ends: canonical text has neither. */
function tidy(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function digestWithoutMarkers(text: string): string {
  return sha256(
    text
      .split('\n')
      .filter((line) => !isMarker(line))
      .join('\n'),
  );
}
