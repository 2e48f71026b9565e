import { expect, test } from 'vitest';
import { tellTyped, vocabularyOf } from './attribution-words.ts';

const vocabulary = vocabularyOf(
  'router bgp 64501\n neighbor 192.0.2.1 description upstream\n neighbor 192.0.2.1 password <secret:hmac-0a>\n',
);

test.each([
  ['neighbor 192.0.2.1 shutdown', 'neighbor 192.0.2.1 shutdown'],
  ['neighbor 192.0.2.1 description upstream', 'neighbor 192.0.2.1 description upstream'],
  ['no neighbor 2001:db8::1 route-map transit in', 'no neighbor 2001:db8::1 route-map …'],
  ['network 203.0.113.0/24', 'network 203.0.113.0/24'],
  ['set community 64500:100 additive', 'set community …'],
  ['neighbor 192.0.2.1 password hunter2', 'neighbor 192.0.2.1 password …'],
  ['neighbor 192.0.2.1 password upstream', 'neighbor 192.0.2.1 password …'],
  ['neighbor 192.0.2.1 password 12345678', 'neighbor 192.0.2.1 password …'],
  ['neighbor 192.0.2.1 pasword hunter2', 'neighbor 192.0.2.1 …'],
  ['neighbor 192.0.2.1 pasword 12345678', 'neighbor 192.0.2.1 …'],
  ['ip ospf message-digest-key 1 md5 hunter2', 'ip ospf message-digest-key …'],
  ['key-string hunter2', 'key-string …'],
  ['enable password 8 hunter2', 'enable password …'],
  ['snmp-server community hunter2', '…'],
  ['neighbor 192.0.2.1 password <secret:hmac-0a>', 'neighbor 192.0.2.1 password …'],
  ['area 0.0.0.0 authentication message-digest', 'area 0.0.0.0 authentication …'],
])('%s is told as %s', (line, told) => {
  expect(tellTyped(line, vocabulary)).toBe(told);
});
