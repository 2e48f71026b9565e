import { type Arbitrary, array, boolean, constant, constantFrom, integer, option, record, string, uniqueArray } from 'fast-check';
import type { JsonMap, JsonValue } from '../../../controller/config/index.ts';

/** Configurations that a server takes, in the many forms in which people write the same. */
export function configOf(family: 4 | 6): Arbitrary<JsonMap> {
  const network = (at: number): Arbitrary<JsonMap> => subnetOf(family, at);
  return record({
    lifetimes,
    flags: maybe(flagsOf(family)),
    classes,
    definitions: definitionsOf(family),
    options: optionsOf(family),
    subnets: uniqueArray(integer({ min: 1, max: 6 }), { maxLength: 5 }).chain((places) => tupleOf(places.map(network))),
    shared: uniqueArray(integer({ min: 11, max: 14 }), { maxLength: 3 }).chain((places) => tupleOf(places.map(network))),
    networkSettings: settings(family),
    reservations: reservationsOf(family, 99),
    numbered: boolean(),
  }).map(({ lifetimes: global, flags, classes: named, definitions, options, subnets, shared, networkSettings, reservations }) =>
    clean({
      ...global,
      ...flags,
      'client-classes': named,
      'option-def': definitions,
      'option-data': options,
      [`subnet${family}`]: subnets,
      'shared-networks': shared.length === 0 ? [] : [{ name: 'floor one', ...networkSettings, [`subnet${family}`]: shared }],
      reservations: reservations.map(({ 'ip-address': _four, 'ip-addresses': _six, ...rest }) => ({ hostname: 'global', ...rest })),
    }),
  );
}

/** Without keys that say nothing, as people write. */
function clean(map: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null && value !== undefined));
}

function tupleOf(all: readonly Arbitrary<JsonMap>[]): Arbitrary<JsonMap[]> {
  return all.reduce<Arbitrary<JsonMap[]>>((sum, each) => sum.chain((list) => each.map((map) => [...list, map])), constant([]));
}

function maybe(map: Arbitrary<JsonMap>): Arbitrary<JsonMap> {
  return option(map, { nil: {} });
}

const lifetimes: Arbitrary<JsonMap> = maybe(
  record({
    valid: integer({ min: 600, max: 9000 }),
    low: option(integer({ min: 1, max: 600 })),
    high: option(integer({ min: 9000, max: 10_000 })),
  }).map(({ valid, low, high }) => clean({ 'valid-lifetime': valid, 'min-valid-lifetime': low, 'max-valid-lifetime': high })),
);

function flagsOf(family: 4 | 6): Arbitrary<JsonMap> {
  const some: Record<string, Arbitrary<JsonValue>> = {
    'ddns-send-updates': boolean(),
    'ddns-qualifying-suffix': constantFrom('', 'example.net'),
    'ddns-use-conflict-resolution': boolean(),
    'reservation-mode': constantFrom('all', 'out-of-pool', 'global', 'disabled'),
    'calculate-tee-times': boolean(),
    't1-percent': constantFrom(0.4, 0.5),
    'store-extended-info': boolean(),
    'decline-probation-period': constantFrom(86_400, 100),
    'user-context': constantFrom<JsonValue>({}, { site: 'a  b', list: [{ name: 'x', v: [] }] }),
    'expired-leases-processing': constantFrom<JsonValue>({ 'max-reclaim-leases': 0 }, {}),
    ...(family === 4 && {
      'next-server': constantFrom('0.0.0.0', '192.0.2.3'),
      authoritative: boolean(),
      'boot-file-name': constantFrom('', 'boot.efi'),
    }),
  };
  return record(some, { requiredKeys: [] }).map((map) => clean(map as JsonMap));
}

function settings(family: 4 | 6): Arbitrary<JsonMap> {
  const own: Record<string, Arbitrary<JsonValue>> = {
    'valid-lifetime': integer({ min: 600, max: 9000 }),
    'renew-timer': integer({ min: 10, max: 200 }),
    't2-percent': constantFrom(0.7, 0.8, 0.875),
    'reservations-out-of-pool': boolean(),
    'ddns-qualifying-suffix': constantFrom('', 'example.net', 'example.org'),
    'client-class': constantFrom('', 'first', 'second'),
    'require-client-classes': constantFrom<JsonValue>([], ['second']),
    relay: constantFrom<JsonValue>({ 'ip-addresses': [family === 4 ? '198.51.100.1' : '2001:DB8:F::1'] }, { 'ip-addresses': [] }),
    ...(family === 4
      ? { 'next-server': constantFrom('0.0.0.0', '192.0.2.3'), 'match-client-id': boolean() }
      : { 'preferred-lifetime': constantFrom(500, 600) }),
  };
  return record(own, { requiredKeys: [] }).map((map) => clean(map as JsonMap));
}

function subnetOf(family: 4 | 6, place: number): Arbitrary<JsonMap> {
  const net = family === 4 ? `10.${place}` : `2001:db8:${place.toString(16)}`;
  return record({
    settings: settings(family),
    options: optionsOf(family),
    pools: poolsOf(family, net),
    delegated: boolean(),
    reservations: reservationsOf(family, place),
    comment: option(constantFrom('second floor', 'a  b')),
  }).map(({ settings: own, options, pools, delegated, reservations, comment }) =>
    clean({
      id: place,
      subnet: family === 4 ? `${net}.0.0/16` : `${net}::/48`,
      ...own,
      'option-data': options,
      pools,
      reservations,
      'user-context': comment === null ? null : { comment },
      ...(family === 6 &&
        delegated && { 'pd-pools': [{ prefix: `2001:DB8:${(place + 0x100).toString(16)}::`, 'prefix-len': 48, 'delegated-len': 56 }] }),
    }),
  );
}

