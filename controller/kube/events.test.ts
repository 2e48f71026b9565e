import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeApi, startFakeApi, statusOf } from '../../test/kube/fake-api.ts';
import { createFakeClock, type FakeClock, until } from '../../test/kube/fake-clock.ts';
import { type KubeClient, openKubeClient } from './client.ts';
import { createEvents, type EventFacts, type Events, type Regarding } from './events.ts';

let api: FakeApi;
let clock: FakeClock;
let client: KubeClient;
let registry: Registry;
let events: Events;

beforeEach(async () => {
  api = await startFakeApi();
  clock = createFakeClock();
  registry = new Registry();
  client = openKubeClient(api.kubeConfig({ token: 'one' }), { manager: 'test', clock, random: () => 0 });
  events = createEvents({ client, controller: 'plumbline.dev/operator', instance: 'operator-0', clock, registry });
});
afterEach(async () => {
  await events.close();
  await client.close();
  await api.stop();
});

const device = (name = 'edge1', namespace: string | undefined = 'net'): Regarding => ({
  apiVersion: 'plumbline.dev/v1alpha1',
  kind: 'Device',
  metadata: { name, ...(namespace !== undefined && { namespace }), uid: `uid-${name}`, resourceVersion: '7' },
});
const drifted: EventFacts = { type: 'Warning', reason: 'Drifted', action: 'Read', note: '3 differences in router bgp 64496' };
const sent = () => api.keys().map((key) => api.object(key));
const fate = async (name: string) =>
  Number(/fate="(\w+)"\} (\d+)/g[Symbol.matchAll](await registry.metrics()).find(([, found]) => found === name)?.[2] ?? 0);

describe('an event', () => {
  it('holds all that events.k8s.io/v1 asks for', async () => {
    events.record(device(), drifted);
    await events.flush();
    expect(sent()).toMatchObject([
      {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: expect.stringMatching(/^edge1\.[0-9a-f]{16}$/), namespace: 'net' },
        eventTime: '2026-11-01T00:00:00.000000Z',
        ...drifted,
        regarding: {
          apiVersion: 'plumbline.dev/v1alpha1',
          kind: 'Device',
          name: 'edge1',
          namespace: 'net',
          uid: 'uid-edge1',
          resourceVersion: '7',
        },
        reportingController: 'plumbline.dev/operator',
        reportingInstance: 'operator-0',
      },
    ]);
    expect(api.requests[0]?.path).toBe('/apis/events.k8s.io/v1/namespaces/net/events');
  });

  it('of an object without a namespace lives in default', async () => {
    events.record({ ...device(), metadata: { name: 'cluster-wide' } }, drifted);
    await events.flush();
    expect(api.keys()[0]).toMatch(/^default\/cluster-wide\./);
  });

  it('has a legal name and legal lengths whatever it is about', async () => {
    events.record(device(`${'a'.repeat(229)}.b`), { ...drifted, note: 'ü'.repeat(2_000), reason: 'R'.repeat(300) });
    await events.flush();
    const [event] = sent();
    expect(event?.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
    expect(event?.metadata.name.length).toBeLessThanOrEqual(253);
    expect(event?.metadata.name).not.toContain('..');
    expect(Buffer.byteLength(String(event?.['note']))).toBeLessThanOrEqual(1_024);
    expect(String(event?.['note'])).toMatch(/^ü+…$/);
    expect(Buffer.byteLength(String(event?.['reason']))).toBe(128);
  });
});

