import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { formatPosition } from '../lib/index.ts';
import { checkDesired } from './check.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** What a check finds in the example network with more files in it. */
async function check(text: string, files: Record<string, string> = {}): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plumb-check-'));
  folders.push(folder);
  cpSync(path.join(import.meta.dirname, '../../desired-state'), folder, { recursive: true });
  for (const [name, content] of Object.entries({ 'more.yaml': text, ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  const { problems } = await checkDesired({ folder });
  return problems.map(({ at, code }) => `${at ? formatPosition(at) : ''} ${code}`);
}

const session = (name: string, families: string, neighbor: string): string => `apiVersion: plumbline.dev/v1alpha1
kind: BGPSession
metadata: {name: ${name}}
spec:
  type: External
  relationship: Transit
  families: [ipv4-unicast]
  ends:
    - {device: edge1-fra, interface: to-transit-a, families: ${families}}
    - {external: {name: b, asn: 64496, address: ${neighbor}}}
`;

test('a neighbor that stands twice is said once, not as lines with two owners too', async () => {
  const found = await check(session('zz', '{ipv4-unicast: {import: transit-in, export: transit-out}}', '192.0.2.0'));
  expect(found).toEqual(['more.yaml:10:7 DuplicateNeighbor']);
});

test('a folder without a single object is a mistake: its name is wrong more often than the network is empty', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plumb-check-'));
  folders.push(folder);
  expect((await checkDesired({ folder })).problems.map(({ code }) => code)).toEqual(['NothingDesired']);
  writeFileSync(path.join(folder, 'tab.yaml'), '\tkind: Device\n');
  expect((await checkDesired({ folder })).problems.map(({ code }) => code)).toEqual(['YAMLSyntax']);
});

test('two mistakes of one kind at one place are both said', async () => {
  const found = await check(session('zz', '{}', '192.0.2.0'));
  expect(found).toEqual(['more.yaml:9:52 PolicyMissing', 'more.yaml:9:52 PolicyMissing', 'more.yaml:10:7 DuplicateNeighbor']);
});

const profile = (templates: string, sections: string): string => `apiVersion: plumbline.dev/v1alpha1
kind: DeviceProfile
metadata: {name: other}
spec:
  platform: frr
  templates: ${templates}
  sections: ${sections}
`;
const unused = 'more.yaml:3:18 UnusedObject'; // the profile itself, which no device names

test('a template of the repository whose name was mistyped replaces nothing, and that is said', async () => {
  const found = await check(profile('{bgp-nieghbor.njk: templates/mine.njk, bgp.njk: templates/mine.njk}', '[]'), {
    'templates/mine.njk': 'hostname x\n',
    'templates/frr/route-map.njk': 'hostname x\n',
  });
  expect(found).toEqual([unused, 'more.yaml:6:33 TemplateReplacesNothing', 'templates/frr/route-map.njk:1:1 UnusedTemplate']);
});

test('a template that a section, a profile or another template names is in use', async () => {
  const found = await check(profile('{bgp.njk: elsewhere/bgp.njk}', '[{name: a, template: templates/a.njk}]'), {
    'elsewhere/bgp.njk': 'hostname x\n',
    'templates/a.njk': '{% include "parts/b.njk" %}\n',
    'templates/parts/b.njk': 'hostname x\n',
    'templates/frr/static-routes.njk': '! as built in\n',
  });
  expect(found).toEqual([unused]);
});

test('a mistake in a template is said once, where it is, however many devices need it', async () => {
  expect(await check('', { 'templates/frr/static-routes.njk': '{% for route in staticRoutes %}\n' })).toEqual([
    'templates/frr/static-routes.njk:1:1 TemplateSyntax',
  ]);
});

test('a mistake inside the file of a section has its place in that file, not where the file is named', async () => {
  const more = `apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata: {name: zz1}
spec:
  platform: frr
  management: {address: 192.0.2.200, hostKeys: ['SHA256:${'A'.repeat(43)}']}
  credentials: {observe: {name: routers-observe}}
  bgp: {asn: 64500, routerId: 10.0.0.99}
  sections:
    - {name: ours, file: raw/zz1.conf, ownership: Exact}
`;
  const raw = [
    'log syslog',
    '',
    'router bgp 64500',
    '',
    '',
    ' neighbor 203.0.113.9 remote-as 64511',
    ' neighbor 203.0.113.9 password in-clear-text',
    ' bgp router-id 10.0.0.98',
  ];
  const found = await check(more, { 'raw/zz1.conf': `${raw.join('\n')}\n` });
  expect(found.toSorted()).toEqual(['raw/zz1.conf:7:1 SecretInClear', 'raw/zz1.conf:8:1 ItemOwnedTwice']);
});
