import { describe, expect, test } from 'vitest';
import { parseSessions } from './sessions.ts';

const peer = { remoteAs: 64502, state: 'Established', peerUptimeMsec: 367_400, pfxRcd: 1, pfxSnt: 2 };

describe('sessions out of FRR’s summary', () => {
  test('are told per VRF, family and neighbor', () => {
    const json = {
      default: {
        ipv4Unicast: { peers: { '192.0.2.1': peer } },
        ipv6Unicast: { peers: { '2001:db8::1': { ...peer, state: 'Idle (PfxCt)' } } },
      },
      BLUE: {},
    };
    expect(parseSessions(JSON.stringify(json))).toEqual([
      {
        address: '192.0.2.1',
        vrf: 'default',
        family: 'ipv4-unicast',
        remoteAs: 64502,
        state: 'Established',
        upSeconds: 367,
        accepted: 1,
        advertised: 2,
      },
      {
        address: '2001:db8::1',
        vrf: 'default',
        family: 'ipv6-unicast',
        remoteAs: 64502,
        state: 'Idle (PfxCt)',
        upSeconds: 367,
        accepted: 1,
        advertised: 2,
      },
    ]);
  });

  test('are none without BGP, and a family we have no word for keeps its own', () => {
    expect(parseSessions('{}')).toEqual([]);
    expect(parseSessions('{"default":{"newFamily":{"peers":{"192.0.2.1":{}}}}}')).toMatchObject([
      { family: 'newFamily', state: 'Unknown', accepted: 0 },
    ]);
  });

  test('are unknown when the answer is not JSON', () => {
    expect(parseSessions('% BGP instance not found')).toBeUndefined();
    expect(parseSessions('{"default":')).toBeUndefined();
  });
});
