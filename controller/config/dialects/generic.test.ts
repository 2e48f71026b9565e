import { expect, it } from 'vitest';
import { runBatchLine } from '../batch.ts';

const patch = (live: string, intended: string): unknown =>
  JSON.parse(runBatchLine(JSON.stringify({ id: 1, platform: 'nobody-knows-it', live, intended }), 'patch'));

it.each([
  { name: 'indented with no', live: 'interface a\n mtu 1\n', intended: 'interface a\n', commands: ['interface a', ' no mtu 1', 'exit'] },
  {
    name: 'indented with undo',
    live: 'undo dhcp\ninterface a\n mtu 1\n',
    intended: 'undo dhcp\ninterface a\n',
    commands: ['interface a', ' undo mtu 1', 'quit'],
  },
  { name: 'set lines', live: 'set a b\nset a c\n', intended: 'set a c\n', commands: ['delete a b'] },
  { name: 'braces', live: 'a {\n  b;\n  c;\n}\n', intended: 'a {\n  c;\n}\n', commands: ['delete a b'] },
])('a platform without a dialect runs on the one of its syntax family: $name', ({ live, intended, commands }) =>
  expect(patch(live, intended)).toEqual({ id: 1, commands }),
);
