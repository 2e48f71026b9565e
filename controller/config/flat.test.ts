import { describe, expect, it } from 'vitest';
import { dialectFor } from './dialects/index.ts';
import { parse } from './parse.ts';
import { planPatch } from './plan.ts';

function commands(live: string, intended: string, platform = 'junos'): string[] {
  const dialect = dialectFor(platform);
  return planPatch(parse(live, dialect), parse(intended, dialect), dialect, { scope: 'all' }).commands.map(({ text }) => text);
}

describe('a configuration of set lines', () => {
  it('is the same in braces, as set lines and by indentation', () => {
    const braces = 'system {\n    host-name a;\n    ntp {\n        server [ 192.0.2.1 192.0.2.2 ];\n    }\n}';
    const sets = 'set system host-name a\nset system ntp server 192.0.2.1\nset system ntp server 192.0.2.2';
    const indented = 'system\n  host-name a\n  ntp\n    server 192.0.2.1\n    server 192.0.2.2';
    expect(commands(braces, sets)).toEqual([]);
    expect(commands(sets, indented)).toEqual([]);
  });

  it('deletes at the outermost block of which nothing is left', () => {
    expect(commands('a { b { c 1; d 2; } e 3; }', 'a { e 3; }')).toEqual(['delete a b']);
  });

  it('keeps a block that only becomes empty', () => {
    expect(commands('a { b { c 1; } }', 'a { b { } }')).toEqual(['delete a b c 1']);
  });

  it('does not see quotes around a single word', () => {
    expect(commands('a { description "west"; }', 'a { description west; }')).toEqual([]);
  });

  it('switches off and on what is inactive', () => {
    expect(commands('a { b { c 1; } }', 'a { inactive: b { c 1; } }')).toEqual(['deactivate a b']);
    expect(commands('a { inactive: b { c 1; } }', 'a { b { c 1; } }')).toEqual(['activate a b']);
    expect(commands('a { inactive: b { c 1; } d 1; }', 'a { d 1; }')).toEqual(['delete a b']);
  });

  it('moves terms into their order, new ones too', () => {
    const policy = (...terms: string[]): string => terms.map((term) => `set p term ${term} then accept`).join('\n');
    expect(commands(policy('a', 'b'), policy('b', 'a'))).toEqual(['insert p term b before term a']);
    expect(commands(policy('a', 'b'), policy('a', 'x', 'b'))).toEqual(['set p term x then accept', 'insert p term x before term b']);
  });

  it('writes remarks where their statement stands', () => {
    expect(commands('a { b 1; }', 'a { /* why */ b 1; }')).toEqual(['edit a', 'annotate b "why"', 'top']);
    expect(commands('a { /* why */ b 1; }', 'a { b 1; }')).toEqual(['edit a', 'annotate b ""', 'top']);
  });
});
