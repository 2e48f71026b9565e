import { describe, expect, test } from 'vitest';
import { BGPSessionSpec } from './bgp-session.ts';
import { DeviceSpec } from './device.ts';
import { resolveSession } from './resolve-session.ts';

type Input = Record<string, unknown>;

function device(asn: number | undefined, interfaces: Input[]): DeviceSpec {
  return DeviceSpec.parse({
    platform: 'frr',
    management: { address: '10.255.0.1', hostKeys: [`SHA256:${'A'.repeat(43)}`] },
    credentials: { observe: { name: 'o' } },
    interfaces,
    ...(asn === undefined ? {} : { bgp: { asn, routerId: '10.0.0.1' } }),
  });
}

const devices: Record<string, DeviceSpec> = {
  a: device(64500, [
    { name: 'lo', role: 'Loopback', addresses: ['10.0.0.1/32', '2001:db8::1/128'] },
    { name: 'dual', addresses: ['10.0.1.0/31', '2001:DB8:1::1/64', 'fe80::1/64'] },
    { name: 'v4', addresses: ['10.0.2.0/31', '10.0.4.1/24'] },
    { name: 'link-local', addresses: ['fe80::2/64'] },
  ]),
  b: device(64500, [
    { name: 'lo', role: 'Loopback', addresses: ['10.0.0.2/32', '2001:db8::2/128'] },
    { name: 'dual', addresses: ['10.0.1.1/31', '2001:db8:1::2/64'] },
    { name: 'v4', addresses: ['10.0.2.1/31'] },
    { name: 'v6', addresses: ['2001:db8:6::1/64'] },
  ]),
  silent: device(undefined, [{ name: 'lo', addresses: ['10.0.0.3/32'] }]),
};

function resolve(ends: [Input, Input], rest: Input = {}) {
  const spec = BGPSessionSpec.parse({ type: 'Internal', families: ['ipv4-unicast'], ends, ...rest });
  return resolveSession(
    spec,
    (name) => devices[name],
    () => undefined,
  );
}

const external = (address: string): Input => ({ external: { name: 'x', asn: 64496, address } });

describe('resolveSession finds the addresses of both ends', () => {
  test.each<{ name: string; ends: [Input, Input]; rest?: Input; addresses: string[]; direct: boolean }>([
    {
      name: 'by interface',
      ends: [
        { device: 'a', interface: 'v4', address: '10.0.2.0' },
        { device: 'b', interface: 'v4' },
      ],
      addresses: ['10.0.2.0', '10.0.2.1'],
      direct: true,
    },
    {
      name: 'by loopback',
      ends: [
        { device: 'a', loopback: 'lo' },
        { device: 'b', loopback: 'lo' },
      ],
      addresses: ['10.0.0.1', '10.0.0.2'],
      direct: false,
    },
    {
      name: 'over IPv6 when the session carries IPv6 alone',
      ends: [
        { device: 'a', loopback: 'lo' },
        { device: 'b', loopback: 'lo' },
      ],
      rest: { families: ['ipv6-unicast'] },
      addresses: ['2001:db8::1', '2001:db8::2'],
      direct: false,
    },
    {
      name: 'over the transport that is written',
      ends: [
        { device: 'a', interface: 'dual' },
        { device: 'b', interface: 'dual' },
      ],
      rest: { transport: 'IPv6', families: ['ipv4-unicast', 'ipv6-unicast'] },
      addresses: ['2001:db8:1::1', '2001:db8:1::2'],
      direct: true,
    },
    {
      name: 'over the only version in common',
      ends: [
        { device: 'a', loopback: 'lo' },
        { device: 'b', interface: 'v6' },
      ],
      rest: { families: ['ipv4-unicast', 'ipv6-unicast'] },
      addresses: ['2001:db8::1', '2001:db8:6::1'],
      direct: false,
    },
    {
      name: 'of the version of the external address',
      ends: [{ device: 'a', interface: 'dual' }, external('2001:db8:1::9')],
      rest: { type: 'External', relationship: 'Peer' },
      addresses: ['2001:db8:1::1', '2001:db8:1::9'],
      direct: true,
    },
    {
      name: 'in the subnet of the other end, of several',
      ends: [{ device: 'a', interface: 'v4' }, external('10.0.4.9')],
      addresses: ['10.0.4.1', '10.0.4.9'],
      direct: true,
    },
    {
      name: 'in the subnet of the other device, of several',
      ends: [
        { device: 'a', interface: 'v4' },
        { device: 'b', interface: 'v4' },
      ],
      addresses: ['10.0.2.0', '10.0.2.1'],
      direct: true,
    },
    {
      name: 'by address alone',
      ends: [
        { device: 'a', address: '10.0.4.1' },
        { device: 'b', address: '10.0.0.2' },
      ],
      addresses: ['10.0.4.1', '10.0.0.2'],
      direct: false,
    },
    {
      name: 'far away by multihop',
      ends: [{ device: 'a', interface: 'dual' }, external('203.0.113.1')],
      rest: { type: 'External', relationship: 'Peer', ttl: { multihop: 4 } },
      addresses: ['10.0.1.0', '203.0.113.1'],
      direct: false,
    },
  ])('$name', ({ ends, rest, addresses, direct }) => {
    const { session, faults } = resolve(ends, rest);
    expect(faults).toEqual([]);
    expect(session?.ends.map((end) => end.address)).toEqual(addresses);
    expect(session?.direct).toBe(direct);
  });

  test('and the AS number that the other end sees', () => {
    const { session } = resolve([
      { device: 'a', loopback: 'lo', localAs: { asn: 64999 } },
      { device: 'b', loopback: 'lo' },
    ]);
    expect(session?.ends.map(({ name, asn, deviceAsn }) => ({ name, asn, deviceAsn }))).toEqual([
      { name: 'a', asn: 64999, deviceAsn: 64500 },
      { name: 'b', asn: 64500, deviceAsn: 64500 },
    ]);
  });
});