function poolsOf(family: 4 | 6, net: string): Arbitrary<JsonMap[]> {
  const ranges =
    family === 4 ? [`${net}.1.0/28`, `${net}.2.5 - ${net}.2.50`, `${net}.3.1-${net}.3.9`] : [`${net}:1::/80`, `${net}:2::1 - ${net}:2::FF`];
  return uniqueArray(constantFrom(...ranges), { maxLength: 3 }).chain((chosen) =>
    tupleOf(
      chosen.map((pool) =>
        record({ limit: option(constantFrom('first', 'second')), options: optionsOf(family) }).map(({ limit, options }) =>
          clean({ pool, 'client-class': limit, 'option-data': options }),
        ),
      ),
    ),
  );
}

function reservationsOf(family: 4 | 6, place: number): Arbitrary<JsonMap[]> {
  const mac = (n: number): string => `02:00:00:00:${place.toString(16).padStart(2, '0')}:${n.toString(16).padStart(2, '0')}`;
  const written = (n: number): readonly JsonMap[] => [
    { 'hw-address': mac(n) },
    { 'hw-address': mac(n).toUpperCase() },
    { duid: `00:01:${place.toString(16).padStart(2, '0')}:${n.toString(16).padStart(2, '0')}` },
    ...(family === 4 ? [{ 'client-id': `01${mac(n).replaceAll(':', '')}` }] : []),
  ];
  const one = (n: number): Arbitrary<JsonMap> =>
    record({
      who: constantFrom(...written(n)),
      name: option(constantFrom('host', 'Printer-1')),
      classes: constantFrom<string[]>([], ['first'], ['first', 'second']),
      options: optionsOf(family),
    }).map(({ who, name, classes: own, options }) =>
      clean({
        ...who,
        ...(family === 4 ? { 'ip-address': `10.${place}.200.${n}` } : { 'ip-addresses': [`2001:DB8:${place.toString(16)}:0:0::${n}`] }),
        hostname: name,
        'client-classes': own.length === 0 ? null : own,
        'option-data': options.length === 0 ? null : options,
      }),
    );
  return uniqueArray(integer({ min: 1, max: 40 }), { maxLength: 4 }).chain((all) => tupleOf(all.map(one)));
}

const classes: Arbitrary<JsonMap[]> = uniqueArray(constantFrom('third', 'two words', 'fourth'), { maxLength: 3 }).map((more) => [
  { name: 'first', test: "member('ALL')" },
  ...more.map((name): JsonMap => ({ name, 'only-if-required': name === 'third', 'user-context': { note: name } })),
  { name: 'second', test: "member('first')", 'valid-lifetime': 700 },
]);

function definitionsOf(family: 4 | 6): Arbitrary<JsonMap[]> {
  const code = family === 4 ? 222 : 2222;
  return constantFrom<JsonMap[]>([], [{ name: 'mine', code, type: 'record', 'record-types': 'uint8, boolean, string' }]);
}

/** Options in one place: each code at most once. */
function optionsOf(family: 4 | 6): Arbitrary<JsonMap[]> {
  const four: readonly (readonly JsonMap[])[] = [
    [
      { code: 6, data: '192.0.2.1, 192.0.2.2' },
      { name: 'domain-name-servers', data: '192.0.2.1' },
      { code: 6, 'csv-format': false, data: 'C0000202' },
    ],
    [
      { code: 15, data: 'example.net' },
      { name: 'domain-name', data: 'two  spaces', 'always-send': true },
    ],
    [{ code: 119, data: 'a.example, b.example.' }],
    [
      { code: 26, data: '0x5dc' },
      { name: 'interface-mtu', data: '1500' },
    ],
    [
      { code: 19, data: '1' },
      { code: 19, data: 'false' },
    ],
    [{ code: 234, 'csv-format': false, data: '0A0b' }],
  ];
  const six: readonly (readonly JsonMap[])[] = [
    [
      { code: 23, data: '2001:DB8::1, 2001:db8::2' },
      { name: 'dns-servers', data: '2001:db8:0:0::3' },
    ],
    [{ code: 24, data: 'a.example,b.example' }],
    [
      { code: 7, data: '240' },
      { code: 7, 'csv-format': false, data: 'F0' },
    ],
    [{ code: 59, data: 'http://[2001:db8::1]/boot' }],
  ];
  const codes = family === 4 ? four : six;
  return uniqueArray(integer({ min: 0, max: codes.length - 1 }), { maxLength: 3 }).chain((chosen) =>
    tupleOf(chosen.map((at) => constantFrom(...(codes[at] ?? []).map((map) => ({ ...map }))))),
  );
}

/** Something of everything that JSON can hold, to be kept as it is. */
export const anyContext: Arbitrary<JsonMap> = array(string({ maxLength: 6 }), { maxLength: 3 }).map((keys) =>
  Object.fromEntries(keys.map((key, at) => [key, at % 2 === 0 ? key : { [key]: [at, { [key]: null }] }])),
);
