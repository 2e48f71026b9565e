import { defineErrors } from '../lib/index.ts';

/** What goes wrong between the parts: which device, with which account, from which revision. */
export const errors = defineErrors({
  UnknownDevice: {
    message: (f: { name: string; near?: string | undefined; known: string }) => `no Device is named "${f.name}"`,
    next: (f: { near?: string | undefined; known: string }) => (f.near ? `Did you mean ${f.near}?` : `Write one of ${f.known}.`),
  },
  /** A device that is Planned may say nothing of how it is reached. */
  ManagementMissing: {
    message: (f: { device: string }) => `${f.device}: Git does not say how the device is reached`,
    next: 'Write management with address and hostKeys.',
  },
  /** What a version prints, and takes, is known only where it was tried. */
  UntestedVersion: {
    message: (f: { device: string; platform: string; version: string }) =>
      `${f.device}: it runs ${f.platform} ${f.version}, on which nothing was tried: the device is reported on, and not changed`,
    next: (f: { tested: string }) =>
      `Tried are ${f.tested}. What is reported may be no more than how another version prints the same; look at each line before you believe it.`,
  },
  NothingSelected: {
    message: (f: { selector: string; among: string }) => `${f.among} carries the labels ${f.selector}`,
    next: 'Write label=value, several with commas: -l site=fra,role=edge',
  },
  NothingDesired: {
    message: (f: { what: string }) => `the desired state holds ${f.what}`,
    next: 'Name its folder with --source: YAML files (.yaml, .yml) in it and below count, hidden files and folders do not.',
  },
  TemplateReplacesNothing: {
    message: (f: { object: string; name: string; near?: string | undefined }) =>
      `${f.object}: no built-in template is called ${f.name}, so nothing is replaced`,
    next: (f: { near?: string | undefined; known: string }) =>
      f.near ? `Write ${f.near}, if that is what you mean.` : `Write one of ${f.known}.`,
  },
  UnusedTemplate: {
    severity: 'warning',
    message: (f: { near?: string | undefined }) =>
      `no section and no other template names this template, and no built-in one has its name${f.near ? `, did you mean ${f.near}?` : ''}`,
    next: 'Rename it after the built-in template that it replaces, name it where it was meant to be used, or remove it.',
  },
  SelectorUnreadable: {
    message: (f: { selector: string }) => `"${f.selector}" does not select by label`,
    next: 'Write label=value, several with commas: -l site=fra,role=edge',
  },
  CredentialsMissing: {
    message: (f: { device: string; purpose: string; why: string }) => `${f.device}: no account for ${f.purpose}: ${f.why}`,
    next: (f: { next: string }) => f.next,
  },
  CredentialsIncomplete: {
    message: (f: { device: string; secret: string }) => `${f.device}: secret ${f.secret} holds neither privateKey nor password`,
    next: 'Store one of the keys privateKey (preferred) and password beside username.',
  },
  ApiCredentialsIncomplete: {
    message: (f: { device: string; secret: string }) =>
      `${f.device}: secret ${f.secret} holds neither username and password nor tls.crt and tls.key`,
    next: 'Store an account of the API (username, password), a client certificate (tls.crt, tls.key), or both.',
  },
  PeerUnknown: {
    retry: 'afterRead',
    message: (f: { device: string; peer: string; neighbor: string; reason: string }) =>
      `${f.device}: the plan resets its session with ${f.peer} (${f.neighbor}), and ${f.peer} is Unknown: ${f.reason}`,
    next: 'Both ends may have to change together, so nothing is written until both can be read.',
  },
  NoDeadMan: {
    message: (f: { device: string }) => `${f.device}: nothing on it takes an unconfirmed change back by itself, and no policy accepts that`,
    next: 'Write hostKeys beside api, so that a guard runs there over SSH; or withoutDeadMan: Accept in a ReconcilePolicy that selects it.',
  },
  PartnerUnknown: {
    retry: 'afterRead',
    message: (f: { device: string; partner: string; reason: string }) =>
      `${f.device}: its partner ${f.partner}, which stands in for it, is Unknown: ${f.reason}`,
    next: 'Nothing is written to a server that nobody can stand in for. Bring the partner back first.',
  },
  ChangeUnfinished: {
    retry: 'afterRead',
    message: (f: { device: string; token: string; state: string; holder: string }) =>
      `${f.device}: change ${f.token} by ${f.holder} is not finished there: ${f.state}`,
    next: (f: { device: string }) =>
      `Wait until it ended. When the process that began it is gone, plumb apply ${f.device} finishes or undoes what it left.`,
  },
});
