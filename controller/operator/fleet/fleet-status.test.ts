import { describe, expect, it } from 'vitest';
import { type FleetStatus, FleetStatus as Schema } from '../../api/index.ts';
import { errors } from '../errors.ts';
import { sayUnmirrored, sayUnpublished } from '../unpublished.ts';
import { describeFleet, type FleetFacts, type FleetOutcome, sayProblem } from './fleet-status.ts';

const at = new Date('2026-11-21T12:00:00.000Z');
const good = `main@sha1:${'a'.repeat(40)}`;
const bad = `main@sha1:${'b'.repeat(40)}`;

function facts(given: Partial<FleetFacts> = {}): FleetFacts {
  return {
    outcome: { kind: 'InForce', revision: good },
    inForce: good,
    last: undefined,
    generation: 3,
    at,
    releasing: [],
    webhook: undefined,
    unpublished: undefined,
    requestedAt: undefined,
    region: '',
    isNews: false,
    ...given,
  };
}

const problem = (line: number) =>
  Object.assign(errors.FleetInvalid({ fleet: 'lab', what: `line ${line}` }), { at: { file: 'a.yaml', line, col: 5 } });
const refused = (count: number): FleetOutcome => ({
  kind: 'Refused',
  revision: bad,
  problems: Array.from({ length: count }, (_, k) => problem(k + 1)),
});
const failed: FleetOutcome = { kind: 'Failed', error: errors.SourceFailed({ fleet: 'lab', why: 'it is away' }) };
const standing: FleetStatus = describeFleet(facts({ at: new Date('2026-11-20T00:00:00.000Z') }));

describe('the status of a Fleet', () => {
  it.each<{ name: string; given: Partial<FleetFacts>; ready: { status: string; reason: string; message: RegExp } }>([
    {
      name: 'in force',
      given: {},
      ready: { status: 'True', reason: 'InForce', message: /^main@sha1:a{40} is in force$/ },
    },
    {
      name: 'refused, with one in force',
      given: { outcome: refused(1) },
      ready: {
        status: 'False',
        reason: 'Invalid',
        message:
          /^main@sha1:b{40} has 1 error; first: a\.yaml:1:5 FleetInvalid: Fleet lab cannot be used: line 1\. Correct the spec of the Fleet\. main@sha1:a{40} stays in force$/,
      },
    },
    {
      name: 'refused, and nothing was ever in force',
      given: { outcome: refused(2), inForce: undefined },
      ready: { status: 'False', reason: 'Invalid', message: /has 2 errors; .* No revision is in force$/ },
    },
    {
      name: 'away, and what was in force cannot be brought back',
      given: { outcome: failed, inForce: undefined, last: standing },
      ready: {
        status: 'False',
        reason: 'SourceFailed',
        message:
          /^The source of lab cannot be read: it is away\. It is tried again at the next interval\. No revision is in force, and main@sha1:a{40}, which was, cannot be brought back: no device is looked at$/,
      },
    },
    {
      name: 'away, with one in force',
      given: { outcome: failed, last: standing },
      ready: { status: 'False', reason: 'SourceFailed', message: /main@sha1:a{40} stays in force$/ },
    },
    {
      name: 'wrong itself',
      given: { outcome: { kind: 'Invalid', reason: 'FleetInvalid', message: 'Fleet lab cannot be used' } },
      ready: { status: 'False', reason: 'FleetInvalid', message: /^Fleet lab cannot be used$/ },
    },
    {
      name: 'suspended',
      given: { outcome: { kind: 'Suspended' } },
      ready: { status: 'Unknown', reason: 'Suspended', message: /Next: plumb unsuspend$/ },
    },
    {
      name: 'in force, with devices that wait',
      given: { releasing: ['a', 'b', 'c', 'd', 'e', 'f'] },
      ready: {
        status: 'False',
        reason: 'ApprovalRequired',
        message: /no longer has 6 devices \(a, b, c, d, e, …\).*plumb reconcile --release$/,
      },
    },
  ])('$name', ({ given, ready }) => {
    const status = describeFleet(facts(given));
    expect(status.conditions[0]).toMatchObject({
      type: 'Ready',
      status: ready.status,
      reason: ready.reason,
      message: expect.stringMatching(ready.message) as string,
    });
    expect(Schema.safeParse(status).error).toBeUndefined();
    expect(status.observedGeneration).toBe(3);
  });

  it('keeps the revision that was in force, so that history does not go backwards from it', () => {
    expect(describeFleet(facts({ outcome: failed, inForce: undefined, last: standing })).revision).toBe(good);
    expect(describeFleet(facts({ outcome: failed, inForce: undefined })).revision).toBeUndefined();
  });

  it('tells the newest revision that was tried, also when the next try came to none', () => {
    const last = describeFleet(facts({ outcome: refused(1) }));
    expect(last.attemptedRevision).toBe(bad);
    expect(describeFleet(facts({ outcome: failed, last })).attemptedRevision).toBe(bad);
  });

  it('lists twenty errors and counts all, and forgets them when they are over', () => {
    const last = describeFleet(facts({ outcome: refused(25) }));
    expect(last.problems).toHaveLength(20);
    expect(last.conditions[0]?.message).toContain('has 25 errors');
    expect(describeFleet(facts({ last })).problems).toEqual([]);
  });

  it('says Stalled only while a person alone can help', () => {
    const stalled = describeFleet(facts({ outcome: { kind: 'Invalid', reason: 'FleetRefused', message: 'two' } }));
    expect(stalled.conditions.map(({ type }) => type)).toEqual(['Ready', 'Stalled']);
    expect(describeFleet(facts({ last: stalled })).conditions.map(({ type }) => type)).toEqual(['Ready']);
  });

  it('is the same when the same is seen again, and moves its time with Ready alone', () => {
    const later = new Date('2026-11-22T00:00:00.000Z');
    expect(describeFleet(facts({ last: standing, at: later }))).toEqual(standing);
    const first = describeFleet(facts({ last: standing, outcome: refused(1), at: later }));
    expect(first.conditions[0]?.lastTransitionTime).toBe(later.toISOString());
    const again = describeFleet(facts({ last: first, outcome: refused(2), at: new Date('2026-11-23T00:00:00.000Z') }));
    expect(again.conditions[0]?.lastTransitionTime).toBe(later.toISOString());
  });

  it('shows a path for webhooks, or why there is none beside Ready', () => {
    expect(describeFleet(facts({ webhook: { path: '/hooks/x' } }))).toMatchObject({ webhookPath: '/hooks/x' });
    const deaf = describeFleet(facts({ webhook: { problem: problem(1) } }));
    expect(deaf).not.toHaveProperty('webhookPath');
    expect(deaf.conditions).toMatchObject([
      { type: 'Ready', status: 'True' },
      { type: 'WebhookReady', status: 'False', reason: 'FleetInvalid' },
    ]);
  });
});

