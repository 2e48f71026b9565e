import { defineErrors } from '../lib/index.ts';

/** What goes wrong between Plumbline and a NetBox. Every failure of the client is one of these. */
export const errors = defineErrors({
  NetBoxAddress: {
    message: (f: { url: string; why: string }) => `${JSON.stringify(f.url)} is no address of a NetBox: ${f.why}`,
    next: 'Write the address that people open, without /api and without a token, for example https://netbox.example.net',
  },
  NetBoxAuthority: {
    message: (f: { host: string; why: string }) => `the authority that is named for NetBox at ${f.host} cannot be used: ${f.why}`,
    next: 'Name the certificate of the authority in PEM, with -----BEGIN CERTIFICATE-----: --netbox-ca FILE, or ca.crt in the Secret of the Fleet.',
  },
  NetBoxUnreachable: {
    retry: 'backoff',
    message: (f: { host: string; why: string }) => `NetBox at ${f.host} gives no answer: ${f.why}`,
    next: 'Nothing was changed, and nothing is taken for deleted. Look whether the address answers from this machine, and whether it begins with http or https; a private authority is named with --netbox-ca, or ca.crt in the Secret of the Fleet.',
  },
  /** What was sent before is answered for. */
  NetBoxInterrupted: {
    retry: 'backoff',
    message: (f: { host: string }) => `NetBox at ${f.host}: somebody ended the work before this was sent`,
    next: 'What was sent before was written and is said. Run the command again: it writes what is left.',
  },
  NetBoxAuthFailed: {
    retry: 'backoff',
    message: (f: { host: string; why: string }) => `NetBox at ${f.host} does not accept the token: ${f.why}`,
    next: 'Make a token in NetBox (Admin, API Tokens) and give it as PLUMB_NETBOX_TOKEN: nbt_KEY.SECRET, or 40 hex digits of an old one.',
  },
  NetBoxForbidden: {
    retry: 'backoff',
    message: (f: { host: string; what: string; why: string }) => `NetBox at ${f.host} does not allow ${f.what}: ${f.why}`,
    next: 'Give the user of the token this permission in NetBox (Admin, Permissions), without constraints.',
  },
  NetBoxLacks: {
    message: (f: { host: string; what: string }) => `NetBox at ${f.host} has no ${f.what}`,
    next: 'Look at the address, and whether the plugin or version of NetBox that brings it is installed.',
  },
  NetBoxVersion: {
    message: (f: { host: string; found: string; oldest: string }) =>
      `NetBox at ${f.host} says it is version ${f.found}, and the oldest that can be read is ${f.oldest}`,
    next: 'Update NetBox.',
  },
  /** A newer NetBox may drop a field that we write without a word: it is read, never written. */
  NetBoxTooNew: {
    message: (f: { host: string; found: string; newest: string }) =>
      `NetBox at ${f.host} is version ${f.found}; what is newer than ${f.newest} is read, not written`,
    next: 'Update Plumbline. Comparing works meanwhile.',
  },
  NetBoxUnreadable: {
    retry: 'backoff',
    message: (f: { host: string; what: string; why: string }) => `NetBox at ${f.host}: the answer to ${f.what} cannot be read: ${f.why}`,
    next: 'Nothing of this answer is used. Look whether a proxy answers in its place; otherwise send us this message.',
  },
  /** A list that came back short, or changed under reading: taken for whole it would make objects look deleted. */
  NetBoxIncomplete: {
    retry: 'backoff',
    message: (f: { host: string; what: string; why: string }) => `NetBox at ${f.host}: the list of ${f.what} is not whole: ${f.why}`,
    next: 'Nothing of this list is used. Give the token the right to view it without constraints; where it has that, run it again when nobody imports into NetBox.',
  },
  /** NetBox ignores a filter that it does not know and gives everything. */
  NetBoxFilterIgnored: {
    message: (f: { host: string; what: string; filter: string; row: string }) =>
      `NetBox at ${f.host}: the list of ${f.what} was asked for with ${f.filter}, and ${f.row} came with it`,
    next: 'Nothing of this list is used. This version of NetBox does not know the filter: send us this message.',
  },
  NetBoxRejected: {
    message: (f: { host: string; what: string; why: string }) => `NetBox at ${f.host} refuses ${f.what}: ${f.why}`,
    next: 'Nothing of it was written. Mend what NetBox names, in Git or in NetBox, and run it again.',
  },
  NetBoxChanged: {
    retry: 'afterRead',
    message: (f: { host: string; what: string }) => `NetBox at ${f.host}: somebody changed ${f.what} since it was read`,
    next: 'It was not written. Run it again: it is compared with what it says now.',
  },
  NetBoxInUse: {
    message: (f: { host: string; what: string; why: string }) => `NetBox at ${f.host} keeps ${f.what}: ${f.why}`,
    next: 'It was not deleted. Remove what still uses it in NetBox first.',
  },
  /** Answered with success, and the value is not what was sent: a field that this version does not have, or a rule of NetBox. */
  NetBoxNotApplied: {
    message: (f: { host: string; what: string; field: string; sent: string; found: string }) =>
      `NetBox at ${f.host}: ${f.what} was written and its ${f.field} is ${f.found}, not ${f.sent}`,
    next: 'Look at the change log of the object in NetBox; a custom validator or script may have set it.',
  },
  /** The connection ended after a write was sent. It is not sent again: what became of it is read. */
  NetBoxOutcomeUnknown: {
    retry: 'afterRead',
    message: (f: { host: string; what: string; why: string }) => `NetBox at ${f.host}: nobody knows whether ${f.what} was done: ${f.why}`,
    next: 'Run it again: it reads NetBox first and writes only what still differs.',
  },
  NetBoxBudget: {
    message: (f: { host: string; requests: number }) => `NetBox at ${f.host} was asked ${f.requests} times, which is the limit for one run`,
    next: 'Nothing of this run is used. Look why so many answers are needed: a small MAX_PAGE_SIZE in NetBox is the usual reason.',
  },
});
