import { defineErrors } from '../lib/index.ts';

/** What can be wrong with the operator's own objects. */
export const errors = defineErrors({
  FleetEmpty: {
    retry: 'backoff',
    message: (f: { revision: string; watched: number }) =>
      `${f.revision} holds no Device at all, and ${f.watched} are watched: an empty repository removes nothing`,
    next: 'Look at spec.path of the Fleet and at the repository',
  },
  FleetRefused: {
    message: (f: { fleet: string; first: string }) => `${f.fleet} is the second Fleet of the namespace; ${f.first} is in charge`,
    next: 'Delete one of them, or give it a namespace of its own',
  },
  FleetInvalid: {
    message: (f: { fleet: string; what: string }) => `Fleet ${f.fleet} cannot be used: ${f.what}`,
    next: 'Correct the spec of the Fleet',
  },
  SourceFailed: {
    retry: 'backoff',
    message: (f: { fleet: string; why: string }) => `The source of ${f.fleet} cannot be read: ${f.why}`,
    next: 'It is tried again at the next interval',
  },
  LoginsStopped: {
    retry: 'backoff',
    message: (f: { device: string; count: number }) =>
      `${f.device} was not asked: ${f.count} devices in a row refused the login, and more trials may lock the account`,
    next: 'Check the observe account; one device is tried every minute, and all go on when it is let in',
  },
  /** Of devices whose objects the store refuses: they cannot tell it themselves. */
  NotPublished: {
    retry: 'backoff',
    message: (f: { names: readonly string[]; why: string }) =>
      `${f.names.length} ${f.names.length === 1 ? 'device' : 'devices'} (${f.names.slice(0, 5).join(', ')}${f.names.length > 5 ? ', …' : ''}) cannot be published: ${f.why.slice(0, 2000)}`,
    next: 'Nothing that is shown of them is of now. Correct what is refused; it is tried again every minute',
  },
  /** Of sessions and subnets whose objects the store refuses. Their devices are judged and published all the same. */
  NotMirrored: {
    retry: 'backoff',
    message: (f: { names: readonly string[]; why: string }) =>
      `${f.names.length} ${f.names.length === 1 ? 'object' : 'objects'} (${f.names.slice(0, 5).join(', ')}${f.names.length > 5 ? ', …' : ''}) cannot be published: ${f.why.slice(0, 2000)}`,
    next: 'What is shown of them is old, or nothing; their devices are judged all the same. Correct what is refused; it is tried again every minute',
  },
  NetBoxFailed: {
    retry: 'backoff',
    message: (f: { fleet: string; why: string }) => `The NetBox of ${f.fleet} cannot be read: ${f.why}`,
    next: 'What it last said stands; it is tried again at the next interval',
  },
  NetBoxPartly: {
    message: (f: { url: string; lists: string }) =>
      `NetBox at ${f.url}: the token may not view ${f.lists}; what only that tells is Unknown`,
    next: 'Give the user of the token the right to view it, without constraints. All else is compared',
  },
  NetBoxUnwritten: {
    message: (f: { fleet: string; count: number; first: string }) =>
      `${f.count} ${f.count === 1 ? 'object' : 'objects'} of the NetBox of ${f.fleet} could not be written; first: ${f.first}`,
    next: 'What NetBox refused is tried again when Git moves; plumb netbox record shows it',
  },
  NetBoxUndone: {
    message: (f: { object: string; times: number }) => `${f.object}: it was written ${f.times} times, and somebody took it back each time`,
    next: 'Find out who: the change log of the object in NetBox tells. It is written again when Git moves',
  },
  FactsRefused: {
    retry: 'backoff',
    message: (f: { revision: string; count: number; first: string }) =>
      `${f.revision} with what NetBox says has ${f.count} ${f.count === 1 ? 'error' : 'errors'}; first: ${f.first}`,
    next: 'Correct it in NetBox, or give Git the word in spec.netbox.authority',
  },
  LookFailed: {
    retry: 'backoff',
    message: (f: { device: string; why: string }) => `${f.device} could not be judged: ${f.why}`,
    next: 'It is tried again by itself; when it stays, look at the log of the operator',
  },
});
