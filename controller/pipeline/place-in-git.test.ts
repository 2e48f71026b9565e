import { expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import { loadSource } from '../desired/index.ts';
import { formatPosition, systemClock } from '../lib/index.ts';
import { prepareDevices } from './prepare.ts';

const device = (more: string): string => `apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata: {name: dhcp1}
spec:
  platform: kea
  management: {address: 192.0.2.1, api: {agentPort: 8000}}
  credentials: {observe: {name: observe}}
  dhcp: {ipv4: {}}
  ${more}
---
apiVersion: plumbline.dev/v1alpha1
kind: DHCPSubnet
metadata: {name: office}
spec: {family: IPv4, id: 7, prefix: 198.51.100.0/24, servedBy: [dhcp1]}
`;

async function prepare(files: Record<string, string>): Promise<string[]> {
  const state = await loadSource(memorySource(files), systemClock);
  expect(state.problems.map(({ message }) => message)).toEqual([]);
  const { devices } = await prepareDevices(state, ['dhcp1'], undefined);
  return devices.flatMap(({ problems }) =>
    problems.map((each) => `${each.at ? formatPosition(each.at) : 'nowhere'} ${each.code}: ${each.message}`),
  );
}

const section = device('sections: [{name: extra, file: sections/extra.json}]');

test('a mistake in a raw section stands at its line and column', async () => {
  const text = '# what no kind says\n\n{\n\n  "Dhcp4": {\n    "valid-lifetime": 600\n    "decline-probation-period": 60\n  }\n}\n';
  expect(await prepare({ 'a.yaml': section, 'sections/extra.json': text })).toEqual([
    'sections/extra.json:6:26 ConfigSyntax: dhcp1: a comma is missing here',
  ]);
});

test('a mistake that a template prints stands at the object that it printed it for, with the line', async () => {
  const own = '{{ from(subnet) }}\n{ "id": {{ subnet.id }}, "subnet": {{ subnet.prefix }} },\n';
  const [first] = await prepare({ 'a.yaml': device(''), 'templates/kea/subnet.njk': own });
  expect(first).toBe(
    'a.yaml:11:1 ConfigSyntax: dhcp1: `198.51.100.0` is no value, in what is printed for DHCPSubnet/office: { "id": 7, "subnet": 198.51.100.0/24 }',
  );
});

test('a value with two owners is told with both', async () => {
  const found = await prepare({
    'a.yaml': section,
    'sections/extra.json': '{ "Dhcp4": { "subnet4": [ { "id": 7, "subnet": "198.51.101.0/24" } ] } }',
  });
  expect(found.join('\n')).toMatch(/^sections\/extra\.json:1:1 ItemOwnedTwice: .*(DHCPSubnet\/office|a\.yaml).*/);
});

test('a raw section says what no kind says', async () => {
  const text =
    '{ "Dhcp4": {\n  "decline-probation-period": 60, // seconds\n  "subnet4": [ { "id": 7, "ddns-qualifying-suffix": "example.net" } ]\n} }\n';
  expect(await prepare({ 'a.yaml': section, 'sections/extra.json': text })).toEqual([]);
});
