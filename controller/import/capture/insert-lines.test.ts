import { describe, expect, it } from 'vitest';
import { dialectFor, parse } from '../../config/index.ts';
import { insertLines } from './insert-lines.ts';

const frr = dialectFor('frr');
const insert = (text: string, added: string): string => insertLines(text, parse(added, frr));

describe('lines that are inserted into a section', () => {
  it.each<{ name: string; text: string; added: string; gives: string }>([
    {
      name: 'are all of an empty file',
      text: '',
      added: 'router ospf\n passive-interface a\n',
      gives: 'router ospf\n passive-interface a\nexit\n',
    },
    {
      name: 'stand at the end of their block, which keeps its comments',
      text: '! ours\nrouter ospf\n ! quick\n timers throttle spf 1 2 3\nexit\n!\n\nip forwarding\n',
      added: 'router ospf\n passive-interface a\nexit\n',
      gives: '! ours\nrouter ospf\n ! quick\n timers throttle spf 1 2 3\n passive-interface a\nexit\n!\n\nip forwarding\n',
    },
    {
      name: 'stand in a block inside a block, or make one',
      text: 'router bgp 64500\n address-family ipv4 unicast\n  neighbor A weight 1\n exit-address-family\nexit\n',
      added:
        'router bgp 64500\n address-family ipv4 unicast\n  neighbor B weight 2\n exit-address-family\n address-family ipv6 unicast\n  neighbor C weight 3\n exit-address-family\nexit\n',
      gives:
        'router bgp 64500\n address-family ipv4 unicast\n  neighbor A weight 1\n  neighbor B weight 2\n exit-address-family\n address-family ipv6 unicast\n  neighbor C weight 3\n exit-address-family\nexit\n',
    },
    {
      name: 'come last where their block is not there',
      text: 'ip forwarding # why not',
      added: 'key chain K\n key 1\n',
      gives: 'ip forwarding # why not\nkey chain K\n key 1\n exit\nexit\n',
    },
    {
      name: 'have a file written anew whose lines are not indented',
      text: '! lost\nrouter ospf\nospf router-id 192.0.2.1\n',
      added: 'router ospf\n passive-interface a\n',
      gives: 'router ospf\n ospf router-id 192.0.2.1\n passive-interface a\nexit\n',
    },
  ])('$name', ({ text, added, gives }) => expect(insert(text, added)).toBe(gives));
});
