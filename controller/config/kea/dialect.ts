import type { Dialect, Row } from '../dialect.ts';
import { keaVersions } from './defaults.ts';
import { type Root, structuredFor } from './read.ts';
import { secretKeys } from './secrets.ts';

/** Whatever has no row of its own: a block, or a key and its value in JSON's words. */
const generic: readonly Row[] = [
  { match: secretKeys.map((key) => `${key} <value*>`), secret: 'value' },
  { match: '- {id*}', opens: 'any' },
  { match: '{key}', opens: 'any', emptyIsAbsent: true },
  { match: '{key} <first> <more*>' },
];

const options: readonly Row[] = [
  {
    match: [
      'option {space} {code} <rest*>',
      'option {space} {code} again {nth} <rest*>',
      'option {space} {code} for {classes} <rest*>',
      'option {space} {code} for {classes} again {nth} <rest*>',
    ],
    opens: 'any',
  },
];

const definitions: readonly Row[] = [
  { match: ['option-def {space} {code} <rest*>', 'option-def {space} {code} again {nth} <rest*>'], opens: 'any', order: 10 },
];

const reservations: readonly Row[] = [
  {
    match: ['reservation {type} {id} <rest*>', 'reservation {type} {id} again {nth} <rest*>'],
    opens: 'reservation',
  },
];

/** A thing of its own, by name: everything inside is Git's where Git has it. */
function named(word: string, opens: string, more: Partial<Row> = {}): Row {
  return { match: [`${word} {name}`, `${word} {name} again {nth}`], opens, object: `${word} {name}`, ...more };
}

const order: Row = { match: 'order <names>', woven: true };

const server: readonly Row[] = [
  named('subnet', 'subnet'),
  named('shared-network', 'network', { order: 20 }),
  { match: 'client-classes', opens: 'classes', emptyIsAbsent: true, order: 15 },
  { match: 'hooks-libraries', opens: 'hooks', emptyIsAbsent: true, order: 12 },
  named('logger', 'logger'),
  named('control-socket', 'any', { order: 5 }),
  named('hosts-database', 'any', { order: 5 }),
  ...options,
  ...definitions,
  ...reservations,
];

const pools: readonly Row[] = [
  { match: ['pool {first} <range*>', 'pool {first} again {nth} <range*>'], opens: 'pool' },
  { match: ['pd-pool {prefix} <rest*>', 'pd-pool {prefix} again {nth} <rest*>'], opens: 'pool' },
];

/**
 * ISC Kea: its JSON as lines of our own, close to its keys. A scalar is `KEY VALUE`, a map is a block; what has an identity is named by it (`subnet 10`,
 * `reservation hw-address … ip-address …`, `option dhcp4 6 domain-name-servers …`), wherever in the JSON it stands; what no row knows keeps JSON's
 * words. What a server does anyway, and prints everywhere, has no line: see `defaults.ts`.
 */
function kea(platform: string, roots: readonly Root[]): Dialect {
  return {
    platform,
    syntax: 'indent',
    structured: structuredFor(roots),
    negation: ['no'],
    comments: [],
    exits: [],
    exit: '',
    removal: 'key',
    negated: 'deletes',
    versions: keaVersions,
    sections: mapRows({
      root: [{ match: ['Dhcp4', 'Dhcp6'], opens: 'server', remove: null }],
      server,
      network: [{ match: 'relay <addresses*>' }, ...options],
      subnet: [{ match: 'relay <addresses*>' }, ...options, ...pools, ...reservations],
      pool: options,
      reservation: options,
      classes: [order, named('client-class', 'class')],
      class: [...options, ...definitions],
      hooks: [order, { match: ['hook {name} <path*>', 'hook {name} again {nth} <path*>'], opens: 'any', object: 'hook {name}' }],
      logger: [{ match: ['output {name}', 'output {name} again {nth}'], opens: 'any' }],
      any: [],
    }),
    everywhere: generic.map(share),
  };
}

/** Whatever our kinds do not say of a subnet, a raw section may: only one value said twice is a mistake. */
function share(row: Row): Row {
  return { ...row, shared: true };
}

function mapRows(sections: Readonly<Record<string, readonly Row[]>>): Dialect['sections'] {
  return Object.fromEntries(Object.entries(sections).map(([name, rows]) => [name, rows.map(share)]));
}

export const keaDhcp4: Dialect = kea('kea-dhcp4', ['Dhcp4']);
export const keaDhcp6: Dialect = kea('kea-dhcp6', ['Dhcp6']);
export const keaBoth: Dialect = kea('kea', ['Dhcp4', 'Dhcp6']);