describe('resolveSession says why an end has no address', () => {
  test.each<{ name: string; ends: [Input, Input]; rest?: Input; faults: [string, string][] }>([
    {
      name: 'no such device',
      ends: [
        { device: 'c', loopback: 'lo' },
        { device: 'd', loopback: 'lo' },
      ],
      faults: [
        ['NoSuchDevice', 'spec.ends.0.device'],
        ['NoSuchDevice', 'spec.ends.1.device'],
      ],
    },
    {
      name: 'no BGP',
      ends: [
        { device: 'silent', loopback: 'lo' },
        { device: 'b', loopback: 'lo' },
      ],
      faults: [['NoBGP', 'spec.ends.0.device']],
    },
    {
      name: 'no such interface',
      ends: [
        { device: 'a', interface: 'x' },
        { device: 'b', loopback: 'y' },
      ],
      faults: [
        ['NoSuchInterface', 'spec.ends.0.interface'],
        ['NoSuchInterface', 'spec.ends.1.loopback'],
      ],
    },
    {
      name: 'link-local addresses alone',
      ends: [
        { device: 'a', interface: 'link-local' },
        { device: 'b', loopback: 'lo' },
      ],
      faults: [['NoAddress', 'spec.ends.0.interface']],
    },
    {
      name: 'an address of another device',
      ends: [
        { device: 'a', address: '10.0.0.2' },
        { device: 'b', loopback: 'lo' },
      ],
      faults: [['NotOnDevice', 'spec.ends.0.address']],
    },
    {
      name: 'several addresses',
      ends: [
        { device: 'a', interface: 'v4' },
        { device: 'b', loopback: 'lo' },
      ],
      faults: [['AmbiguousAddress', 'spec.ends.0.interface']],
    },
    {
      name: 'two versions, two families',
      ends: [
        { device: 'a', loopback: 'lo' },
        { device: 'b', loopback: 'lo' },
      ],
      rest: { families: ['ipv4-unicast', 'ipv6-unicast'] },
      faults: [['AmbiguousTransport', 'spec']],
    },
    {
      name: 'no version in common',
      ends: [
        { device: 'a', interface: 'v4' },
        { device: 'b', interface: 'v6' },
      ],
      faults: [['TransportDisagrees', 'spec.ends']],
    },
    {
      name: 'a transport that one end lacks',
      ends: [
        { device: 'a', interface: 'v4' },
        { device: 'b', interface: 'v4' },
      ],
      rest: { transport: 'IPv6' },
      faults: [['TransportDisagrees', 'spec.transport']],
    },
  ])('$name', ({ ends, rest, faults }) => {
    const result = resolve(ends, rest);
    expect(result.session).toBeUndefined();
    expect(result.faults.map(({ fault, path }) => [fault, path.join('.')])).toEqual(faults);
  });
});
