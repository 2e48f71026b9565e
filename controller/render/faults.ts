import { nearest, type PlumblineError } from '../lib/index.ts';
import type { CompiledTemplates } from './compile-templates.ts';
import { errors } from './errors.ts';
import type { RenderLimits } from './limits.ts';
import type { JobEnd } from './sandbox-process.ts';
import type { Fault } from './sandbox/strict-runtime.ts';

/** What was rendered, for whom, from where. */
export interface Attempt {
  device: string;
  entry: string;
  templates: CompiledTemplates;
  limits: RenderLimits;
  /** The deadline it had: what was left of the device's when that is less. */
  limitMs: number;
}

/** The message for a person from the way a render ended. Nothing the sandbox says is trusted but its place in a template we know. */
export function explainEnd(end: Exclude<JobEnd, { ended: 'text' }>, attempt: Attempt): PlumblineError {
  const { device, entry: template } = attempt;
  const at = { file: attempt.templates.byName.get(template)?.file ?? template, line: 1, col: 1 };
  if (end.ended === 'timeout') return errors.TemplateTimedOut({ template, device, limitMs: attempt.limitMs }, { at });
  if (end.ended === 'crash') return errors.TemplateCrashed({ template, device, says: end.says }, { at });
  return explainFault(end.fault, attempt);
}

function explainFault(fault: Fault, { device, entry, templates, limits }: Attempt): PlumblineError {
  const place = templates.byName.get(fault.template) ?? templates.byName.get(entry);
  const template = place?.name ?? entry;
  const at = { file: place?.file ?? entry, line: fault.line, col: fault.col };
  const { expression, says, path } = fault;
  if (fault.kind === 'UnknownName') {
    const wrong = path.slice(Math.max(path.lastIndexOf('.'), path.lastIndexOf(']')) + 1);
    const close = nearest(wrong, fault.known);
    return errors.TemplateUnknownName({ template, device, expression, path, ...(close === undefined ? {} : { nearest: close }) }, { at });
  }
  if (fault.kind === 'BadValue') {
    return errors.TemplateBadValue({ template, device, expression, says, ...(path === '' ? {} : { path }) }, { at });
  }
  if (fault.kind === 'TooLarge') return errors.OutputTooLarge({ what: `template ${template}`, device, limit: limits.outputLength }, { at });
  return errors.TemplateFailed({ template, device, says: plainReason(says) }, { at });
}

/** nunjucks puts the template, a guess at the line and the class of the error in front. We have the place already. */
function plainReason(says: string): string {
  const text = says
    .replace(/^\([^)]*\)\s*(\[Line[^\]]*\])?\s*/, '')
    .replace(/^[A-Za-z]*Error: /, '')
    .trim();
  return text.startsWith('Maximum call stack') ? 'calls itself too deeply' : text;
}
