/** The health script for Argo CD in docs/operator.md, run as Argo CD does: `obj` in, a table of status and message out. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type FleetStatus, setConditions } from '../../controller/api/index.ts';

const isMissing = spawnSync('lua5.4', ['-v']).error !== undefined;
if (isMissing) process.stderr.write('skipped, no lua5.4: the health script for Argo CD\n');

const page = readFileSync(join(import.meta.dirname, '../../docs/operator.md'), 'utf8');
const script = scriptOf(page);

/** What an administrator pastes into argocd-cm: the script of the only block that has one. */
function scriptOf(text: string): string {
  const [, block = ''] = /```yaml\n(data:\n {2}resource\.customizations: [^]*?)```/.exec(text) ?? [];
  const { data } = parse(block) as { data: { 'resource.customizations': string } };
  const kinds = parse(data['resource.customizations']) as Record<string, { 'health.lua': string }>;
  return kinds['plumbline.dev/*']?.['health.lua'] ?? '';
}

/** A value as Lua writes it. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(literal).join(', ')}}`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, each]) => `[${literal(key)}] = ${literal(each)}`)
      .join(', ')}}`;
  return typeof value === 'string'
    ? `"${value.replace(/[^\w ]/g, (sign) => `\\${String(sign.charCodeAt(0)).padStart(3, '0')}`)}"`
    : value === undefined
      ? 'nil'
      : JSON.stringify(value);
}

function healthOf(status: unknown, generation = 1): string {
  const object = { kind: 'Device', metadata: { name: 'edge1', generation }, ...(status === undefined ? {} : { status }) };
  const program = `obj = ${literal(object)}\nlocal health = (function()\n${script}\nend)()\nprint(health.status .. "|" .. health.message)`;
  return execFileSync('lua5.4', ['-'], { input: program, encoding: 'utf8' }).trim();
}

type State = 'True' | 'False' | 'Unknown';

function statusOf(status: State, reason: string, observedGeneration = 1): Partial<FleetStatus> {
  const at = new Date('2026-11-21T12:00:00.000Z');
  const beside = { type: 'MirrorsPublished', status: 'False', reason: 'NotMirrored', message: 'not of Ready' } as const;
  const ready = { type: 'Ready', status, reason, message: `said "so"\nof ${reason}` };
  return { observedGeneration, conditions: setConditions([], [beside, ready], { at, generation: observedGeneration }) };
}

describe.skipIf(isMissing)('the health script for Argo CD', () => {
  it.each<[State, string, string]>([
    ['True', 'InSync', 'Healthy'],
    ['True', 'InForce', 'Healthy'],
    ['True', 'Established', 'Healthy'],
    ['False', 'Drifted', 'Degraded'],
    ['False', 'Diverged', 'Degraded'],
    ['False', 'Behind', 'Degraded'],
    ['False', 'Invalid', 'Degraded'],
    ['False', 'ApprovalRequired', 'Degraded'],
    ['False', 'Held', 'Suspended'],
    ['Unknown', 'Suspended', 'Suspended'],
    ['False', 'Suspended', 'Suspended'],
    ['Unknown', 'Unreachable', 'Progressing'],
    ['Unknown', 'Stale', 'Progressing'],
  ])('with Ready %s for %s says %s, %s', (status, reason, health) => {
    expect(healthOf(statusOf(status, reason))).toBe(`${health}|${reason}: said "so"\nof ${reason}`);
  });

  it.each<[string, unknown, number]>([
    ['nothing was said yet', undefined, 1],
    ['there are no conditions', {}, 1],
    ['there is no Ready', { conditions: [] }, 1],
    ['what was said is of an older spec', statusOf('True', 'InSync', 1), 2],
  ])('while %s it waits', (_, status, generation) => {
    expect(healthOf(status, generation)).toBe('Progressing|not looked at yet');
  });

  it('says the same of a status that tells no generation', () => {
    const { conditions } = statusOf('True', 'InSync');
    expect(healthOf({ conditions }, 7)).toMatch(/^Healthy\|InSync: /);
  });
});
