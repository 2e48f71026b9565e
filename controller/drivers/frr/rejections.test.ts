import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explainRejection, rejections } from './rejections.ts';

const folder = join(import.meta.dirname, 'transcripts');
const read = (name: string) => readFileSync(join(folder, name), 'utf8').replaceAll(/^> .*\n/gm, '');

describe('words of a refusal', () => {
  test.each([
    ['unknown-command.txt', 'Unknown command: neighbor 10.9.9.9 bogus'],
    ['incomplete.txt', 'Command incomplete: neighbor 10.0.1.2'],
    ['configuration-failed.txt', 'Invalid prefix range for 10.0.0.0/8: Make sure that mask length <= ge <= le'],
    ['other-as.txt', 'BGP is already running; AS is 64501'],
    ['specify-remote-as.txt', 'Specify remote-as or peer-group commands first'],
    ['no-such-peer-group.txt', 'Configure the peer-group first'],
    ['community-conflict.txt', 'Community name conflict, previously defined as standard community'],
    ['no-such-network.txt', "Can't find static route specified"],
    ['daemon-not-started.txt', 'ospfd is not running'],
    ['daemon-died.txt', 'bgpd is not running'],
    ['daemon-died-in-the-middle.txt', 'closing connection to bgpd because of an I/O error!'],
    ['daemon-died-unnoticed.txt', 'connecting to bgpd...failed!'],
    ['secret-refused.txt', 'Failure to communicate'],
  ])('%s: %s', (name, words) => {
    expect(explainRejection(read(name))).toBe(words);
  });

  test('are found behind a notice that has no line end', () => {
    const notice = 'vtysh_pam: Failed in account validation: Authentication failure(7)';
    expect(explainRejection(`r1# configure terminal\n${notice}bgpd is not running\n`)).toBe('bgpd is not running');
  });

  test('are the last line when no row knows them, and nothing is invented when there are none', () => {
    expect(explainRejection('r1# configure terminal\nr1(config)# x\nsomething new\n')).toBe('something new');
    expect(explainRejection('r1# configure terminal\n')).toBe('no words');
  });

  test('every row has a transcript that proves it', () => {
    const names = new Set(readdirSync(folder));
    for (const { says, from } of rejections) {
      expect(names).toContain(from);
      expect(read(from)).toMatch(says);
    }
  });
});
