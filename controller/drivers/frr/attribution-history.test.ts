import { describe, expect, test } from 'vitest';
import { parseHistory, parseTime } from './attribution-history.ts';

const noon = Date.UTC(2026, 10, 21, 12) / 1000;
const answer = (...lines: string[]) => parseHistory([`now ${noon + 600} +0000`, ...lines, 'end history', ''].join('\n'));

describe('the history of a router', () => {
  test.each([
    ['FRR’s own file', '2026/11/21 12:00:05 BGP: [M7Q4P-46WDR] vty[23]@(config-router)# neighbor 192.0.2.1 shutdown'],
    ['with fractions', '2026/11/21 12:00:05.123 BGP: [M7Q4P-46WDR] vty[23]@(config-router)# neighbor 192.0.2.1 shutdown'],
    ['with priorities', '2026/11/21 12:00:05 notifications: BGP: [M7Q4P-46WDR] vty[23]@(config-router)# neighbor 192.0.2.1 shutdown'],
    ['without message ids', '2026/11/21 12:00:05 BGP: vty[23]@(config-router)# neighbor 192.0.2.1 shutdown'],
    ['the journal', '2026-11-21T12:00:05+0000 edge1 bgpd[612]: [M7Q4P-46WDR] vty[23]@(config-router)# neighbor 192.0.2.1 shutdown'],
    ['syslog of today', '2026-11-21T12:00:05.123456+00:00 edge1 bgpd[612]: vty[23]@(config-router)# neighbor 192.0.2.1 shutdown'],
    ['syslog of old', 'Nov 21 12:00:05 edge1 bgpd[612]: [M7Q4P-46WDR] vty[23]@(config-router)# neighbor 192.0.2.1 shutdown'],
  ])('reads a command out of the log: %s', (_, line) => {
    expect(answer(`command ${line}`)?.commands).toEqual([{ at: noon + 5, line: 'neighbor 192.0.2.1 shutdown' }]);
  });

  test.each([
    ['what changes nothing', '2026/11/21 12:00:05 BGP: vty[23]@# show running-config'],
    ['leaving', '2026/11/21 12:00:05 BGP: vty[23]@(config)# end'],
    ['a look from within', '2026/11/21 12:00:05 BGP: vty[23]@(config)# do show version'],
    ['words of a neighbor', '2026/11/21 12:00:05 BGP: [AAAAA-BBBBB] 192.0.2.1 says: vty[23]@(config)# no router bgp 64501'],
    ['a line without a time', 'BGP: vty[23]@(config)# no router bgp 64501'],
  ])('takes no command from %s', (_, line) => {
    expect(answer(`command ${line}`)?.commands).toEqual([]);
  });

  test('reads the local time of a router that lives elsewhere', () => {
    const clock = { now: noon, zoneSeconds: 2 * 3600 };
    expect(parseTime('2026/11/21 14:00:00 BGP: x', clock)).toBe(noon);
    expect(parseTime('Nov 21 14:00:00 edge1 x', clock)).toBe(noon);
    expect(parseTime('2026-11-21T14:00:00+02:00 edge1 x', clock)).toBe(noon);
    expect(parseTime('2026-11-21T13:00:00+0100 edge1 x', clock)).toBe(noon);
  });

  test('knows that last December was last year', () => {
    const january = Date.UTC(2027, 0, 2) / 1000;
    expect(parseTime('Dec 31 23:00:00 edge1 x', { now: january, zoneSeconds: 0 })).toBe(Date.UTC(2026, 11, 31, 23) / 1000);
  });

  test('pairs who came with who went, also when a line was written by a child of sshd', () => {
    const history = answer(
      'logins known',
      'sshd 2026-11-21T12:00:00+00:00 edge1 sshd[100]: Accepted publickey for mona from 192.0.2.9 port 40000 ssh2: ED25519 SHA256:x',
      'sshd 2026-11-21T12:01:00+00:00 edge1 sshd-session[200]: Accepted password for luis from 2001:db8::9 port 40001 ssh2',
      'sshd 2026-11-21T12:05:00+00:00 edge1 sshd[101]: Disconnected from user mona 192.0.2.9 port 40000',
      'sshd 2026-11-21T12:06:00+00:00 edge1 sshd[300]: Failed password for invalid user Accepted publickey for eve from 192.0.2.66 port 1 ssh2',
    );
    expect(history?.logins).toEqual([
      { who: 'mona', from: '192.0.2.9', at: noon, until: noon + 300 },
      { who: 'luis', from: '2001:db8::9', at: noon + 60 },
    ]);
  });

  test('reads wtmp, without what is no person', () => {
    const history = answer(
      'last mona     pts/0        192.0.2.9        2026-11-21T12:00:00+00:00 - 2026-11-21T12:05:00+00:00  (00:05)',
      'last luis     tty1                          2026-11-21T12:01:00+00:00   still logged in',
      'last wtmp begins 2026-11-20T00:00:00+00:00',
      'last reboot   system boot  6.1.0            2026-11-21T11:00:00+00:00   still running',
    );
    expect(history?.logins).toEqual([
      { who: 'mona', from: '192.0.2.9', at: noon, until: noon + 300 },
      { who: 'luis', from: 'tty1', at: noon + 60 },
    ]);
  });

  test('tells who saved, and of the last change of ours', () => {
    expect(answer(`saved mona ${noon}`, `change ${noon + 9} t1 persisted plumb@ops pid 7`, 'unreadable /var/log/auth.log')).toMatchObject({
      saved: { who: 'mona', at: noon },
      change: { at: noon + 9, token: 't1', state: 'persisted', holder: 'plumb@ops pid 7' },
      unreadable: ['/var/log/auth.log'],
      knowsLog: false,
      knowsLogins: false,
    });
  });

  test('is unknown when it is cut off', () => {
    expect(parseHistory(`now ${noon} +0000\ncommand 2026/11/21 12:0`)).toBeUndefined();
    expect(parseHistory('end history\n')).toBeUndefined();
  });
});
