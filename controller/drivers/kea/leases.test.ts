import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/index.ts';
import type { KeaService } from '../contract.ts';
import type { LeaseQuestion } from '../questions.ts';
import { createHttpPool, createSshPool } from '../transport/index.ts';
import { createOpenChanges } from './open-changes.ts';
import { leases } from './leases.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A daemon that gives pages of these leases in this order, as a database does that compares what it keeps. */
async function ask(
  service: KeaService,
  addresses: readonly string[],
  isAfter: (a: string, b: string) => boolean,
  question: LeaseQuestion,
  more: (address: string) => object = () => ({}),
) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { from, limit } = (JSON.parse(body) as { arguments: { from: string; limit: number } }).arguments;
      const page = addresses.filter((address) => from === 'start' || isAfter(address, from)).slice(0, limit);
      const held = page.map((address) => ({
        'ip-address': address,
        'subnet-id': 1,
        state: 0,
        cltt: Math.floor(Date.now() / 1000),
        'valid-lft': 3600,
        type: 'IA_NA',
        ...more(address),
      }));
      response.end(JSON.stringify({ result: held.length === 0 ? 3 : 0, text: '', arguments: { leases: held, count: held.length } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const [http, ssh] = [createHttpPool(), createSshPool({ clock: systemClock })];
  closers.push(
    () => server.close(),
    () => http.close(),
    () => ssh.close(),
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target = { device: 'dhcp1-fra', services: [service], http: { direct: { [service]: url } }, observe: { user: '' } };
  const deps = { clock: systemClock, http, ssh, tokenOf: (value: string) => value, open: createOpenChanges(systemClock), cache: new Map() };
  const [answer] = await leases(deps, target, [question], AbortSignal.timeout(20_000));
  return answer;
}

const sorted = (addresses: readonly string[]) => addresses.toSorted((a, b) => (a < b ? -1 : 1));

describe('leases in a range', () => {
  test('are found in a database that sorts the addresses of IPv6 as texts', async () => {
    // As texts `::1:1` lies before `::a`, which would be the address that a page begins after, and `::9` behind both.
    const question: LeaseQuestion = { service: 'dhcp6', of: 'address', first: '2001:db8::b', last: '2001:db8::1:ff' };
    expect(await ask('dhcp6', sorted(['2001:db8::1:1', '2001:db8::9', '2001:db8::f:1']), (a, b) => a > b, question)).toMatchObject({
      known: true,
      live: 1,
      leases: [{ address: '2001:db8::1:1' }],
    });
  });

  test('are found behind one that is past the range, over many pages', async () => {
    const others = Array.from({ length: 1_500 }, (_, i) => `2001:db8::${(0x20000 + i).toString(16).replace(/(....)$/, ':$1')}`);
    const question: LeaseQuestion = { service: 'dhcp6', of: 'address', first: '2001:db8::3', last: '2001:db8::4' };
    expect(await ask('dhcp6', sorted([...others, '2001:db8::3']), (a, b) => a > b, question)).toMatchObject({ known: true, live: 1 });
  });

  test('of IPv4 are asked for from the beginning of the range to its end', async () => {
    const all = Array.from({ length: 1_200 }, (_, i) => `198.51.${100 + Math.floor(i / 250)}.${1 + (i % 250)}`);
    const after = (a: string, b: string) => numberOf(a) > numberOf(b);
    const question: LeaseQuestion = { service: 'dhcp4', of: 'address', first: '198.51.100.9', last: '198.51.100.11' };
    expect(await ask('dhcp4', all, after, question)).toMatchObject({
      live: 3,
      leases: [{ address: '198.51.100.9' }, { address: '198.51.100.10' }, { address: '198.51.100.11' }],
    });
  });

  const many = Array.from({ length: 200 }, (_, i) => `198.51.100.${1 + i}`);
  const whole: LeaseQuestion = { service: 'dhcp4', of: 'address', first: '198.51.100.1', last: '198.51.100.200' };
  const later = (a: string, b: string) => numberOf(a) > numberOf(b);

  test('end when the last of all of them does, also when more are held than are told', async () => {
    const more = (address: string) => (address === '198.51.100.150' ? { cltt: 1_900_000_000 } : {});
    expect(await ask('dhcp4', many, later, whole, more)).toMatchObject({ live: 200, until: new Date(1_900_003_600_000).toISOString() });
  });

  test('of which one does not say until when, or that go on behind what can be read, are not known', async () => {
    const timeless = (address: string) => (address === '198.51.100.7' ? { 'valid-lft': null, cltt: undefined } : {});
    expect(await ask('dhcp4', many, later, whole, timeless)).toEqual({
      known: false,
      why: 'it does not say until when 198.51.100.7 is leased',
    });
    const stateless = (address: string) => (address === '198.51.100.7' ? { state: undefined } : {});
    expect(await ask('dhcp4', many, later, whole, stateless)).toMatchObject({ known: true, live: 200 });
    const page = Array.from({ length: 1_000 }, (_, i) => `198.51.${100 + Math.floor(i / 250)}.${1 + (i % 250)}`);
    const nameless = (address: string) => (address === page.at(-1) ? { 'ip-address': undefined } : {});
    const all: LeaseQuestion = { ...whole, last: '198.51.104.250' };
    expect(await ask('dhcp4', page, later, all, nameless)).toMatchObject({ known: false });
  });
});

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
