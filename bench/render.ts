/**
 * `node bench/render.ts [DEVICES]`: compile and render of a fleet, 1,000 devices by default: half with one session, half with two transit
 * sessions and a prefix list of 500 entries; the sessions form one long chain. Times in ms, memory in MiB.
 */
import { compileAll, compileDevice, digestIntent } from '../controller/compile/index.ts';
import { compileTemplates, createRenderer, readBuiltinTemplates } from '../controller/render/index.ts';
import { stateOf } from '../test/builders/state.ts';

const hostKey = `SHA256:${'A'.repeat(43)}`;

/** Device `i` of the fleet, and its session with the device before it. */
function documentsOf(i: number): string {
  const [high, low] = [i >> 8, i & 255];
  const device = {
    kind: 'Device',
    name: `r${i}`,
    spec: {
      platform: 'frr',
      management: { address: `198.18.${high}.${low}`, hostKeys: [hostKey] },
      credentials: { observe: { name: 'observer' } },
      interfaces: [
        { name: 'lo', role: 'Loopback', addresses: [`10.0.${high}.${low}/32`] },
        { name: 'up', addresses: [`192.0.2.1/31`] },
      ],
      staticRoutes: [{ prefix: `10.0.${high}.0/24`, nextHop: '192.0.2.0' }],
      bgp: { asn: 65000, routerId: `10.0.${high}.${low}`, networks: [{ prefix: `10.0.${high}.${low}/32` }] },
    },
  };
  const internal = {
    kind: 'BGPSession',
    name: `r${i}-r${i - 1}`,
    spec: {
      type: 'Internal',
      families: ['ipv4-unicast'],
      ends: [
        { device: `r${i}`, loopback: 'lo' },
        { device: `r${i - 1}`, loopback: 'lo' },
      ],
      auth: { passwordRef: { name: 'bgp', key: `r${i}` } },
    },
  };
  const transit = [0, 1].map((n) => ({
    kind: 'BGPSession',
    name: `r${i}-transit${n}`,
    spec: {
      type: 'External',
      relationship: 'Transit',
      families: ['ipv4-unicast'],
      ends: [
        { device: `r${i}`, interface: 'up', families: { 'ipv4-unicast': { import: 'in', export: 'out' } } },
        { external: { name: `t${n}`, asn: 64500 + n, address: `203.0.113.${n}` } },
      ],
    },
  }));
  const objects = [device, ...(i > 0 ? [internal] : []), ...(i % 2 === 1 ? transit : [])];
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

const shared = [
  {
    kind: 'RoutePolicy',
    name: 'in',
    spec: { default: 'Deny', terms: [{ name: 'bogons', action: 'Deny', match: { prefixSet: 'bogons' } }] },
  },
  {
    kind: 'RoutePolicy',
    name: 'out',
    spec: { default: 'Deny', terms: [{ name: 'ours', action: 'Permit', match: { prefixSet: 'bogons' }, set: { med: 5 } }] },
  },
  {
    kind: 'PrefixSet',
    name: 'bogons',
    spec: { entries: Array.from({ length: 500 }, (_, i) => ({ prefix: `10.${i >> 8}.${i & 255}.0/24`, le: 32 })) },
  },
];

async function main(count: number): Promise<void> {
  const yaml = [...Array.from({ length: count }, (_, i) => documentsOf(i)), ...shared.map((object) => JSON.stringify(object))].join(
    '\n---\n',
  );
  const state = stateOf(yaml);
  const rows: [string, string][] = [];
  const timed = async <T>(what: string, work: () => T | Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    const ms = performance.now() - start;
    rows.push([what, `${ms.toFixed(0)} (${(ms / count).toFixed(2)} per device)`]);
    return result;
  };

  const compiled = await timed('compile', () => compileAll(state));
  const intents = compiled.flatMap(({ intent }) => intent ?? []);
  await timed('digest of each intent', () => intents.map(digestIntent));
  const { compiled: templates } = await timed('parse the built-in templates', () => compileTemplates(readBuiltinTemplates()));
  const renderer = createRenderer({ templates });
  const token = (): string => '<secret:hmac-00000000000000000000000000000000>';
  const first = intents.find((intent) => intent.device === 'r1');
  if (first) await timed('render one device, child processes not yet started', () => renderer.render(first, token));
  const results = await timed('render', () => Promise.all(intents.map((intent) => renderer.render(intent, token))));
  renderer.close();
  await timed('compile one device again', () => compileDevice(state, 'r1'));

  const texts = results.flatMap(({ rendered }) => rendered?.text ?? []);
  const lines = texts.reduce((sum, text) => sum + text.split('\n').length, 0);
  rows.push(['devices rendered', `${texts.length} of ${count}`], ['lines', `${lines}`]);
  rows.push(['peak memory of the parent', (process.resourceUsage().maxRSS / 1024).toFixed(0)]);
  for (const [what, value] of rows) process.stdout.write(`${what.padEnd(52)}${value}\n`);
}

await main(Number(process.argv[2] ?? 1000));
