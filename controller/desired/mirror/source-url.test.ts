import { describe, expect, test } from 'vitest';
import { PlumblineError, Secret } from '../../lib/index.ts';
import { checkAccess, type SourceAccess } from './access.ts';
import { parseSourceURL } from './source-url.ts';

describe('the URL of a source', () => {
  test.each([
    ['https://git.example.net/network.git', 'https', 'https://git.example.net'],
    ['https://git.example.net:8443/a/b', 'https', 'https://git.example.net:8443'],
    ['ssh://git@git.example.net/network.git', 'ssh', 'ssh://git.example.net'],
    ['ssh://git@git.example.net:2222/~net/state', 'ssh', 'ssh://git.example.net:2222'],
    ['https://[2001:db8::1]/network', 'https', 'https://[2001:db8::1]'],
  ])('%s is taken', (text, transport, origin) => expect(parseSourceURL(text)).toEqual({ transport, text, origin }));

  test.each([
    ['git@git.example.net:network/state.git', /Write ssh:\/\/git@git\.example\.net\/network\/state\.git/],
    ['http://git.example.net/x', /Write https:\/\/git\.example\.net\/x/],
    ['https://robot:s3cret@git.example.net/x', /change them/],
    ['https://s3cret@git.example.net/x', /change them/],
    ['ssh://git:s3cret@git.example.net/x', /change the password/],
    ['file:///srv/git/x', /https or ssh/],
    ['git://git.example.net/x', /https or ssh/],
    ['ext::sh -c touch% /x', /%XX/],
    ['--upload-pack=touch', /for example https/],
    ['ssh://-oProxyCommand=touch/x', /for example https|https or ssh/],
    ['ssh://-oX@git.example.net/x', /Write ssh:\/\/git@HOST/],
    ['https://git.example.net/x?ref=main', /branch and path have fields/],
    ['https://git.example.net/a b', /%XX/],
    ["https://git.example.net/'x'", /%XX/],
    ['https:///x y', /%XX/],
    ['desired-state', /for example https/],
    ['', /for example https/],
  ])('%s is refused with what to write, and without its secret', (text, next) => {
    const error = refusalOf(text);
    expect(error).toMatchObject({ code: 'SourceURLRefused', next: expect.stringMatching(next) as string });
    expect(`${error.message} ${error.next}`).not.toContain('s3cret');
  });

  test('may be local where that is allowed', () => {
    expect(parseSourceURL('file:///srv/git/x', { allowLocal: true }).transport).toBe('file');
  });
});

function refusalOf(text: string): PlumblineError {
  try {
    parseSourceURL(text);
  } catch (error) {
    if (error instanceof PlumblineError) return error;
  }
  throw new Error(`${text} was taken`);
}

describe('access to a source', () => {
  const secret = (text: string): Secret => new Secret(text);
  const encrypted =
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABA=\n-----END OPENSSH PRIVATE KEY-----\n';
  test.each<{ name: string; url?: string; access: SourceAccess; why: RegExp }>([
    { name: 'ssh without anything', access: {}, why: /needs a key and known hosts/ },
    { name: 'ssh without known hosts', access: { ssh: { identity: secret('x'), knownHosts: '# none\n' } }, why: /known_hosts is empty/ },
    {
      name: 'a key with a passphrase',
      access: { ssh: { identity: secret(encrypted), knownHosts: 'git.example.net ssh-ed25519 AAAA' } },
      why: /passphrase/,
    },
    {
      name: 'a public key',
      access: { ssh: { identity: secret('ssh-ed25519 AAAA'), knownHosts: 'git.example.net ssh-ed25519 AAAA' } },
      why: /no private key/,
    },
    { name: 'an empty password', url: 'https://git.example.net/x', access: { https: { password: secret('\n') } }, why: /empty/ },
    { name: 'a user alone', url: 'https://git.example.net/x', access: { https: { username: 'robot' } }, why: /without a password/ },
    {
      name: 'a password of two lines',
      url: 'https://git.example.net/x',
      access: { https: { password: secret('a\nhost=evil') } },
      why: /line break/,
    },
    {
      name: 'an authority that is none',
      url: 'https://git.example.net/x',
      access: { https: { certificateAuthority: 'MIIB' } },
      why: /PEM/,
    },
    { name: 'a proxy that is none', url: 'https://git.example.net/x', access: { https: { proxy: { url: 'proxy:3128' } } }, why: /no URL/ },
    {
      name: 'a proxy with a password',
      url: 'https://git.example.net/x',
      access: { https: { proxy: { url: 'http://a:b@proxy.example.net' } } },
      why: /password/,
    },
  ])('is refused before the host is asked: $name', ({ url = 'ssh://git@git.example.net/x', access, why }) => {
    expect(() => checkAccess(parseSourceURL(url), access)).toThrow(
      expect.objectContaining({ code: 'SourceAccessIncomplete', message: expect.stringMatching(why) as string }),
    );
  });
});
