import { expect, it } from 'vitest';
import { importDevices, type Imported } from '../../controller/import/index.ts';
import { memorySource } from '../builders/memory-source.ts';

const from = (device: string, text: string) => ({ device, from: `${device}.conf`, platform: 'frr', text });

const r1 = from(
  'r1',
  `hostname r1
interface eth0
 ip address 198.51.100.1/30
router bgp 64500
 neighbor 198.51.100.2 remote-as 64501
 neighbor 198.51.100.2 password opensesame
 neighbor 198.51.100.2 route-map IN in
route-map IN permit 10
`,
);
const r2 = from(
  'r2',
  `hostname r2
interface eth0
 ip address 198.51.100.2/30
router bgp 64501
 neighbor 198.51.100.1 remote-as external
 neighbor 198.51.100.1 password opensesame
 neighbor 198.51.100.1 description to r1
 neighbor 198.51.100.1 route-map IN in
route-map IN deny 10
`,
);

type Files = Readonly<Record<string, string>>;

async function importInto(files: Files, ...originals: (typeof r1)[]): Promise<{ files: Files; imported: Imported }> {
  const imported = await importDevices({ originals, words: new Map(), base: memorySource(files) });
  return { files: { ...files, ...Object.fromEntries(imported.files) }, imported };
}

it('gives a session of Git its other end, and keeps what people wrote around it', async () => {
  const first = await importInto({}, r1);
  const path = 'sessions/r1-as64501.yaml';
  const written = `# the link to the other site\n${first.files[path]}`.replace('  families:', '  expect: Configured\n  families:');
  const { files, imported } = await importInto({ ...first.files, [path]: written }, r2);
  expect(imported.joined).toEqual(['r1-as64501']);
  expect([...imported.changed]).toEqual([path]);
  expect(files[path]).toBe(`# the link to the other site
apiVersion: plumbline.dev/v1alpha1
kind: BGPSession
metadata:
  name: r1-as64501
spec:
  type: External
  relationship: Internal
  expect: Configured
  families: [ipv4-unicast]
  auth:
    passwordRef: {name: bgp-r1-as64501, key: password}
  ends:
    - device: r1
      interface: eth0
      families:
        ipv4-unicast:
          unfiltered: true
          import: in
      description: ''
    - device: r2
      interface: eth0
      description: to r1
      lines: [remote-as external]
      families:
        ipv4-unicast:
          unfiltered: true
          import: in-r2
  transport: IPv4
`);
  expect(files['policies/in-r2.yaml']).toContain('nameOnDevice: IN');
});

it('comes to the same devices one after the other as together', async () => {
  const alone = await importInto((await importInto({}, r1)).files, r2);
  const together = await importInto({}, r1, r2);
  for (const device of ['devices/r1.yaml', 'devices/r2.yaml']) expect(alone.files[device]).toBe(together.files[device]);
});

it('changes nothing the second time, in any order', async () => {
  const { files } = await importInto({}, r1, r2);
  const { imported } = await importInto(files, r2, r1);
  expect(imported).toMatchObject({ files: new Map(), unchanged: ['r2', 'r1'] });
});

it('does not write over a device that Git knows otherwise', async () => {
  const { files } = await importInto({}, r1);
  const other = from('r1', r1.text.replace('64501', '64502'));
  await expect(importInto(files, other)).rejects.toMatchObject({ code: 'DeviceExists', message: expect.stringContaining('remote-as') });
});

it('does not add to a desired state that has errors', async () => {
  await expect(importInto({ 'a.yaml': 'kind: Device\n' }, r1)).rejects.toMatchObject({ code: 'StateNotUsable' });
});

it('lets an address go that a session of Git calls somebody else’s', async () => {
  const { files } = await importInto({}, r1);
  const listener = from(
    'r3',
    'interface eth0\n ip address 198.51.100.2/30\nrouter bgp 64501\n bgp listen range 198.51.100.0/24 peer-group ANY\n',
  );
  const { imported } = await importInto(files, listener);
  expect(imported.files.get('sections/r3/interfaces.conf')).toContain('ip address 198.51.100.2/30');
});
