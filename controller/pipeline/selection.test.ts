import { describe, expect, it } from 'vitest';
import type { CheckedState } from '../api/index.ts';
import { selectDevices } from './selection.ts';

const device = (name: string, labels: Record<string, string>) => [name, { metadata: { name, labels } }] as const;
const state = {
  objects: {
    Device: new Map([
      device('edge1-fra', { site: 'fra', role: 'edge' }),
      device('core1-fra', { site: 'fra', role: 'core' }),
      device('edge1-lon', { site: 'lon', role: 'edge', 'example.net/tier': '' }),
    ]),
  },
} as unknown as CheckedState;

describe('selectDevices', () => {
  it.each<{ name: string; names: string[]; selector?: string; devices: string[] }>([
    { name: 'takes all when nothing is said', names: [], devices: ['core1-fra', 'edge1-fra', 'edge1-lon'] },
    { name: 'takes names, sorted and once', names: ['edge1-lon', 'core1-fra', 'edge1-lon'], devices: ['core1-fra', 'edge1-lon'] },
    { name: 'takes labels', names: [], selector: 'role=edge', devices: ['edge1-fra', 'edge1-lon'] },
    { name: 'takes several labels, with blanks and ==', names: [], selector: 'role==edge , site = fra', devices: ['edge1-fra'] },
    { name: 'takes of the names those with the label', names: ['edge1-fra', 'core1-fra'], selector: 'role=core', devices: ['core1-fra'] },
    { name: 'takes a label with a prefix and no value', names: [], selector: 'example.net/tier=', devices: ['edge1-lon'] },
  ])('$name', ({ names, selector, devices }) => {
    expect(selectDevices(state, { names, selector })).toEqual({ devices, problems: [] });
  });

  it.each<{ name: string; names: string[]; selector?: string; codes: string[]; says: string }>([
    {
      name: 'every wrong name at once',
      names: ['edge1-fraa', 'nosuch', 'edge1-lon'],
      codes: ['UnknownDevice', 'UnknownDevice'],
      says: 'Did you mean edge1-fra?',
    },
    {
      name: 'a name that is like no other',
      names: ['router7'],
      codes: ['UnknownDevice'],
      says: 'Write one of core1-fra, edge1-fra, edge1-lon.',
    },
    {
      name: 'labels that those named do not carry',
      names: ['edge1-fra', 'core1-fra'],
      selector: 'site=lon',
      codes: ['NothingSelected'],
      says: 'none of edge1-fra, core1-fra carries the labels site=lon',
    },
    { name: 'labels that nobody carries', names: [], selector: 'site=paris', codes: ['NothingSelected'], says: 'site=paris' },
    { name: 'a selector without a value', names: [], selector: 'site', codes: ['SelectorUnreadable'], says: 'site=fra,role=edge' },
    { name: 'an empty selector', names: [], selector: '', codes: ['SelectorUnreadable'], says: 'site=fra,role=edge' },
    { name: 'a set-based selector', names: [], selector: 'site in (fra)', codes: ['SelectorUnreadable'], says: 'site=fra,role=edge' },
  ])('answers $name', ({ names, selector, codes, says }) => {
    const { problems } = selectDevices(state, { names, selector });
    expect(problems.map(({ code }) => code)).toEqual(codes);
    expect(problems.map(({ message, next }) => `${message} ${next}`).join('\n')).toContain(says);
  });

  it('answers a desired state without a device, whatever was asked for', () => {
    const empty = { objects: { Device: new Map() } } as unknown as CheckedState;
    for (const selection of [{ names: [] }, { names: ['edge1-fra'] }, { names: [], selector: 'site=fra' }])
      expect(selectDevices(empty, selection)).toMatchObject({ devices: [], problems: [{ code: 'NothingDesired' }] });
  });
});
