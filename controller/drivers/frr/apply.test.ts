import { describe, expect, test } from 'vitest';
import type { PlannedCommand } from '../../api/index.ts';
import { Secret, systemClock } from '../../lib/index.ts';
import type { ApplyRequest, SshTarget } from '../contract.ts';
import type { SshPool } from '../transport/index.ts';
import { apply } from './apply.ts';

const login = { user: 'plumb' };
const target: SshTarget = { device: 'edge1', address: '192.0.2.1', hostKeys: [], observe: login, apply: login };
const token = `<secret:hmac-${'0'.repeat(32)}>`;
const path = ['router bgp 64501'];
const password: PlannedCommand = { path, text: `neighbor 192.0.2.2 password ${token}` };
const description: PlannedCommand = { path, text: 'neighbor 192.0.2.2 description transit' };

/** What came of it, and what the router was sent; undefined: it was not asked. */
async function applyOn(answer: { rc?: number; stdout: string }, request: Partial<ApplyRequest> = {}) {
  let sent: string | undefined;
  const pool: SshPool = {
    exec: async (_target, _login, _command, { input }) => {
      sent = input;
      return { rc: 0, stderr: '', hostKey: 'SHA256:key', ...answer };
    },
    keep: (_target, _login, work) => work(),
    close: async () => undefined,
  };
  const whole: ApplyRequest = { token: 't1', epoch: 1, commands: [description], reveal: () => undefined, ...request };
  const outcome = await apply({ clock: systemClock, pool, tokenOf: () => token }, target, whole, AbortSignal.timeout(1_000));
  return { outcome, sent };
}

describe('apply', () => {
  test('is Applied only when the router says so', async () => {
    expect((await applyOn({ stdout: '@applied\n' })).outcome).toEqual({ outcome: 'Applied' });
    expect((await applyOn({ stdout: '' })).outcome).toMatchObject({ outcome: 'Lost' });
    expect((await applyOn({ stdout: '@interrupted restoring\n' })).outcome).toMatchObject({ outcome: 'Lost' });
    expect((await applyOn({ rc: 1, stdout: '@applied\n' })).outcome).toMatchObject({ outcome: 'Lost' });
    expect((await applyOn({ rc: 75, stdout: '@refused NotArmed restored\n' })).outcome).toMatchObject({ outcome: 'Refused' });
  });

  test('names the refused line without its secret', async () => {
    const said = '@rejected 1\n@begin words\n% Invalid password\n@end words\n';
    const { outcome } = await applyOn({ stdout: said }, { commands: [description, password], reveal: () => new Secret('topsecret') });
    expect(outcome).toMatchObject({ outcome: 'Rejected', index: 1, message: 'Invalid password' });
    expect(JSON.stringify(outcome)).not.toContain('topsecret');
  });

  test('sends the value of a token, also of one that only the router holds, in the very line where it held it', async () => {
    const held = (line: string) => (line === password.text ? new Secret('topsecret') : undefined);
    expect((await applyOn({ stdout: '@applied\n' }, { commands: [password], revealHeld: held })).sent).toContain('password topsecret\n');
    const elsewhere = { path, text: `neighbor 192.0.2.2 description ${token}` };
    expect(await applyOn({ stdout: '@applied\n' }, { commands: [elsewhere], revealHeld: held })).toMatchObject({
      outcome: { outcome: 'Refused', error: { code: 'SecretMissing' } },
      sent: undefined,
    });
  });

  test.each(['a\nb', 'a\rb', 'a\u2028b', 'a\0b'])('sends nothing when a line is %j', async (text) => {
    for (const command of [
      { path, text },
      { path: [text], text: 'b' },
    ]) {
      expect(await applyOn({ stdout: '@applied\n' }, { commands: [description, command] })).toMatchObject({
        outcome: { outcome: 'Refused', error: { code: 'UnsafeCommand' } },
        sent: undefined,
      });
    }
  });
});
