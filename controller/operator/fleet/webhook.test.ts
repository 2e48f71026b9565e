import { describe, expect, it } from 'vitest';
import { FleetSpec } from '../../api/index.ts';
import { Secret } from '../../lib/index.ts';
import { openSecrets } from '../../store/index.ts';
import { webhookOf, webhookReceivers } from './webhook.ts';

const token = '0123456789abcdef0123456789abcdef';
const spec = (name?: string) =>
  FleetSpec.parse({ git: { url: 'https://git.example.net/net.git' }, ...(name !== undefined && { webhook: { secretRef: { name } } }) });
const secrets = openSecrets({
  environment: {
    PLUMB_SECRET_HOOK_TOKEN: token,
    PLUMB_SECRET_HOOK_TOKEN_USE: 'webhook for lab',
    PLUMB_SECRET_WEAK_TOKEN: 'short',
    PLUMB_SECRET_WEAK_TOKEN_USE: 'webhook for *',
    PLUMB_SECRET_BGP_TOKEN: token,
    PLUMB_SECRET_BGP_TOKEN_USE: 'bgp-password for *',
  },
  versionKey: new Secret('k'.repeat(64)),
});

describe('the webhook of a Fleet', () => {
  it('is none when none is asked for', () => expect(webhookOf('lab', spec(), secrets)).toBeUndefined());

  it('has a path that nobody guesses, and another one for another Fleet', () => {
    const wide = openSecrets({
      environment: { PLUMB_SECRET_HOOK_TOKEN: token, PLUMB_SECRET_HOOK_TOKEN_USE: 'webhook for *' },
      versionKey: new Secret('k'.repeat(64)),
    });
    const [lab, other] = ['lab', 'other'].map((name) => webhookOf(name, spec('hook'), wide));
    expect(lab).toEqual({ path: expect.stringMatching(/^\/hooks\/[0-9a-f]{64}$/) as string });
    expect(other).not.toEqual(lab);
    expect(JSON.stringify(lab)).not.toContain(token);
  });

  it.each([
    { name: 'hook', fleet: 'other', code: 'SecretNotAllowed' },
    { name: 'bgp', fleet: 'lab', code: 'SecretNotAllowed' },
    { name: 'weak', fleet: 'lab', code: 'WebhookSecretWeak' },
    { name: 'none', fleet: 'lab', code: 'SecretMissing' },
  ])('of the Secret $name for $fleet cannot be: $code', ({ name, fleet, code }) => {
    expect(webhookOf(fleet, spec(name), secrets)).toMatchObject({ problem: { code } });
  });
});

it('only Fleets whose Secret can be used take webhooks', () => {
  const fleets = [undefined, 'hook', 'none', 'bgp'].map((name) => ({ name: 'lab', spec: spec(name) }));
  const receivers = webhookReceivers(fleets, secrets);
  expect(receivers.map(({ fleet, secret }) => [fleet, secret.reveal()])).toEqual([['lab', token]]);
});
