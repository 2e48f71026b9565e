import { availableParallelism } from 'node:os';
import type { DeviceIntent, Rendered, SecretRef, SectionIntent } from '../api/index.ts';
import { nearest, type PlumblineError, sha256 } from '../lib/index.ts';
import { checkLines } from './check-lines.ts';
import { checkText } from './check-output.ts';
import { closureOf, type CompiledTemplates } from './compile-templates.ts';
import { errors } from './errors.ts';
import { explainEnd } from './faults.ts';
import { defaultLimits, type RenderLimits } from './limits.ts';
import { isMarker, ownersIn, sectionMarkers } from './markers.ts';
import { entryOf, platformOf } from './platforms.ts';
import { createSandboxPool, type SandboxPool } from './sandbox-pool.ts';
import { isSecretPlace, referenceText, resolveReferences } from './secret-references.ts';
import type { RenderInput } from './sandbox/strict-runtime.ts';

/** A device's intended configuration, or everything that is wrong with it. */
export type RenderResult = { rendered: Rendered; problems: readonly [] } | { rendered: undefined; problems: readonly PlumblineError[] };

export interface Renderer {
  /**
   * Renders one device. `tokenOf` gives the token of a secret reference; values are never asked for. Never throws for what a template does.
   */
  render(intent: DeviceIntent, tokenOf: (ref: SecretRef, purpose: string) => string): Promise<RenderResult>;
  /** Ends the child processes. Renders that run end with a problem. */
  close(): void;
}

/**
 * A renderer over one set of compiled templates. Child processes start with the first render and are shared by all; give `limits` only to
 * change a default.
 */
export function createRenderer(options: { templates: CompiledTemplates; limits?: Partial<RenderLimits> }): Renderer {
  const limits: RenderLimits = { ...defaultLimits, children: Math.min(4, availableParallelism()), ...options.limits };
  const pool = createSandboxPool(limits);
  return {
    render: (intent, tokenOf) => renderDevice(intent, tokenOf, { templates: options.templates, limits, pool }),
    close: () => pool.close(),
  };
}

interface Workshop {
  templates: CompiledTemplates;
  limits: RenderLimits;
  pool: SandboxPool;
}

/** One part of the text, or what is wrong with it. */
type Part = { text: string } | { problems: readonly PlumblineError[] };

/** One device on a pool that may be shared: what a Renderer does for each. */
export async function renderDevice(
  intent: DeviceIntent,
  tokenOf: (ref: SecretRef, purpose: string) => string,
  shop: Workshop,
): Promise<RenderResult> {
  const root = rootOf(intent);
  const parts = await Promise.all([
    renderMain(intent, root, shop),
    ...intent.sections.map((section) => renderSection(section, intent, root, shop)),
  ]);
  const problems = parts.flatMap((part) => ('problems' in part ? part.problems : []));
  const marked = tidy(parts.map((part) => ('text' in part ? part.text : '')).join('\n'));
  if (marked.length > shop.limits.outputLength) {
    problems.push(errors.OutputTooLarge({ what: 'all sections together', device: intent.device, limit: shop.limits.outputLength }));
  }
  problems.push(...checkLines(marked, intent.device, intent.platform));
  if (problems.length > 0) return { rendered: undefined, problems };

  const { text, secrets } = resolveReferences(marked, intent, tokenOf);
  return {
    rendered: { device: intent.device, platform: intent.platform, text, secrets, digest: digestWithoutMarkers(text) },
    problems: [],
  };
}

async function renderMain(intent: DeviceIntent, root: string, shop: Workshop): Promise<Part> {
  const entry = entryOf(intent.platform);
  if (!shop.templates.byName.has(entry)) {
    return { problems: [errors.NoTemplates({ device: intent.device, platform: intent.platform, entry })] };
  }
  const part = await runTemplate(entry, intent, root, shop);
  if ('problems' in part) return part;
  const found = checkText(part.text, { device: intent.device, what: `template ${entry}` }, ownersIn(intent));
  return found.length > 0 ? { problems: found } : part;
}

async function renderSection(section: SectionIntent, intent: DeviceIntent, root: string, shop: Workshop): Promise<Part> {
  const { device } = intent;
  const at = { ...section.source, col: 1 };
  if (section.template !== null && !shop.templates.byName.has(section.template)) {
    const close = nearest(section.template, shop.templates.byName.keys());
    const facts = {
      section: section.name,
      device,
      what: `template ${section.template}`,
      ...(close === undefined ? {} : { nearest: close }),
    };
    return { problems: [errors.SectionMissing(facts, { at })] };
  }
  const part = section.template === null ? { text: section.text ?? '' } : await runTemplate(section.template, intent, root, shop);
  if ('problems' in part) return part;
  const text = part.text.replaceAll('\r\n', '\n');
  const origin = { device, what: `section ${section.name}`, ...(section.file === null ? {} : { file: section.file }) };
  const found = checkText(text, origin, new Set());
  if (found.length > 0) return { problems: found };
  return { text: [...sectionMarkers(section, platformOf(intent.platform).comment), text].join('\n') };
}

async function runTemplate(entry: string, intent: DeviceIntent, root: string, { templates, limits, pool }: Workshop): Promise<Part> {
  const overrides = new Map(Object.entries(intent.templateOverrides));
  const needed = closureOf(entry, templates, overrides);
  if (!Array.isArray(needed)) {
    const says = `needs template ${needed.missing}, which is missing or has a mistake`;
    const at = { file: templates.byName.get(entry)?.file ?? entry, line: 1, col: 1 };
    return { problems: [errors.TemplateFailed({ template: entry, device: intent.device, says }, { at })] };
  }
  const input: Omit<RenderInput, 'root'> = { entry, comment: platformOf(intent.platform).comment, maxOutput: limits.outputLength };
  const end = await pool.run({ templates: needed, input: `${JSON.stringify(input).slice(0, -1)},"root":${root}}` });
  if (end.ended === 'text') return { text: end.text };
  return { problems: [explainEnd(end, { device: intent.device, entry, templates, limits })] };
}

/** The intent as templates see it, as JSON text: secrets as references, raw sections left out. */
function rootOf({ sections: _sections, ...intent }: DeviceIntent): string {
  return JSON.stringify(intent, (_key, value: unknown) => (isSecretPlace(value) ? referenceText(value.secret) : value));
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