it('an error is said as plumb check says it, and never longer than an object may hold', () => {
  expect(sayProblem(problem(7))).toBe('a.yaml:7:5 FleetInvalid: Fleet lab cannot be used: line 7. Correct the spec of the Fleet');
  expect(sayProblem(errors.FleetInvalid({ fleet: 'lab', what: 'did you mean path?' }))).toBe(
    'FleetInvalid: Fleet lab cannot be used: did you mean path? Correct the spec of the Fleet',
  );
  expect(sayProblem(errors.FleetInvalid({ fleet: 'lab', what: 'x'.repeat(5000) }))).toHaveLength(2000);
});

it('counts devices that wait beyond what it lists', () => {
  const releasing = Array.from({ length: 1500 }, (_, k) => `r${k}`);
  const status = Schema.parse(describeFleet(facts({ releasing })));
  expect(status.releasing).toHaveLength(1000);
  expect(status.conditions[0]?.message).toContain('1500 devices');
});

describe('a Fleet of several regions', () => {
  const seen = (region: string, outcome: FleetOutcome, last?: FleetStatus, more: Partial<FleetFacts> = {}) =>
    Schema.parse(describeFleet(facts({ region, outcome, last, ...more })));
  const inForce: FleetOutcome = { kind: 'InForce', revision: good };
  const readyOf = ({ conditions }: FleetStatus) => [conditions[0]?.status, conditions[0]?.reason];
  const types = ({ conditions }: FleetStatus) => conditions.map(({ type }) => type.replace(/-.*/, ''));

  it('is not Ready while one of them cannot take the newest revision, whoever looked last', () => {
    const broken = seen('site=fra', failed, standing);
    expect(broken.conditions[0]?.message).toMatch(/^The operator of site=fra: .*it is away/);
    const after = seen('site=nyc', inForce, broken);
    expect(after.conditions).toEqual(broken.conditions);
    expect(seen('site=fra', failed, after).conditions).toEqual(broken.conditions);
  });

  it('comes to rest when two of them fail for different reasons', () => {
    const one = seen('site=fra', failed, standing);
    const two = seen('site=nyc', refused(1), one);
    expect(types(two)).toEqual(['Ready', 'RegionReady', 'RegionReady']);
    expect(readyOf(seen('site=fra', failed, two))).toEqual(readyOf(two));
  });

  it('is Ready when the last of them goes on', () => {
    const both = seen('site=nyc', failed, seen('site=fra', failed));
    const one = seen('site=fra', inForce, both);
    expect(readyOf(one)).toEqual(['False', 'SourceFailed']);
    expect(types(one)).toEqual(['Ready', 'RegionReady']);
    const none = seen('site=nyc', inForce, one);
    expect([readyOf(none), types(none)]).toEqual([['True', 'InForce'], ['Ready']]);
  });

  it('takes no more conditions than an object does, however many regions fail', () => {
    const sites = Array.from({ length: 40 }, (_, k) => `site=s${k}`);
    const all = sites.reduce<FleetStatus>((last, site) => seen(site, failed, last), standing);
    expect(readyOf(all)).toEqual(['False', 'SourceFailed']);
    // And when everything beside Ready is wrong too.
    const unpublished = { devices: new Map([['edge1', 'no']]), mirrors: new Map([['BGPSession/a', 'no']]) };
    const wrong = {
      unpublished: sayUnpublished(unpublished),
      unmirrored: sayUnmirrored(unpublished),
      netbox: problem(1),
      unwritten: problem(2),
      webhook: { problem: problem(3) },
      netboxWebhook: { problem: problem(4) },
    };
    const last = seen('site=last', failed, all, wrong);
    expect(last.conditions.length).toBeGreaterThan(12);
    expect(last.conditions.length).toBeLessThanOrEqual(16);
    expect(Schema.safeParse(last).error).toBeUndefined();
  });

  it('forgets what was said of an older spec, by an operator that may be gone', () => {
    const broken = seen('site=fra', failed, standing);
    const edited = seen('site=nyc', inForce, broken, { generation: 4 });
    expect([readyOf(edited), types(edited)]).toEqual([['True', 'InForce'], ['Ready']]);
  });

  it('names the revision of whoever moved last, and stays so while nobody moves', () => {
    const moved = seen('site=fra', { kind: 'InForce', revision: bad }, standing, { inForce: bad, isNews: true });
    expect(moved).toMatchObject({ revision: bad, attemptedRevision: bad });
    expect(moved.conditions[0]?.message).toBe(`${bad} is in force`);
    expect(seen('site=nyc', inForce, moved)).toEqual(moved);
    expect(seen('site=nyc', inForce, moved, { isNews: true })).toMatchObject({ revision: good, attemptedRevision: good });
  });

  it('lists the errors of the region that Ready speaks of, until it refuses nothing', () => {
    const one = seen('site=fra', refused(2), standing);
    expect(one).toMatchObject({ attemptedRevision: bad, problems: [expect.any(String), expect.any(String)] });
    const two = seen('site=nyc', inForce, one);
    expect(two).toEqual(one);
    expect(seen('site=fra', inForce, two)).toMatchObject({ attemptedRevision: good, problems: [] });
  });

  it('keeps the webhook path of a region that has the Secret, and says which one has not', () => {
    const heard = seen('site=fra', inForce, standing, { webhook: { path: '/hooks/x' } });
    const deaf = seen('site=nyc', inForce, heard, { webhook: { problem: problem(1) } });
    expect(deaf).toMatchObject({ webhookPath: '/hooks/x' });
    expect(deaf.conditions[1]).toMatchObject({
      type: 'WebhookReady',
      message: expect.stringMatching(/^The operator of site=nyc: /) as string,
    });
    expect(seen('site=fra', inForce, deaf, { webhook: { path: '/hooks/x' } })).toEqual(deaf);
    expect(types(seen('site=nyc', inForce, deaf, { webhook: { path: '/hooks/x' } }))).toEqual(['Ready']);
  });

  it('tells which devices of a region cannot be published, and leaves it standing whoever looks next', () => {
    const devices = new Map([
      ['edge2', 'it is too large'],
      ['edge1', 'a label is wrong'],
    ]);
    const unpublished = sayUnpublished({ devices, mirrors: new Map() });
    const one = seen('site=fra', inForce, standing, { unpublished });
    expect(one.conditions[1]).toMatchObject({
      type: 'DevicesPublished',
      status: 'False',
      message: expect.stringMatching(
        /^The operator of site=fra: 2 devices \(edge1, edge2\) cannot be published: a label is wrong\. /,
      ) as string,
    });
    expect(seen('site=nyc', inForce, one)).toEqual(one);
    expect(types(seen('site=fra', inForce, one))).toEqual(['Ready']);
  });

  it('needs no condition for one operator', () => {
    expect(types(seen('', failed, standing))).toEqual(['Ready']);
  });
});
