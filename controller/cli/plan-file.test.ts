import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Effect } from '../api/index.ts';
import { effectDigestOf } from '../change/index.ts';
import { PlumblineError } from '../lib/index.ts';
import { readPlanFile } from './plan-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'plumbline-plan-'));
const path = join(folder, 'plan.json');
afterAll(() => rmSync(folder, { recursive: true }));

const effect: Effect = {
  device: 'a',
  platform: 'frr',
  commands: [{ path: ['router bgp 64496'], text: 'neighbor 192.0.2.1 description x' }],
  rollback: [{ path: ['router bgp 64496'], text: 'no neighbor 192.0.2.1 description' }],
  secretVersions: {},
  resets: [],
  gaps: [],
  deferred: [],
  risk: 'low',
  riskReasons: [],
};
const planWith = (changed: Partial<Effect>) => ({
  id: 'plan-1',
  createdAt: '',
  revision: 'main@sha1:0',
  sets: [['a']],
  devices: [{ effectDigest: effectDigestOf(effect), effect: { ...effect, ...changed } }],
});
const plan = planWith({});

function read(text: string): unknown {
  writeFileSync(path, text);
  try {
    return readPlanFile(path);
  } catch (error) {
    return error;
  }
}

describe('a plan file', () => {
  it.each([
    { name: 'as --out writes it', text: JSON.stringify(plan, null, 2) },
    { name: 'as -o json prints it, with its problems', text: JSON.stringify({ plan, problems: [] }) },
  ])('is read $name', ({ text }) => expect(read(text)).toEqual(plan));

  it.each([
    { name: 'an unquoted word', text: '{\n  "id": oops\n}', at: { line: 2, col: 9 } },
    { name: 'a comma too many', text: '{\n  "id": 1,\n}', at: { line: 3, col: 1 } },
    { name: 'an end too early', text: '{"id": [', at: { line: 1, col: 9 } },
    { name: 'nothing at all', text: '', at: { line: 1, col: 1 } },
    { name: 'YAML', text: 'id: plan-1\n', at: { line: 1, col: 1 } },
    { name: 'another kind of JSON', text: '{"devices": 4}', at: { line: 1, col: 1 } },
  ])('with $name is refused at the place', ({ text, at }) => {
    expect(read(text)).toMatchObject({ code: 'PlanUnreadable', at: { file: path, ...at } });
  });

  it.each<{ name: string; changed: Partial<Effect> }>([
    { name: 'a command', changed: { commands: [{ path: [], text: 'no router bgp 64496' }] } },
    { name: 'the way back', changed: { rollback: [] } },
    { name: 'the risk', changed: { risk: 'high' } },
    { name: 'the device', changed: { device: 'b' } },
  ])('in which somebody changed $name is refused, though its digest is a good one', ({ changed }) => {
    expect(read(JSON.stringify(planWith(changed)))).toMatchObject({ code: 'PlanUnreadable', message: expect.stringContaining('edited') });
  });

  it('is a plan or an error of the catalogue, whatever it holds', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((text) => text.slice(1)),
      fc.json().map((text) => `{"devices": [${text}]}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const outcome = read(text);
        expect(outcome instanceof PlumblineError ? outcome.code : Array.isArray((outcome as typeof plan).devices)).toSatisfy(
          (is) => is === true || is === 'PlanUnreadable',
        );
      }),
    );
  });
});
