import { defineErrors } from '../lib/index.ts';

/** Mistakes in templates and raw sections, and what a hostile one ran into. */
export const errors = defineErrors({
  /** A template that nunjucks, or our stricter reading of it, does not accept. */
  TemplateSyntax: {
    message: (f: { template: string; says: string; instead?: string }) => `template ${f.template}: ${f.says}`,
    next: (f: { instead?: string }) => f.instead ?? 'Correct the template; nothing was rendered from it.',
  },
  /** A template uses a name that neither the intent nor the template defines. */
  TemplateUnknownName: {
    message: (f: { template: string; device: string; expression: string; path: string; nearest?: string }) =>
      `template ${f.template} for ${f.device}: ${f.expression} is not known (intent path ${f.path})`,
    next: (f: { device: string; nearest?: string }) =>
      f.nearest === undefined
        ? `Use a name that the intent holds: plumb render ${f.device} --intent shows it. A field without a value reads as null, never as missing.`
        : `Write ${f.nearest}, if that is what you mean. A field without a value reads as null, never as missing.`,
  },
  /** A template prints or uses a value that is no text: null, a list, an object, a control character. */
  TemplateBadValue: {
    message: (f: { template: string; device: string; expression: string; says: string; path?: string }) =>
      `template ${f.template} for ${f.device}: ${f.expression} ${f.says}${f.path === undefined ? '' : ` (intent path ${f.path})`}`,
    next: 'Test the value with `if` before it is printed, or correct the field it comes from.',
  },
  /** A template stopped with an error of its own. */
  TemplateFailed: {
    message: (f: { template: string; device: string; says: string }) => `template ${f.template} for ${f.device}: ${f.says}`,
    next: 'Correct the template; other devices are not affected.',
  },
  /** Nothing is rendered with a template that has a mistake; compiling says which. */
  TemplateBroken: {
    message: (f: { template: string; device: string; broken: string }) =>
      `template ${f.template} for ${f.device}: ${f.broken === f.template ? 'has a mistake' : `needs template ${f.broken}, which has a mistake`}`,
    next: 'Correct it; other devices are not affected.',
  },
  /** A template ran longer than its deadline. The child process was ended. */
  TemplateTimedOut: {
    message: (f: { template: string; device: string; limitMs: number }) =>
      `template ${f.template} for ${f.device}: not done after ${f.limitMs} ms`,
    next: 'Look for a loop without an end or a list that grows with each step.',
  },
  /** A template that timed out for several devices is not run for more of them. */
  TemplateGivenUp: {
    message: (f: { template: string; device: string; devices: string }) =>
      `template ${f.template} for ${f.device}: not run, because it timed out for ${f.devices}`,
    next: 'Look for a loop without an end or a list that grows with each step.',
  },
  /** All templates of one device together ran longer than their deadline. */
  DeviceTimedOut: {
    message: (f: { device: string; limitMs: number; last: string }) =>
      `${f.device}: its templates took more than ${f.limitMs} ms together; what follows ${f.last} was not rendered`,
    next: 'Look for a loop without an end in the templates of its sections, or split off what is slow.',
  },
  /** Mistakes beyond those shown of one text. */
  MoreFaults: {
    message: (f: { what: string; device: string; count: number }) =>
      `${f.what} for ${f.device}: ${f.count} more problems like these are not shown`,
    next: 'Correct those above first; many have one cause.',
  },
  /** A template took the sandbox down: out of memory, or a crash of the child process. */
  TemplateCrashed: {
    message: (f: { template: string; device: string; says: string }) =>
      `template ${f.template} for ${f.device}: ended its sandbox (${f.says})`,
    next: 'Look for a list or text that grows without limit. Other devices are not affected.',
  },
  /** More text than a device's configuration may have. */
  OutputTooLarge: {
    message: (f: { what: string; device: string; limit: number }) =>
      `${f.what} for ${f.device}: more than ${f.limit} characters of configuration`,
    next: 'Render less, or raise the output limit.',
  },
  /** A raw section names a file or template that is not there. */
  SectionMissing: {
    message: (f: { section: string; device: string; what: string; nearest?: string }) =>
      `section ${f.section} of ${f.device}: no ${f.what}`,
    next: (f: { nearest?: string }) =>
      f.nearest === undefined ? 'Add it to the desired-state repository.' : `Write ${f.nearest}, if that is what you mean.`,
  },
  /** Text that only the renderer may write: an owner marker, or the token of a secret. */
  ReservedText: {
    message: (f: { what: string; device: string; found: string }) => `${f.what} for ${f.device}: holds ${f.found}`,
    next: 'Remove it: owners come from `from(object)`, secrets from a reference in a field.',
  },
  /** A character that no configuration line holds. */
  ControlCharacter: {
    message: (f: { what: string; device: string; code: string }) => `${f.what} for ${f.device}: holds the control character ${f.code}`,
    next: 'Remove the character.',
  },
  /** A line that the platform would cut or take for something else. */
  LineNotPossible: {
    message: (f: { device: string; line: string; owner: string; because: string }) =>
      `${f.device}: the line ${f.line.length > 80 ? `${f.line.slice(0, 80)}…` : f.line} of ${f.owner} cannot be configured: ${f.because}`,
    next: 'Change the text that it comes from, or split the list.',
  },
  /** No template set for the device's platform. */
  NoTemplates: {
    message: (f: { device: string; platform: string; entry: string }) => `${f.device}: no template ${f.entry} for platform ${f.platform}`,
    next: (f: { entry: string }) => `Add templates/${f.entry} to the desired-state repository, or correct the platform.`,
  },
});
