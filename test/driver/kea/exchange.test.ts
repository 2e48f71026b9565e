import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client, KeaLab } from '../../lab/kea/index.ts';
import { config4, config6, skipped, upServer } from './setup.ts';

describe.skipIf(skipped !== undefined)('an exchange as a relay would have it', () => {
  let lab: KeaLab;
  let relay: Client;

  beforeAll(async () => {
    const interfaces = { 'interfaces-config': { interfaces: ['srv', 'srv/2001:db8:1::1'] } };
    lab = await upServer('ke', { dhcp4: config4, dhcp6: { ...config6, ...interfaces } });
    relay = await lab.client('relay', '02:00:00:00:79:01');
    await relay.inside(['ip', 'addr', 'add', '192.0.2.9/24', 'dev', 'cli']);
    await relay.inside(['ip', 'addr', 'add', '2001:db8:1::9/64', 'dev', 'cli', 'nodad']);
  });
  afterAll(async () => {
    await lab?.down();
  });
  const ask = async (service: string, from: string, ...to: string[]) => {
    const { stdout, stderr } = await relay.inside([process.execPath, join(import.meta.dirname, 'exchange-child.ts'), service, from, ...to]);
    expect(stderr).toBe('');
    return stdout;
  };

  test('is answered by a server that serves, over IPv4 and IPv6, and takes no address away', async () => {
    expect(await ask('dhcp4', '192.0.2.9', '192.0.2.1')).toBe('');
    expect(await ask('dhcp6', '2001:db8:1::9', '2001:db8:1::1')).toBe('');
    for (const service of ['dhcp4', 'dhcp6'] as const) {
      expect(await lab.command('s1', service, `lease${service.slice(-1)}-get-all`)).toMatchObject({ result: 3 });
    }
  });

  test('is made for one server after the other when both of a pair are asked from one address', async () => {
    expect(await ask('dhcp4', '192.0.2.9', '192.0.2.1', '192.0.2.1')).toBe('');
  });

  test('is unanswered by one that lost its leases though it looks well, and by one that is gone', async () => {
    const running = await lab.running('s1', 'dhcp4');
    const database = { type: 'mysql', name: 'kea', host: '127.0.0.1', port: 1, user: 'kea', password: 'x' };
    expect(await lab.command('s1', 'dhcp4', 'config-set', { Dhcp4: { ...running, 'lease-database': database } })).toMatchObject({
      result: 1,
    });
    expect(await lab.command('s1', 'dhcp4', 'status-get')).toMatchObject({ result: 0, arguments: { sockets: { status: 'ready' } } });
    expect(await ask('dhcp4', '192.0.2.9', '192.0.2.1')).toContain('nobody was offered an address');
    await lab.kill('s1', 'dhcp6');
    expect(await ask('dhcp6', '2001:db8:1::9', '2001:db8:1::1')).toContain('did not answer');
  });

  test('that cannot be made is said: an address that is not of this machine', async () => {
    expect(await ask('dhcp4', '198.51.100.1', '192.0.2.1')).toContain('no exchange from 198.51.100.1');
  });
});
