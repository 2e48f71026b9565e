import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { memorySource } from '../../../test/builders/memory-source.ts';
import { type CheckedState, type DesiredObject, kindNames } from '../../api/index.ts';
import { type PlumblineError, systemClock } from '../../lib/index.ts';
import { loadSource } from '../load.ts';
import { createManifestCache } from '../manifest-cache.ts';
import { askRules, createRuleMemory } from './ask-rules.ts';
import { errors } from './errors.ts';
import type { CheckInput } from './input.ts';
import { between, ofLoad, type Rule, within } from './rule.ts';

function device(name: string, spec: object = {}): DesiredObject<'Device'> {
  return {
    kind: 'Device',
    metadata: { name, labels: {}, annotations: {} },
    spec,
    locate: () => at,
    position: at,
  } as DesiredObject<'Device'>;
}
const at = { file: 'a.yaml', line: 1, col: 1 };
const [r1, r2, r3] = [device('r1'), device('r2'), device('r3')];

function inputOf(devices: readonly DesiredObject<'Device'>[], given: Partial<CheckInput> = {}): CheckInput {
  const none = Object.fromEntries(kindNames.map((kind) => [kind, policies])) as unknown as CheckedState['objects'];
  const objects = { ...none, Device: new Map(devices.map((each) => [each.metadata.name, each])) };
  const unread = { isEmpty: true, mayHold: () => false };
  return { objects, broken: [], unread, files: new Set(), now: new Date(), before: undefined, ...given };
}
const policies = new Map<string, never>();

/** Loads of one source, and which rules were asked about what. */
function openDesk(rulesOf: (note: (what: string) => readonly PlumblineError[]) => readonly Rule[]) {
  const memory = createRuleMemory();
  let asked: string[] = [];
  const rules = rulesOf((what) => {
    asked.push(what);
    return [];
  });
  return (devices: readonly DesiredObject<'Device'>[], given: Partial<CheckInput> = {}): string[] => {
    asked = [];
    askRules(rules, inputOf(devices, given), () => undefined, memory);
    return asked;
  };
}

test('a rule over one object is asked of those that are others than before', () => {
  const load = openDesk((note) => [within('Device', ({ metadata }) => note(metadata.name))]);
  const other = device('r2', { serial: 'S' });
  expect(load([r1, r2])).toEqual(['r1', 'r2']);
  expect(load([r1, r2])).toEqual([]);
  expect(load([r1, other])).toEqual(['r2']);
  expect(load([r1, other, r3])).toEqual(['r3']);
  expect(load([r1])).toEqual([]);
  expect(load([r1, other])).toEqual(['r2']);
});

test('a rule between objects is asked again when what it sees of them differs, or when some come or go', () => {
  const load = openDesk((note) => [
    between({ Device: ['serial'] }, () => note('serials')),
    between({ Device: [] }, () => note('names')),
    between({ Device: 'all' }, () => note('devices')),
    between({ RoutePolicy: 'all' }, () => note('policies')),
    ofLoad(() => note('load')),
  ]);
  expect(load([r1, r2])).toEqual(['serials', 'names', 'devices', 'policies', 'load']);
  expect(load([r1, r2])).toEqual(['load']);
  expect(load([r1, device('r2', { assetTag: 'T' })])).toEqual(['devices', 'load']);
  expect(load([r1, device('r2', { assetTag: 'T', serial: 'S' })])).toEqual(['serials', 'devices', 'load']);
  expect(load([r1, r2, r3])).toEqual(['serials', 'names', 'devices', 'load']);
  expect(load([r1, r2])).toEqual(['serials', 'names', 'devices', 'load']);
  expect(load([r1, r3])).toEqual(['serials', 'names', 'devices', 'load']);
});

test('what was wrong is asked again until it is right, though nothing changed', () => {
  let wrong = [errors.DuplicateIdentity({ object: 'Device/r2', what: 'its name', value: 'r2', first: 'r1', where: 'a.yaml:1:1' }, { at })];
  const load = openDesk((note) => [
    within('Device', ({ metadata: { name } }) => [...note(name), ...(name === 'r2' ? wrong : [])]),
    between({ Device: [] }, () => [...note('between'), ...wrong]),
  ]);
  expect(load([r1, r2])).toEqual(['r1', 'r2', 'between']);
  expect(load([r1, r2])).toEqual(['r2', 'between']);
  expect(load([r1, device('r2')])).toEqual(['r2', 'between']);
  wrong = [];
  expect(load([r1, r2])).toEqual(['r2', 'between']);
  expect(load([r1, r2])).toEqual([]);
});

test('while some objects are broken or cannot be read, and once after that, rules between objects are asked whatever changed', () => {
  const load = openDesk((note) => [between({ Device: [] }, () => note('between'))]);
  load([r1]);
  const broken = [{ kind: 'Device' as const, name: 'r9', rest: undefined }];
  expect(load([r1], { broken })).toEqual(['between']);
  expect(load([r1])).toEqual(['between']);
  expect(load([r1], { unread: { isEmpty: false, mayHold: () => true } })).toEqual(['between']);
  expect(load([r1])).toEqual(['between']);
  expect(load([r1])).toEqual([]);
});

test('a load that runs out of time is no load to go on from', () => {
  const memory = createRuleMemory();
  const asked: string[] = [];
  const rules = ['first', 'second'].map((name) => between({ Device: [] }, () => (asked.push(name), [])));
  let calls = 0;
  const late = () => {
    if (++calls === 2) throw new Error('too late');
  };
  expect(() => askRules(rules, inputOf([r1]), late, memory)).toThrow('too late');
  askRules(rules, inputOf([r1]), () => undefined, memory);
  expect(asked).toEqual(['first', 'first', 'second']);
});

const cases = path.join(import.meta.dirname, '../cases');
const read = (file: string): string => readFileSync(path.join(cases, file), 'utf8');

test.each(readdirSync(cases).filter((name) => name.endsWith('.yaml') && name !== 'base.yaml'))(
  '%s has the problems after a load of another network that it has by itself',
  async (name) => {
    const base = { 'base.yaml': read('base.yaml'), 'sections/a.conf': 'log stdout\n' };
    const say = ({ problems }: CheckedState) => problems.map(({ code, message, at }) => [code, message, at?.line, at?.col]);
    const cache = createManifestCache();
    const load = (files: Record<string, string>) => loadSource(memorySource(files, { ids: true }), systemClock, cache);
    const alone = say(await loadSource(memorySource({ ...base, [name]: read(name) }), systemClock));
    expect(say(await load(base))).toEqual([]);
    expect(say(await load({ ...base, [name]: read(name) }))).toEqual(alone);
    expect(say(await load(base))).toEqual([]);
  },
);
