import { describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/index.ts';
import type { ArmRequest, SshTarget } from '../contract.ts';
import type { SshPool } from '../transport/index.ts';
import { arm } from './dead-man.ts';

const login = { user: 'plumb' };
const target: SshTarget = { device: 'edge1', address: '192.0.2.1', hostKeys: [], observe: login, apply: login };
const running = [
  'hostname edge1',
  'router bgp 64501',
  ' neighbor 192.0.2.2 remote-as 64502',
  ' neighbor 192.0.2.2 password topsecret',
  'exit',
];
const token = `<secret:hmac-${'0'.repeat(32)}>`;

interface Offer {
  backup?: readonly string[];
  startup?: readonly string[];
}

/** Arms on a router that offers this, line by line as a slow link brings it; `said` is what it got for an answer. */
async function armOn({ backup = running, startup }: Offer, request: Partial<ArmRequest> = {}) {
  const lines = [
    '@ready boot',
    '@begin backup',
    ...backup,
    'end',
    '',
    '@end backup',
    ...(startup ? ['@begin startup', ...startup, '@end startup'] : ['@saved']),
    '@your turn',
  ];
  let said: string | undefined;
  const pool: SshPool = {
    exec: async (_target, _login, _command, { dialog }) => {
      let stdout = '';
      for (const line of lines) {
        stdout += `${line}\n`;
        if (dialog && stdout.includes(dialog.marker)) said ??= dialog.answer(stdout);
      }
      const end = said?.startsWith('go ') ? { rc: 0, stdout: `${stdout}@armed\n` } : { rc: 75, stdout: `${stdout}@refused Abandoned\n` };
      return { ...end, stderr: '', hostKey: 'SHA256:key' };
    },
    keep: (_target, _login, work) => work(),
    close: async () => undefined,
  };
  const whole: ArmRequest = {
    token: 't1',
    epoch: 1,
    deadlineMs: 120_000,
    holder: 'plumb@here',
    rollback: [{ path: ['router bgp 64501'], text: `neighbor 192.0.2.2 password ${token}` }],
    isAsPlanned: () => true,
    unsaved: 'refuse',
    reveal: () => undefined,
    ...request,
  };
  const outcome = await arm({ clock: systemClock, pool, tokenOf: () => token }, target, whole, AbortSignal.timeout(1_000));
  return { outcome, said };
}

describe('arm', () => {
  test('hands over the rollback with the values that the router holds', async () => {
    const { outcome, said } = await armOn({});
    expect(outcome.outcome).toBe('Armed');
    const batches = 'B secret 0\nP router bgp 64501\nC neighbor 192.0.2.2 password topsecret\nX\n';
    expect(said).toBe(`go ${batches.length}\n${batches}`);
  });

  test('waits for its turn, whatever a description says', async () => {
    const { outcome } = await armOn({ backup: [...running, 'interface eth0', ' description @your turn', 'exit'] });
    expect(outcome.outcome).toBe('Armed');
  });

  test.each<{ name: string; offer: Offer; request?: Partial<ArmRequest>; code: string }>([
    { name: 'the router is not as planned', offer: {}, request: { isAsPlanned: () => false }, code: 'ConcurrentChange' },
    { name: 'the startup config is another', offer: { startup: ['hostname edge1'] }, code: 'Unsaved' },
    { name: 'a value of the rollback is nowhere', offer: { backup: ['hostname edge1'] }, code: 'SecretMissing' },
    { name: 'a line of the rollback is two', offer: {}, request: { rollback: [{ path: [], text: 'a\nb' }] }, code: 'UnsafeCommand' },
    { name: 'the holder is two lines', offer: {}, request: { holder: 'plumb\n@armed' }, code: 'UnsafeCommand' },
  ])('is refused when $name, and nothing is handed over', async ({ offer, request, code }) => {
    const { outcome, said = 'stop\n' } = await armOn(offer, request);
    expect([outcome, said]).toMatchObject([{ outcome: 'Refused', error: { code } }, 'stop\n']);
  });

  test('tells what is not saved, without a secret', async () => {
    const { outcome } = await armOn({ startup: running.slice(0, 3) });
    expect(outcome).toMatchObject({
      error: { message: expect.stringContaining(`+router bgp 64501 > neighbor 192.0.2.2 password ${token}`) },
    });
    expect((await armOn({ startup: running.slice(0, 3) }, { unsaved: 'accept' })).outcome.outcome).toBe('Armed');
  });
});
