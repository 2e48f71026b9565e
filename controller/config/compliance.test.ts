import { describe, expect, it } from 'vitest';
import { compliance, missingLines } from './compliance.ts';

describe('missing lines', () => {
  it('stand under the sections they belong to, each section said once', () => {
    const live = 'interface a\n mtu 1500\nntp server 192.0.2.1';
    const intended = 'interface a\n mtu 9000\n description x\nntp server 192.0.2.1';
    expect(missingLines(live, intended, 'iosxe')).toEqual(['interface a', '  mtu 9000', '  description x']);
  });

  it.each([
    { name: 'a banner up to its mark', platform: 'iosxe', text: 'banner motd ~\n one\n two\n~' },
    { name: 'a banner up to EOF', platform: 'eos', text: 'banner login\none\nEOF' },
    { name: 'a quoted text over lines', platform: 'paloalto-panos', text: 'set deviceconfig system login-banner "one\ntwo"' },
  ])('take $name as one line', ({ platform, text }) => {
    expect(missingLines('', `${text}\nhostname x`, platform)).toEqual([text, 'hostname x']);
  });

  it('do not count comments of the platform', () => {
    expect(missingLines('', 'remark # one\nconfigure system\n  remark # two\n  web enable', 'adva-fsp150f2')).toEqual([
      'configure system',
      '  web enable',
    ]);
  });
});

describe('a feature', () => {
  const report = (live: string, intended: string, ordered: boolean): boolean | undefined =>
    compliance(live, intended, [{ name: 'f', ordered, section: ['ntp'] }], 'iosxe')['f']?.compliant;

  it('complies in any order unless its order counts', () => {
    const [one, other] = ['ntp server 192.0.2.1\nntp server 192.0.2.2', 'ntp server 192.0.2.2\nntp server 192.0.2.1'];
    expect([report(one, other, false), report(one, other, true), report(one, one, true)]).toEqual([true, false, true]);
  });

  it('does not look at other lines', () => {
    expect(report('hostname a', 'hostname b', true)).toBe(true);
  });
});
