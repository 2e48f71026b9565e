import { describe, expect, it, test } from 'vitest';
import { kubeErrors } from '../kube/index.ts';
import { noteUnpublished, type Refused, sayUnmirrored, sayUnpublished } from './unpublished.ts';

const refusal = (why: string) => kubeErrors.ClusterRefused({ why });

/** Works on objects again and again; `fails` says how it ends. */
function bench() {
  const refused: Refused = new Map();
  const failures = new Map<string, number>();
  let told = 0;
  const stop = new AbortController();
  const work = async (name: string, fails?: Error) => {
    const options = { name, failures: failures.get(name) ?? 0, signal: stop.signal, tell: () => void told++ };
    await noteUnpublished(refused, options, () => (fails ? Promise.reject(fails) : Promise.resolve())).then(
      () => failures.delete(name),
      () => failures.set(name, (failures.get(name) ?? 0) + 1),
    );
  };
  return { refused, work, stop, told: () => told };
}

describe('what is refused', () => {
  it('is noted at the third time in a row', async () => {
    const { refused, work } = bench();
    await work('a', refusal('no'));
    await work('a', refusal('no'));
    await work('a');
    await work('a', refusal('no'));
    await work('a', refusal('no'));
    expect([...refused.keys()]).toEqual([]);
    await work('a', refusal('no'));
    expect([...refused.keys()]).toEqual(['a']);
  });

  it('is told of at the first of many, and when none is left: a thousand are no thousand passes over the Fleet', async () => {
    const { refused, work, told } = bench();
    const names = Array.from({ length: 1000 }, (_, i) => `s${i}`);
    for (let round = 0; round < 5; round++) for (const name of names) await work(name, refusal(`round ${round}`));
    expect([refused.size, told(), refused.get('s7')]).toEqual([1000, 1, expect.stringContaining('round 4')]);
    for (const name of names.slice(1)) await work(name);
    expect([refused.size, told()]).toEqual([1, 1]);
    await work('s0');
    expect([refused.size, told()]).toEqual([0, 2]);
  });

  it('is told of once while it is the only one, however often it is tried again', async () => {
    const { work, told } = bench();
    for (let i = 0; i < 10; i++) await work('a', refusal('no'));
    expect(told()).toBe(1);
  });

  it('is told of anew in other words', async () => {
    const { work, told } = bench();
    for (const why of ['no', 'no', 'no', 'never']) await work('a', refusal(why));
    expect(told()).toBe(2);
  });

  test.each<[string, Error]>([['a server that is away', kubeErrors.ClusterUnreachable({ why: 'connection refused' })]])(
    '%s refuses nothing',
    async (_, error) => {
      const { refused, work, told } = bench();
      for (let i = 0; i < 10; i++) await work('a', error);
      expect([refused.size, told()]).toEqual([0, 0]);
    },
  );

  it('is a kind that is not served, once the server has had time to begin', async () => {
    const { refused, work, told } = bench();
    const missing = kubeErrors.KindMissing({ what: 'BGPSession' });
    for (let i = 0; i < 11; i++) await work('a', missing);
    expect([refused.size, told()]).toEqual([0, 0]);
    await work('a', missing);
    expect([refused.get('a'), told()]).toEqual(['BGPSession is not served by this cluster', 1]);
    await work('a');
    expect([refused.size, told()]).toEqual([0, 2]);
  });

  it('counts not when we broke off ourselves', async () => {
    const { refused, work, stop } = bench();
    stop.abort();
    for (let i = 0; i < 10; i++) await work('a', refusal('no'));
    expect(refused.size).toBe(0);
  });
});

test('devices and mirrors are told apart, each with the words of the first by name', () => {
  const devices = new Map([
    ['b', 'second'],
    ['a', 'first'],
  ]);
  const mirrors = new Map(Array.from({ length: 7 }, (_, i) => [`DHCPSubnet/s${i}`, `why ${i}`]));
  expect(sayUnpublished({ devices, mirrors })?.message).toBe('2 devices (a, b) cannot be published: first');
  expect(sayUnmirrored({ devices, mirrors })?.message).toBe(
    '7 objects (DHCPSubnet/s0, DHCPSubnet/s1, DHCPSubnet/s2, DHCPSubnet/s3, DHCPSubnet/s4, …) cannot be published: why 0',
  );
  expect([sayUnpublished({ devices: new Map(), mirrors }), sayUnmirrored({ devices, mirrors: new Map() })]).toEqual([undefined, undefined]);
});
