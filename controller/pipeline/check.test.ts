import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { formatPosition } from '../lib/index.ts';
import { checkDesired } from './check.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** What a check finds in the example network with one more file in it. */
async function check(text: string): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plumb-check-'));
  folders.push(folder);
  cpSync(path.join(import.meta.dirname, '../../desired-state'), folder, { recursive: true });
  writeFileSync(path.join(folder, 'more.yaml'), text);
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
