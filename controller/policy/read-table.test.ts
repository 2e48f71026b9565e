import { expect, test } from 'vitest';
import { readTable } from './read-table.ts';

/** As FRR 8.4.4 prints it. */
const detailed = {
  vrfId: 0,
  routerId: '10.0.0.1',
  localAS: 64500,
  routes: {
    '192.0.2.0/24': [
      { prefix: '192.0.2.0/24', version: 1 },
      {
        aspath: { string: '64496 {64497,64498}', segments: [], length: 2 },
        origin: 'incomplete',
        metric: 5,
        locPrf: 90,
        weight: 0,
        nexthops: [
          { ip: '198.51.100.1', afi: 'ipv4' },
          { ip: 'fe80::1', afi: 'ipv6', scope: 'link-local' },
        ],
        peer: { peerId: '198.51.100.1', routerId: '10.0.0.9' },
        community: { string: '64500:1 no-export llgr-stale' },
        largeCommunity: { string: '64500:1:2' },
        extendedCommunity: { string: 'RT:64500:1 SoO:64500:2' },
      },
    ],
  },
};

test('reads every path of a table with its attributes', () => {
  expect(readTable(detailed)).toMatchObject({
    routerId: '10.0.0.1',
    hasCommunities: true,
    paths: [
      {
        neighbor: '198.51.100.1',
        route: {
          network: { text: '192.0.2.0/24' },
          nextHop: '198.51.100.1',
          asPath: '64496 {64497,64498}',
          origin: 'Incomplete',
          localPreference: 90,
          med: 5,
          communities: ['64500:1', 'no-export', '65535:6'],
          largeCommunities: ['64500:1:2'],
          extendedCommunities: ['rt:64500:1', 'soo:64500:2'],
        },
      },
    ],
  });
});

test('reads the short form, and knows that it says nothing of communities', () => {
  const short = {
    prefix: '192.0.2.0',
    prefixLen: 24,
    network: '192.0.2.0/24',
    path: '',
    origin: 'IGP',
    weight: 32_768,
    peerId: '(unspec)',
    nexthops: [{ ip: '0.0.0.0' }],
  };
  expect(readTable({ routerId: '10.0.0.1', routes: { '192.0.2.0/24': [short] } })).toMatchObject({
    hasCommunities: false,
    paths: [{ neighbor: '(unspec)', route: { asPath: '', nextHop: null, localPreference: null, med: null } }],
  });
});

test.each([null, 'text', [], {}, { routerId: '10.0.0.1' }, { routes: {} }])('%j is no table', (value) => {
  expect(readTable(value)).toBeUndefined();
});
