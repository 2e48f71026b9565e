/** A revision is put in force as far as something changed: whatever changed, the outcome is that of a process that sees all for the first time. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeDesiredState } from '../../../test/simulator/desired-state.ts';
import type { ReconcileMode } from '../../api/index.ts';
import { createManifestCache, loadDesired } from '../../desired/index.ts';
import { Secret, systemClock } from '../../lib/index.ts';
import { openSecrets } from '../../store/index.ts';
import type { FedState } from '../netbox/feed-state.ts';
import { type DesiredDevice, type DesiredFleet, enforceRevision } from './desired-fleet.ts';

const folder = mkdtempSync(join(tmpdir(), 'plumbline-again-'));
const cache = createManifestCache();
const all = ['r00000', 'r00001', 'r00002'];
const fileOf = (name: string) => `sites/site0000/${name}.yaml`;

/** What an operator is given beside Git. */
const given = { password: 'one', use: 'bgp-password for *', ceiling: 'Enforce' as ReconcileMode, fed: [] as string[], signers: ['alice'] };

beforeAll(() => writeDesiredState(folder, { devices: 3, port: 22, hostKey: `SHA256:${'A'.repeat(43)}`, mode: 'Enforce' }));
afterAll(() => rmSync(folder, { recursive: true }));

async function enforce(before: DesiredFleet | undefined): Promise<DesiredFleet> {
  const environment = { PLUMB_SECRET_IBGP_PASSWORD: given.password, PLUMB_SECRET_IBGP_PASSWORD_USE: given.use };
  const state = await loadDesired({ folder }, systemClock, before && cache);
  return enforceRevision(state, before, {
    ceiling: given.ceiling,
    secrets: openSecrets({ environment, versionKey: new Secret('k'.repeat(64)) }),
    isOurs: () => true,
    signers: given.signers,
    statusOf: () => undefined,
    feed: (asWritten): FedState => ({
      state: asWritten,
      fed: new Map(given.fed.length > 0 ? [['r00001', { fields: given.fed, problems: [] }]] : []),
    }),
  });
}

/** All that others see of a revision in force. */
function shown({ devices, mayWrite, templatesDigest, templateProblems }: DesiredFleet) {
  const told = (problems: DesiredDevice['problems']) => problems.map(({ code, message }) => `${code} ${message}`);
  const each = ({ object, ready, mode, fed, problems, unset, digest }: DesiredDevice) => ({
    labels: object.metadata.labels,
    text: ready?.rendered.text,
    tokens: ready?.rendered.secrets.map(({ token }) => token),
    mode,
    fed,
    problems: told(problems),
    unset: told(unset),
    digest,
  });
  return {
    devices: [...devices].map(([name, device]) => [name, each(device)]),
    mayWrite,
    templatesDigest,
    templateProblems: told(templateProblems),
  };
}

const edit = (path: string, from: string, to: string) => () => {
  const text = readFileSync(join(folder, path), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(folder, path), text.replace(from, to));
};
const template = (text: string | undefined) => async () => {
  const path = join(folder, 'templates/frr/bfd.njk');
  await mkdir(join(path, '..'), { recursive: true });
  if (text === undefined) rmSync(path);
  else writeFileSync(path, text);
};
const set = (change: Partial<typeof given>) => () => void Object.assign(given, change);

it('is what it is to a process that starts, after each of many commits; the devices that stay are the same objects', async () => {
  // A device is compiled again when a neighbor of it is another object, and rendered when that makes another intent.
  const steps: { what: string; change: () => unknown; others: string[]; rendered?: string[] }[] = [
    { what: 'nothing', change: () => undefined, others: [] },
    { what: 'a route of one', change: edit(fileOf('r00001'), '198.18.0.0/24', '198.18.77.0/24'), others: all, rendered: ['r00001'] },
    { what: 'a password', change: set({ password: 'two' }), others: all },
    { what: 'who may use it', change: set({ use: 'bgp-password for role=core' }), others: ['r00002'] },
    { what: 'nothing while one may not', change: () => undefined, others: [] },
    { what: 'who else may use it', change: set({ use: 'bgp-password for role=core, r00002' }), others: ['r00002'] },
    { what: 'an unreadable rule', change: set({ use: 'role=core' }), others: all },
    { what: 'another line that is not', change: set({ use: '* for *; role=core' }), others: all, rendered: [] },
    { what: 'one for the core again', change: set({ use: 'bgp-password for role=core' }), others: all, rendered: ['r00000', 'r00001'] },
    {
      what: 'a label that a rule names',
      change: edit(fileOf('r00001'), '"role": "core"', '"role": "edge"'),
      others: all,
      rendered: ['r00001'],
    },
    { what: 'a rule for all', change: set({ use: '* for *' }), others: ['r00001', 'r00002'] },
    { what: 'an own template', change: template('log syslog'), others: all },
    { what: 'another text of it', change: template('log stdout'), others: all },
    { what: 'a template with a mistake', change: template('{{ nothing'), others: all },
    { what: 'the built-in one again', change: template(undefined), others: all },
    { what: 'what NetBox feeds one', change: set({ fed: ['serial'] }), others: ['r00001'], rendered: [] },
    { what: 'another field of it', change: set({ fed: ['mtu'] }), others: ['r00001'], rendered: [] },
    { what: 'nothing that NetBox feeds', change: set({ fed: [] }), others: ['r00001'], rendered: [] },
    {
      what: 'a policy for the core alone',
      change: edit('reconcile.yaml', '"selector": {}', '"selector": {"matchLabels": {"role": "core"}}'),
      others: ['r00001', 'r00002'],
      rendered: [],
    },
    { what: 'a policy that asks a person', change: edit('reconcile.yaml', '"Enforce"', '"Approve"'), others: ['r00000'], rendered: [] },
    {
      what: 'a label that a policy names',
      change: edit(fileOf('r00002'), '"role": "edge"', '"role": "core"'),
      others: all,
      rendered: ['r00002'],
    },
    { what: 'a ceiling', change: set({ ceiling: 'Report' }), others: ['r00000', 'r00002'], rendered: [] },
    { what: 'who signs the next one', change: set({ signers: ['bob'] }), others: [] },
  ];
  let before = await enforce(await enforce(undefined));
  for (const { what, change, others, rendered = others } of steps) {
    await change();
    const now = await enforce(before);
    expect(shown(now), what).toEqual(shown(await enforce(undefined)));
    const same = (part: (device: DesiredDevice | undefined) => unknown) => (name: string) =>
      part(now.devices.get(name)) === part(before.devices.get(name));
    const isSame = { whole: same((device) => device), ready: same((device) => device?.ready) };
    expect(
      all.filter((name) => !isSame.whole(name)),
      what,
    ).toEqual(others);
    expect(
      all.filter((name) => !isSame.ready(name)),
      `rendered after ${what}`,
    ).toEqual(rendered);
    expect(now.templates === before.templates, `templates after ${what}`).toBe(now.templatesDigest === before.templatesDigest);
    before = now;
  }
}, 60_000);
