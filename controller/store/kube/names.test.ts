import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMetadata, encodeLabel, encodeMetadata, encodeName, ours } from './names.ts';

/** What the API server takes, in the words of its own messages. */
const name = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const key = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;
const value = /^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/;

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom(...'aB1-._/ x'), maxLength: 80 }),
  fc.constantFrom('', '__proto__', 'constructor', 'x-2d', '.', 'a/', '/a', 'a..b/c', 'A.b/c', ...Object.values(ours)),
);
const texts = fc.dictionary(odd, odd, { maxKeys: 4, noNullPrototype: true });

describe('a name for Kubernetes', () => {
  it('is legal whatever the name was, and another for another', () => {
    fc.assert(
      fc.property(odd, odd, (a, b) => {
        const [encodedA, encodedB] = [encodeName(a, 'fleet.thing.'), encodeName(b, 'fleet.thing.')];
        expect(encodedA).toMatch(name);
        expect(encodedA.length).toBeLessThanOrEqual(253);
        expect(encodedA === encodedB).toBe(a === b);
      }),
    );
  });

  it.each(['edge1-fra', 'a.b', '0', 'sha256-ab', 'a'.repeat(200)])('of %s is itself', (legal) =>
    expect(encodeName(legal, 'fleet.thing.')).toBe(`fleet.thing.${legal}`),
  );

  it('of a name that looks like an encoded one is not mistaken for it', () => {
    const encoded = encodeName('UPPER');
    expect(encodeName(encoded)).not.toBe(encoded);
  });
});

describe('labels and annotations for Kubernetes', () => {
  it('are legal, and come back as they were', () => {
    fc.assert(
      fc.property(odd, texts, texts, (called, labels, annotations) => {
        const encoded = encodeMetadata(called, '', labels, annotations);
        for (const [k, v] of Object.entries(encoded.labels))
          expect([k, v]).toEqual([expect.stringMatching(key), expect.stringMatching(value)]);
        for (const k of Object.keys(encoded.annotations)) expect(k.toLowerCase()).toMatch(key);
        const name = encodeName(called);
        const held = { name, ...encoded, labels: { ...encoded.labels, [ours.recordKind]: 'Thing', [ours.recordOwner]: 'fleet' } };
        const decoded = decodeMetadata(held, '');
        expect(new Map(Object.entries(decoded.labels))).toEqual(new Map(Object.entries(labels)));
        expect(new Map(Object.entries(decoded.annotations))).toEqual(new Map(Object.entries(annotations)));
        expect(decoded.name).toBe(called);
      }),
    );
  });

  it('are found by what each of them is encoded to', () => {
    fc.assert(
      fc.property(texts, (labels) => {
        const { labels: encoded } = encodeMetadata('a', '', labels, {});
        for (const [k, v] of Object.entries(labels)) expect(Object.entries(encoded)).toContainEqual(encodeLabel(k, v));
      }),
    );
  });

  it('that somebody else changed are what they are now', () => {
    const { labels, annotations } = encodeMetadata('a', '', { note: 'two words' }, {});
    expect(decodeMetadata({ name: 'a', labels: { ...labels, note: 'mine' }, annotations }, '').labels).toEqual({ note: 'mine' });
    expect(decodeMetadata({ name: 'a', labels: {}, annotations }, '').labels).toEqual({});
  });

  it.each([
    '{',
    'null',
    '7',
    '[]',
    '"text"',
    '{"labels":null}',
    '{"labels":{"site":5}}',
    '{"labels":{"site":["role"]}}',
    '{"labels":{"site":[1,2]}}',
    '{"name":5}',
    '{"name":{}}',
    '{"annotations":"text"}',
    '{"annotations":{"the note":7}}',
  ])('survive %s where their exact text was', (text) => {
    const held = { name: 'fleet.thing.a', labels: { site: 'fra' }, annotations: { note: 'x', [ours.exact]: text } };
    expect(decodeMetadata(held, 'fleet.thing.')).toEqual({ name: 'a', labels: { site: 'fra' }, annotations: { note: 'x' } });
  });

  it.each([
    ['name', { name: 'core1' }],
    ['name, in letters that Kubernetes does not take', { name: 'CORE1' }],
    ['label', { labels: { site: ['role', 'fra'] } }],
    ['annotation', { annotations: { 'plumbline.dev/rollout': '{"by":"somebody else"}' } }],
  ])('take no %s of another from an exact text that somebody wrote', (_what, exact) => {
    const held = { name: 'edge1', labels: { site: 'fra' }, annotations: { [ours.exact]: JSON.stringify(exact) } };
    expect(decodeMetadata(held, '')).toEqual({ name: 'edge1', labels: { site: 'fra' }, annotations: {} });
  });
});