describe('told again', () => {
  it('within ten minutes is counted on the first, once in five minutes', async () => {
    for (let i = 0; i < 4; i++) {
      events.record(device(), drifted);
      await clock.advance(60_000);
    }
    await clock.advance(60_000);
    await until(() => api.requests.length === 2);
    await events.flush();
    expect(sent()).toHaveLength(1);
    expect(sent()[0]).toMatchObject({ series: { count: 4, lastObservedTime: '2026-11-01T00:03:00.000000Z' } });
    expect(await fate('counted')).toBe(1);
  });

  it('after ten quiet minutes is another event', async () => {
    events.record(device(), drifted);
    await events.flush();
    await clock.advance(600_000);
    events.record(device(), drifted);
    await events.flush();
    expect(sent()).toHaveLength(2);
  });

  it('in other words, about another object or with another type is another event', async () => {
    events.record(device(), drifted);
    events.record(device('edge2'), drifted);
    events.record(device(), { ...drifted, note: '4 differences' });
    events.record(device(), { ...drifted, type: 'Normal' });
    await events.flush();
    expect(sent()).toHaveLength(4);
  });

  it('needs no timer once it is over', async () => {
    events.record(device(), drifted);
    await events.flush();
    await clock.advance(1_200_000);
    expect(clock.sleepers()).toEqual([]);
  });
});

describe('the rate', () => {
  it('of one object is 25 at once, then one in five minutes; others are not held up', async () => {
    for (let i = 0; i < 40; i++) events.record(device(), { ...drifted, note: `${i} differences` });
    events.record(device('edge2'), drifted);
    await events.flush();
    expect(sent()).toHaveLength(26);
    expect(await fate('dropped')).toBe(15);
    await clock.advance(300_000);
    for (let i = 50; i < 55; i++) events.record(device(), { ...drifted, note: `${i} differences` });
    await events.flush();
    expect(sent()).toHaveLength(27);
  });

  it('of all is bounded: what waits too long is dropped, and nothing is kept', async () => {
    api.intercept(() => 'hang');
    for (let i = 0; i < 1_500; i++) events.record(device(`device-${i}`), drifted);
    expect(await fate('dropped')).toBe(499);
    expect(api.requests.length).toBeLessThanOrEqual(1);
    await clock.advance(10_000);
    await until(() => api.requests.length >= 2);
    const closing = events.close();
    await clock.advance(5_000);
    await closing;
    expect(api.requests.length).toBeLessThanOrEqual(3);
  });
});

describe('what did not get there', () => {
  it.each([
    ['an API that is away', () => api.intercept(() => 'cut')],
    ['an API that refuses', () => api.intercept(() => ({ status: 403, body: statusOf(403, 'Forbidden') }))],
  ])('because of %s is told when it is told again, and not counted on an event that nobody has', async (_name, breakIt) => {
    const heal = breakIt();
    events.record(device(), drifted);
    await events.flush();
    heal();
    events.record(device(), drifted);
    await events.flush();
    expect(sent()).toMatchObject([drifted]);
    events.record(device(), drifted);
    await events.flush();
    expect(sent()).toMatchObject([{ series: { count: 2 } }]);
  });

  it('because too many waited is told when it is told again', async () => {
    const heal = api.intercept(() => 'hang');
    for (let i = 0; i <= 1_001; i++) events.record(device(`device-${i}`), drifted);
    expect(await fate('dropped')).toBe(1);
    await until(() => api.requests.length === 1);
    heal();
    await clock.advance(10_000);
    await events.flush();
    events.record(device('device-1001'), drifted);
    await events.flush();
    expect(api.keys().some((key) => key.startsWith('net/device-1001.'))).toBe(true);
  });
});

describe('a failure', () => {
  it.each([
    ['forbidden', { status: 403, body: statusOf(403, 'Forbidden') }],
    ['a broken connection', 'cut' as const],
  ])('(%s) is counted and concerns nobody', async (_name, fault) => {
    const heal = api.intercept(() => fault);
    events.record(device(), drifted);
    await events.flush();
    expect(await fate('failed')).toBe(1);
    heal();
    events.record(device('edge2'), drifted);
    await events.flush();
    expect(sent()).toHaveLength(1);
  });
});

it('sends what is left when it is closed, then nothing', async () => {
  events.record(device(), drifted);
  events.record(device(), drifted);
  await events.close();
  expect(sent()).toMatchObject([{ series: { count: 2 } }]);
  events.record(device('edge2'), drifted);
  await events.flush();
  expect(sent()).toHaveLength(1);
});
