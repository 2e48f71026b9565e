import { defineErrors } from '../lib/index.ts';

/** What stops an intent from being compiled. References and addresses are checked by `desired`; these rows keep a hole from becoming a removal. */
export const errors = defineErrors({
  /** The device is not in this revision. */
  DeviceUnknown: {
    message: (f: { device: string; nearest?: string }) => `no Device ${f.device} in this revision`,
    next: (f: { nearest?: string }) =>
      f.nearest === undefined ? 'Add a Device document for it.' : `Write ${f.nearest}, if that is what you mean.`,
  },
  /** Git and NetBox both say it, and the Fleet gives NetBox the word. */
  FactContradicted: {
    message: (f: { device: string; field: string; git: string; netbox: string }) =>
      `${f.device}: Git says ${f.field} is ${JSON.stringify(f.git)}, NetBox says ${JSON.stringify(f.netbox)}, and NetBox has the word on it`,
    next: 'Take it out of Git, or correct NetBox; or give Git the word in spec.netbox.authority of the Fleet',
  },
  /** A value that vanished may be a slip, or an object that the token may not see any more: it never becomes a removal. */
  FactVanished: {
    message: (f: { device: string; field: string; was: string }) =>
      `${f.device}: NetBox has the word on ${f.field}, said ${JSON.stringify(f.was)}, and says nothing of it any more`,
    next: 'Put it back into NetBox, or write into Git what it should be; nothing of the device is changed until then',
  },
  FactUnfit: {
    message: (f: { device: string; place: string; why: string }) =>
      `${f.device}: what NetBox says cannot be used, spec.${f.place} ${f.why}`,
    next: 'Correct it in NetBox, or give Git the word in spec.netbox.authority of the Fleet',
  },
  FactUnfed: {
    message: (f: { device: string; field: string; was: string }) =>
      `${f.device}: NetBox gave ${f.field}, ${JSON.stringify(f.was)}, and the Fleet does not let it any more`,
    next: 'Write it into Git, or put the field back into spec.netbox.authority, or the device into spec.netbox.selector, of the Fleet; nothing of the device is changed until then',
  },
  FactsUnread: {
    message: (f: { device: string }) => `${f.device}: NetBox has the word on a part of it, and was not read yet`,
    next: 'Look at the condition NetBoxRead of the Fleet; nothing of the device is changed until then',
  },
  /** An object names another one that is missing, so the intent would have a hole. */
  IntentIncomplete: {
    message: (f: { device: string; object: string; lacks: string }) => `${f.device}: ${f.object} cannot be compiled, ${f.lacks}`,
    next: 'Correct the reference: `plumb check` shows it with the names there are.',
  },
  /** A term needs one number per address family, and the next term takes the second one. */
  TermsTooClose: {
    message: (f: { device: string; policy: string; term: string; sequence: number }) =>
      `RoutePolicy ${f.policy}: term ${f.term} needs the numbers ${f.sequence} and ${f.sequence + 1} on ${f.device}, one per address family`,
    next: 'Leave a gap of at least 2 to the next sequence, or give the term match.family.',
  },
  /** A policy of layout Native has one entry for each term. */
  TermOfBothFamilies: {
    message: (f: { device: string; policy: string; term: string }) =>
      `RoutePolicy ${f.policy}: term ${f.term} matches prefixes of both IP versions, which takes two entries, and layout Native has one (on ${f.device})`,
    next: 'Give the term match.family, or write two terms with sets of one version each.',
  },
  /**
   * A term adds a community that it also deletes. FRR carries set lines out in the order in which they were configured and prints them sorted (seen on
   * 8.4.4): the same text can mean both, so no reading could tell.
   */
  AddedAndDeleted: {
    message: (f: { device: string; policy: string; term: string; community: string; set: string }) =>
      `RoutePolicy ${f.policy}: term ${f.term} adds ${f.community} and deletes CommunitySet ${f.set}, which holds it (on ${f.device})`,
    next: 'Take the community out of add or out of the set, or split the term in two with continue.',
  },
  /** A text that stands for a secret was written by hand. */
  TokenInText: {
    message: (f: { device: string; path: string }) => `${f.device}: ${f.path} holds the token of a secret`,
    next: 'Remove it. A secret is used through a reference: passwordRef with name and key.',
  },
});
