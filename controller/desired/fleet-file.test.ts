import { describe, expect, it } from 'vitest';
import { readFleetFile } from './fleet-file.ts';

const spec = `ceiling: Approve
approval:
  rules:
    - { risk: high, count: 2 }
changes:
  atOnce: 3
`;

const indented = spec.replace(/^/gm, '  ').trimEnd();

describe('the Fleet of one machine', () => {
  it.each([
    ['its spec alone', spec],
    ['a manifest', `apiVersion: plumbline.dev/v1alpha1\nkind: Fleet\nmetadata: {name: backbone}\nspec:\n${indented}\n`],
  ])('is read from %s, and says no more than what was written', (_, text) => {
    expect(readFleetFile('fleet.yaml', text)).toEqual({
      words: { ceiling: 'Approve', approval: { rules: [{ risk: 'high', count: 2 }] }, changes: { atOnce: 3 } },
      problems: [],
    });
  });

  it('may be empty', () => expect(readFleetFile('fleet.yaml', '# nothing yet\n')).toEqual({ words: {}, problems: [] }));

  it.each<{ name: string; text: string; says: readonly string[] }>([
    {
      name: 'a word that is none',
      text: 'ceiling: Aprove\nchanges: {atonce: 3}\n',
      says: [
        '1:10 WrongValue Fleet: ceiling is "Aprove", did you mean Approve?',
        '2:11 UnknownField Fleet: changes.atonce is not a field, did you mean atOnce?',
      ],
    },
    {
      name: 'a rule for groups',
      text: 'approval:\n  rules:\n    - count: 1\n    - count: 2\n      groups: [netops]\n',
      says: ['5:7 FieldsDisagree Fleet: approval.rules[1].groups: one machine knows users and no groups, so nobody could meet this rule'],
    },
    {
      name: 'a source of a cluster',
      text: `apiVersion: plumbline.dev/v1alpha1\nkind: Fleet\nmetadata: {name: backbone}\nspec:\n  sourceRef: {kind: GitRepository, name: net}\n`,
      says: ['5:3 FieldsDisagree Fleet: spec.sourceRef: a Flux source stands in a cluster'],
    },
    {
      name: 'another kind',
      text: 'apiVersion: plumbline.dev/v1alpha1\nkind: Device\nmetadata: {name: backbone}\nspec: {}\n',
      says: ['2:7 WrongValue Fleet: kind is "Device"'],
    },
    { name: 'two of them', text: 'ceiling: Report\n---\nceiling: Approve\n', says: ['2:1 UnknownKind a second document begins here'] },
    { name: 'a list', text: '- ceiling: Report\n', says: ['1:1 WrongType'] },
    { name: 'broken YAML', text: 'ceiling: [Report\n', says: ['2:1 YAMLSyntax'] },
  ])('is refused for $name, with the place', ({ text, says }) => {
    const { words, problems } = readFleetFile('fleet.yaml', text);
    const told = problems.map(({ at, code, message }) => `${at?.line}:${at?.col} ${code} ${message}`);
    expect(words).toEqual({});
    expect(told.map((each, k) => each.slice(0, says[k]?.length))).toEqual(says);
  });
});
