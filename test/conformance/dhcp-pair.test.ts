import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DhcpNetwork, plumbAt, upDhcpNetwork } from '../lab/dhcp-network.ts';
import { commit, edit, type Said, writeSecret } from '../lab/example-network.ts';
import { type JsonMap, whyNot } from '../lab/kea/index.ts';
import { until } from '../lab/shell.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real Kea: a pair of DHCP servers: ${missing}\n`);

const file = 'subnets/office.yaml';
const pem = (path: string): string => readFileSync(path, 'utf8');

describe.skipIf(missing !== undefined)('a pair of DHCP servers', { timeout: 300_000 }, () => {
  let network: DhcpNetwork;
  const plumb = (...argv: string[]): Promise<Said> => plumbAt(network, argv);
  const stateOf = async (name: string): Promise<string> => {
    const { arguments: told } = await network.lab.command(name, 'dhcp4', 'status-get');
    const pairs = told?.['high-availability'] as readonly { 'ha-servers': { local: { state: string } } }[] | undefined;
    return pairs?.[0]?.['ha-servers'].local.state ?? '';
  };
  const untilTogether = () =>
    until(
      'both servers to be in hot-standby',
      async () => (await Promise.all(['dhcp1', 'dhcp2'].map(stateOf))).every((state) => state === 'hot-standby'),
      60_000,
    );
  const router = async (name: string): Promise<unknown> => {
    const [subnet] = (await network.lab.running(name, 'dhcp4'))['subnet4'] as JsonMap[];
    const options = subnet?.['option-data'] as readonly JsonMap[] | undefined;
    return options?.[0]?.['data'];
  };

  beforeAll(async () => {
    network = await upDhcpNetwork(`kp${process.pid.toString(36)}`, { servers: ['dhcp1', 'dhcp2'] });
    await untilTogether();
    await plumb('drift');
  }, 120_000);
  afterAll(async () => network?.lab.down());

  it('is imported as one desired state from what both print, and a second import changes nothing', async () => {
    const { dir } = network.lab.facts;
    const files = await Promise.all(
      ['dhcp1', 'dhcp2'].map(async (name) => {
        const path = join(dir, `${name}-printed.json`);
        writeFileSync(path, JSON.stringify(await network.lab.command(name, 'dhcp4', 'config-get')));
        return path;
      }),
    );
    const folder = join(dir, 'imported');
    const argv = ['import', 'device', '--platform', 'kea-dhcp4', ...files, '-s', folder];
    const first = await plumb(...argv);
    expect([first.code, first.stderr]).toEqual([0, expect.any(String)]);
    const subnets = readdirSync(join(folder, 'subnets'));
    expect(subnets).toHaveLength(1);
    expect(readFileSync(join(folder, 'subnets', subnets[0] ?? ''), 'utf8')).toMatch(/dhcp1[^]*dhcp2/);
    expect(readFileSync(join(folder, 'devices/dhcp2.yaml'), 'utf8')).toMatch(/highAvailability:[^]*peer: dhcp1/);
    expect((await plumb('check', '-s', folder)).code).toBe(0);
    const again = await plumb(...argv);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('dhcp1')]);
    expect(readdirSync(join(folder, 'subnets'))).toEqual(subnets);
  });

  it('is imported from both servers as they run, each under the name that it has in the pair, and then nothing differs', async () => {
    const { dir, tls } = network.lab.facts;
    const { user, password } = network.lab.server('dhcp1');
    const values = { username: user, password, 'ca.crt': pem(tls.ca), 'tls.crt': pem(tls.cert), 'tls.key': pem(tls.key) };
    for (const [key, value] of Object.entries(values)) writeSecret(network, 'kea-observe', key, value, 'api-observe for *');
    const folder = join(dir, 'imported-live');
    const live = ['dhcp1', 'dhcp2'].flatMap((name) => ['--live', network.lab.server(name).url]);
    const argv = ['import', 'device', '--platform', 'kea-dhcp4', ...live, '-s', folder];
    const first = await plumb(...argv);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(readdirSync(join(folder, 'devices')).sort()).toEqual(['dhcp1.yaml', 'dhcp2.yaml']);
    expect(readdirSync(join(folder, 'subnets'))).toHaveLength(1);
    expect((await plumb('check', '-s', folder)).code).toBe(0);
    const drift = await plumb('drift', '-s', folder, '--store', join(dir, 'store-live'), '-o', 'json');
    expect(JSON.parse(drift.stdout)).toMatchObject({
      devices: ['dhcp1', 'dhcp2'].map((device) => ({ device, verdict: 'InSync', differences: [] })),
    });
    const again = await plumb(...argv);
    expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/Git has (?:it|them) just so/)]);

    // One of two that does not answer: half of a pair is no desired state.
    const half = join(dir, 'imported-half');
    const refused = await plumb(...argv.slice(0, 6), '--live', 'https://127.0.0.1:1', '-s', half);
    expect([refused.code, existsSync(half)]).toEqual([2, false]);
  });

  it('changes together, who stands by first, and both are well before, in between and after', async () => {
    edit(network, file, 'data: 192.0.2.254', 'data: 192.0.2.253');
    await commit(network, 'Another router');
    expect((await plumb('plan', 'dhcp1')).stdout).toContain('change together: dhcp1 + dhcp2');
    const seen: string[] = [];
    const over = new AbortController();
    const watching = (async () => {
      while (!over.signal.aborted) {
        const now = (await Promise.all(['dhcp1', 'dhcp2'].map(router))).map((data) => (data === '192.0.2.253' ? 'new' : 'old')).join();
        if (seen.at(-1) !== now) seen.push(now);
      }
    })();
    const applied = await plumb('apply', 'dhcp1', '--yes');
    over.abort();
    await watching;
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('dhcp2: Confirmed')]);
    expect(seen).toEqual(['old,old', 'old,new', 'new,new']);
    await untilTogether();
    expect((await (await network.lab.client('one', '02:00:00:00:40:01')).lease4(4))?.options['router']).toBe('192.0.2.253');
  });

  it('is not begun while one of them is down', async () => {
    edit(network, file, 'data: 192.0.2.253', 'data: 192.0.2.252');
    await commit(network, 'A router that will not come yet');
    await network.lab.kill('dhcp1', 'dhcp4');
    const refused = await plumb('apply', 'dhcp2', '--yes');
    expect([refused.code, refused.stdout]).toEqual([2, expect.stringContaining('PartnerUnknown')]);
    expect(await router('dhcp2')).toBe('192.0.2.253');
    await network.lab.start('dhcp1', 'dhcp4');
    await untilTogether();
  });

  it('is taken back when the partner dies half way, and goes out when it is there again', async () => {
    const over = new AbortController();
    let killed: Promise<void> | undefined;
    const watching = (async () => {
      while (!killed && !over.signal.aborted) if ((await router('dhcp2')) === '192.0.2.252') killed = network.lab.kill('dhcp1', 'dhcp4');
      await killed;
    })();
    const failed = await plumb('apply', 'dhcp1', '--yes', '--deadline', '32');
    over.abort();
    await watching;
    expect(killed, `${failed.stdout}\n${failed.stderr}`).toBeDefined();
    expect(failed.code, `${failed.stdout}\n${failed.stderr}`).not.toBe(0);
    expect(await router('dhcp2')).toBe('192.0.2.253');

    await network.lab.start('dhcp1', 'dhcp4');
    await untilTogether();
    const again = await plumb('apply', 'dhcp1', '--yes', '--retry');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('dhcp1 + dhcp2: Confirmed')]);
    expect(await router('dhcp1')).toBe('192.0.2.252');
  });
});
