import { describe, expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import { formatPosition, systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';
import { createManifestCache } from './manifest-cache.ts';

const server = `apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata: {name: d}
spec:
  platform: kea
  management: {address: 192.0.2.1, api: {agentPort: 8000}}
  credentials: {observe: {name: observe}}
  dhcp: {ipv4: {flexId: 'relay4[2].hex'}, ipv6: {}}
---
`;

const subnet = (more: string): string => `apiVersion: plumbline.dev/v1alpha1
kind: DHCPSubnet
metadata: {name: a}
spec: {family: IPv4, id: 1, prefix: 198.51.100.0/24, servedBy: [d], ${more}}
`;

const ipv6 = subnet('reservationsFile: a.csv').replace('IPv4', 'IPv6').replace('198.51.100.0/24', "'2001:db8::/64'");

async function load(csv: string | undefined, yaml = subnet('reservationsFile: a.csv')) {
  const files = { 'a.yaml': server + yaml, ...(csv === undefined ? {} : { 'a.csv': csv }) };
  const { objects, problems } = await loadSource(memorySource(files), systemClock);
  return {
    reservations: objects.DHCPSubnet.get('a')?.spec.reservations,
    found: problems.map((problem) => `${problem.at ? formatPosition(problem.at) : ''} ${problem.code} ${problem.message} ${problem.next}`),
  };
}

const none = { prefixes: [], clientClasses: [], options: [] };

describe('reservationsFile', () => {
  test('adds its lines behind the reservations of the subnet, in canonical form', async () => {
    const { reservations, found } = await load(
      '# exported\nhwAddress,addresses,hostname\r\n02:00:5e:00:53:01,198.51.100.10,printer1\r\n\n 0200.5E00.5302 , 198.51.100.11 , "Big, printer"\n02-00-5e-00-53-03,,plotter\n',
      subnet("reservations: [{hwAddress: '02:00:5e:00:53:00', hostname: first}], reservationsFile: a.csv"),
    );
    expect(found).toEqual([expect.stringContaining('a.csv:5:36 WrongEntry') as string]);
    expect(reservations).toEqual([
      { hwAddress: '02:00:5e:00:53:00', hostname: 'first', addresses: [], ...none },
      { hwAddress: '02:00:5e:00:53:01', hostname: 'printer1', addresses: ['198.51.100.10'], ...none },
      { hwAddress: '02:00:5e:00:53:03', hostname: 'plotter', addresses: [], ...none },
    ]);
  });

  test.each(['', '\n', '# exported\n\n'])(
    'that holds nothing, %j, is an export that failed; one with the names of its columns has no reservations',
    async (csv) => {
      expect((await load(csv)).found).toEqual([
        expect.stringMatching(/^a\.csv:1:1 WrongEntry DHCPSubnet\/a: the file, which is empty, .*Keep the line/),
      ]);
      expect(await load(`${csv}hwAddress,addresses\n`)).toEqual({ reservations: [], found: [] });
    },
  );

  test('knows every identifier, and lists with blanks between their values', async () => {
    const { reservations, found } = await load(
      'duid,hwAddress,addresses,prefixes,hostname\n00:01:00:01,,2001:DB8::5 2001:db8::6,2001:db8:9000::/56,cpe\n,02:00:5e:00:53:01,2001:db8::7,,\n',
      ipv6,
    );
    expect(found).toEqual([]);
    expect(reservations).toEqual([
      { duid: '00:01:00:01', addresses: ['2001:db8::5', '2001:db8::6'], hostname: 'cpe', ...none, prefixes: ['2001:db8:9000::/56'] },
      { hwAddress: '02:00:5e:00:53:01', addresses: ['2001:db8::7'], ...none },
    ]);
  });

  test.each<{ name: string; csv: string; found: RegExp[] }>([
    {
      name: 'a first line without columns',
      csv: '02:00:5e:00:53:01,198.51.100.10\n',
      found: [/^a\.csv:1:1 WrongEntry .*Name the columns in it, for example hwAddress,addresses,hostname/],
    },
    {
      name: 'a column with another name',
      csv: 'hwAddress,address\n',
      found: [/^a\.csv:1:11 WrongEntry .*column "address".*Write addresses\./],
    },
    { name: 'a column twice', csv: 'hwAddress,addresses,hwAddress\n', found: [/^a\.csv:1:21 WrongEntry .*second column hwAddress/] },
    {
      name: 'every wrong value of a line',
      csv: 'hwAddress,addresses,hostname\nxx,198.51.100.300,a b\n',
      found: [
        /^a\.csv:2:1 WrongEntry .*"xx".*six pairs of hex digits/,
        /^a\.csv:2:4 WrongEntry .*300/,
        /^a\.csv:2:19 WrongEntry .*"a b".*host name/,
      ],
    },
    {
      name: 'a line without a client',
      csv: 'hwAddress,addresses\n,198.51.100.7\n',
      found: [/^a\.csv:2:1 WrongEntry .*names no client.*exactly one of hwAddress/],
    },
    {
      name: 'a value too many',
      csv: 'hwAddress,addresses\n02:00:5e:00:53:01,198.51.100.7,x\n',
      found: [/^a\.csv:2:32 WrongEntry .*"x" behind the last column/],
    },
    {
      name: 'what only the checks see, at the value',
      csv: 'hostname,hwAddress,addresses\na,02:00:5e:00:53:01,198.51.100.7\nb,02:00:5e:00:53:01,198.51.101.7\nc,02:00:5e:00:53:03,198.51.100.7\n',
      found: [
        /^a\.csv:3:3 DuplicateReservation .*first is at a\.csv:2:3/,
        /^a\.csv:3:21 OutsidePrefix .*198\.51\.101\.7 is not in 198\.51\.100\.0\/24/,
        /^a\.csv:4:21 DuplicateReservation .*first is at a\.csv:2:21/,
      ],
    },
  ])('tells of $name', async ({ csv, found }) => {
    expect((await load(csv)).found).toEqual(found.map((pattern) => expect.stringMatching(pattern) as string));
  });

  test('tells where the second of several addresses stands', async () => {
    const { found } = await load('duid,addresses\n00:01,2001:db8::5  2001:db8:1::6\n', ipv6);
    expect(found).toEqual([expect.stringMatching(/^a\.csv:2:20 OutsidePrefix/) as string]);
  });

  test('of 200 wrong lines and more counts the rest', async () => {
    const { found } = await load(`hwAddress\n${'x\n'.repeat(250)}`);
    expect(found).toHaveLength(201);
    expect(found.at(-1)).toMatch(/^a\.csv:251:1 MoreProblems 50 more/);
  });

  test('that is not there is told at the field', async () => {
    expect((await load(undefined)).found).toEqual([
      expect.stringMatching(/^a\.yaml:13:\d+ MissingFile .*spec\.reservationsFile names the file a\.csv/) as string,
    ]);
  });

  test('that did not change gives the same object again', async () => {
    const cache = createManifestCache();
    const loads = async (more: string) => {
      const files = {
        'a.yaml': server + subnet('reservationsFile: a.csv'),
        'a.csv': 'hwAddress,hostname\n02:00:5e:00:53:01,a\n',
        'b.csv': more,
      };
      return (await loadSource(memorySource(files), systemClock, cache)).objects.DHCPSubnet.get('a');
    };
    expect(await loads('1')).toBe(await loads('2'));
  });
});
