import type { Row } from '../../dialect.ts';
import { on } from './normal.ts';

export const interfaceSections: Readonly<Record<string, readonly Row[]>> = {
  interface: [
    { match: 'description <text*>', remove: 'no description', effect: 'none' },
    { match: 'bandwidth <value>', remove: 'no bandwidth' },
    { match: 'ip ospf cost <value>', remove: 'no ip ospf cost' },
    { match: 'ip ospf authentication-key <key>', secret: 'key', remove: 'no ip ospf authentication-key' },
    { match: 'ip ospf message-digest-key {id} md5 <key>', secret: 'key', remove: 'no ip ospf message-digest-key {id}', change: 'recreate' },
    { match: 'ip rip authentication string <key*>', secret: 'key' },
    { match: 'isis password clear|md5 <key>', secret: 'key', remove: 'no isis password' },
    { match: 'ipv6 nd suppress-ra', ...on },
    { match: 'link-params', opens: 'link-params', close: 'exit-link-params' },
    { match: 'link-detect', ...on },
  ],
  'link-params': [],
};
