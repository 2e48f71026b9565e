import type { Dialect } from '../dialect.ts';

/** Platforms whose configuration is a set of lines behind `set`, whether they print them or braces. A change is one commit. */
const flatBase: Dialect = {
  platform: 'generic-set',
  syntax: 'set',
  negation: ['delete'],
  assertion: 'set',
  comments: ['#', '/*'],
  exits: [],
  exit: '',
  removal: 'line',
  negated: 'deletes',
  arrange: 'level',
  flat: { collapse: true, ordered: [], reorder: 'insert' },
  sections: {
    root: [
      { match: 'deactivate {path*}', bare: true, remove: 'activate {path}' },
      { match: 'activate {path*}', undoes: 'deactivate {path}' },
      { match: 'protect {path*}', bare: true, remove: 'unprotect {path}' },
      { match: 'unprotect {path*}', undoes: 'protect {path}' },
      { match: ['insert {move*}', 'edit {path*}', 'top'], undoes: '' },
      { match: 'annotate {statement*}', bare: true },
    ],
  },
  versions: [],
};

export const genericSet: Dialect = flatBase;
export const genericBraces: Dialect = { ...flatBase, platform: 'generic-braces', syntax: 'braces' };

/** Juniper Junos: terms and rules are looked at in their order. */
export const junos: Dialect = {
  ...flatBase,
  platform: 'junos',
  syntax: 'braces',
  flat: { collapse: true, ordered: ['term', 'rule', 'then community+', 'mpls path *+', 'segment-list *'], reorder: 'insert', notes: true },
};
export const junosSet: Dialect = { ...junos, platform: 'junos-set', syntax: 'set' };
export const vyos: Dialect = { ...flatBase, platform: 'vyos', syntax: 'braces' };
export const srl: Dialect = { ...flatBase, platform: 'nokia-srl', syntax: 'braces' };
export const panos: Dialect = { ...flatBase, platform: 'paloalto-panos' };
