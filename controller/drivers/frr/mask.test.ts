import { describe, expect, test } from 'vitest';
import { isSaved, maskRunning, qualifyLines } from './mask.ts';

const running = `frr version 8.4.4
frr defaults traditional
hostname edge1-fra
!
router bgp 64501
 neighbor 192.0.2.1 remote-as 64502
 neighbor 192.0.2.1 password topsecret
 !
 address-family ipv4 unicast
  network 198.51.100.0/24
 exit-address-family
exit
!
end
`;

const tokenOf = (value: string) => `<secret:hmac-${String(value.length).padStart(32, '0')}>`;

describe('running config as it leaves the driver', () => {
  // Sent to an 8.4.4: `ip msdp timers 60 70 20`.
  test.each([
    { version: '8.4.4', line: 'ip msdp timers 60 70 20' },
    { version: '9.1', line: 'ip msdp timers 70 60 20' },
  ])('says the MSDP timers of $version as they are sent', ({ version, line }) => {
    const printed = `frr version ${version}\nip msdp timers 70 60 20\nvrf red\n ip msdp timers 70 60 20\nexit-vrf\nend\n`;
    expect(maskRunning(printed, tokenOf)?.config).toBe(`${line}\nvrf red\n ${line}\nexit-vrf\n`);
  });

  test('has tokens for secrets, and neither the version line nor the end', () => {
    const masked = maskRunning(running, tokenOf);
    expect(masked?.config).toBe(
      running.replace('frr version 8.4.4\n', '').replace('!\nend\n', '!\n').replace('topsecret', tokenOf('topsecret')),
    );
    expect(masked?.values.get(tokenOf('topsecret'))?.reveal()).toBe('topsecret');
    expect(JSON.stringify(masked)).not.toContain('topsecret');
  });

  test('has a fingerprint that does not move with the software version or line ends', () => {
    const fingerprint = maskRunning(running, tokenOf)?.fingerprint;
    expect(maskRunning(running.replace('8.4.4', '9.1'), tokenOf)?.fingerprint).toBe(fingerprint);
    expect(maskRunning(running.replaceAll('\n', '\r\n'), tokenOf)?.fingerprint).toBe(fingerprint);
    expect(maskRunning(running.replace('remote-as 64502', 'remote-as 64503'), tokenOf)?.fingerprint).not.toBe(fingerprint);
  });

  test('is what is saved only where both are the same word for word', () => {
    const saved = running.replace('!\nend\n', '!\n').split('\n');
    expect(isSaved(running, saved)).toBe(true);
    expect(isSaved(`Last login: today\n${running}`, saved)).toBe(true);
    expect(isSaved(running, saved.toSpliced(5, 1))).toBe(false);
    expect(isSaved(running.replace('topsecret', 'another'), saved)).toBe(false);
    expect(isSaved(running.replace('\nend\n', ''), saved)).toBe(false);
  });

  describe('where somebody typed a token that a plan had shown', () => {
    const typed = tokenOf('topsecret');
    const printed = running.replace('topsecret', typed).replace('remote-as 64502', `description ask ${typed}`);
    const masked = maskRunning(printed, tokenOf);

    test('is not in sync with the value that the token stands for', () => {
      expect(masked?.config).not.toContain(typed);
      expect(masked?.fingerprint).not.toBe(maskRunning(running, tokenOf)?.fingerprint);
    });

    test('gives its words back, and never the value', () => {
      const token = tokenOf(typed);
      expect(masked?.config).toContain(` neighbor 192.0.2.1 password ${token}\n`);
      expect(masked?.config).toContain(` neighbor 192.0.2.1 description ask ${token}\n`);
      expect([...(masked?.values ?? [])].map(([key, value]) => [key, value.reveal()])).toEqual([[token, typed]]);
    });

    test('also with something around it, or without a value', () => {
      const unset = '<secret:unset-bgp/edge1>';
      const around = maskRunning(running.replace('topsecret', `a${unset}b${typed}`), tokenOf);
      expect([...(around?.values.values() ?? [])].map((value) => value.reveal())).toEqual([`a${unset}b${typed}`]);
    });
  });

  test('begins with FRR, whatever a login says before', () => {
    expect(maskRunning(`Welcome to edge1\nrouter bgp 1\n${running}`, tokenOf)).toEqual(maskRunning(running, tokenOf));
  });

  test.each([
    ['cut in the middle', running.slice(0, 100)],
    ['empty', ''],
    ['followed by something', `${running}router bgp 64502\n`],
  ])('that is %s is not whole', (_, text) => {
    expect(maskRunning(text, tokenOf)).toBeUndefined();
  });
});

test('lines with their sections compare equal whatever the order of sections', () => {
  const a = 'route-map A permit 10\n set metric 1\nexit\n!\nroute-map B permit 10\n set metric 1\nexit\n';
  const b = 'route-map B permit 10\n set metric 1\n!\nroute-map A permit 10\n set metric 1\n';
  expect(qualifyLines(a)).toEqual(qualifyLines(b));
  expect(qualifyLines(running)).toContain('router bgp 64501 > address-family ipv4 unicast > network 198.51.100.0/24');
  expect(qualifyLines(a)).not.toEqual(qualifyLines(b.replace('metric 1', 'metric 2')));
});
