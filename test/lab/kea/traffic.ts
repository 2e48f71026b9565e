import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, Lease4, Lease6 } from './client.ts';
import type { KeaLab } from './index.ts';

/** What clients went through while they were asked to look. */
export interface Traffic {
  /** From the start of a client to its lease, with whatever it had to send again, in milliseconds: the longest, and what is usual on this machine. */
  slowestMs: { ipv4: number; ipv6: number };
  usualMs: { ipv4: number; ipv6: number };
  /** Real clients that got a lease, by family. */
  served: { ipv4: number; ipv6: number };
  /** Real clients that gave up. */
  unserved: number;
  /** Refusals (NAK) that servers sent. */
  refused: number;
  /** What perfdhcp, which never asks twice, counted: exchanges begun and not finished, by family. */
  load: Readonly<Record<'ipv4' | 'ipv6', { begun: number; dropped: number }>>;
}

export interface Load {
  /** Asked again, it gives the same. */
  stop(): Promise<Traffic>;
}

/**
 * Fifty exchanges a second by perfdhcp in both families, and beside them real clients one after another: udhcpc as a new client each, asking
 * again each second, and dhclient. Until `stop`.
 */
export async function startLoad(lab: KeaLab, servers: readonly string[]): Promise<Load> {
  const [four, six, real4, real6] = await Promise.all([
    lab.client('load4', '02:00:00:00:20:01'),
    lab.client('load6', '02:00:00:00:20:02'),
    lab.client('real4', '02:00:00:00:20:03'),
    lab.client('real6', '02:00:00:00:20:04'),
  ]);
  // It ends when it is interrupted, and then says what it counted.
  const perfdhcp = (client: Client, family: '-4' | '-6') =>
    client.inside(
      [
        'sh',
        '-c',
        'echo $$ > "$1"; shift; exec perfdhcp "$@"',
        'sh',
        pidOf(family),
        family,
        '-l',
        'cli',
        '-r',
        '50',
        '-R',
        '40',
        '-p',
        '600',
        '-W',
        '1000000',
      ],
      660_000,
    );
  const pidOf = (family: string) => join(lab.facts.dir, `perfdhcp${family}.pid`);
  // perfdhcp is a relay in IPv4 and needs an address to be one.
  await four.inside(['ip', 'address', 'add', '192.0.2.250/24', 'dev', 'cli']);
  const over = new AbortController();
  const [times4, times6]: [number[], number[]] = [[], []];
  let unserved = 0;
  const again = async (times: number[], lease: () => Promise<Lease4 | Lease6 | undefined>) => {
    while (!over.signal.aborted) {
      const started = performance.now();
      if (await lease()) times.push(performance.now() - started);
      else unserved++;
    }
  };
  let number = 0;
  const refusedBefore = await countRefusals(lab, servers);
  const running = Promise.all([
    perfdhcp(four, '-4'),
    perfdhcp(six, '-6'),
    again(times4, () => real4.lease4(4, `01:02:00:00:30:${hex(number >> 8)}:${hex(number++ % 40)}`)),
    again(times6, () => real6.lease6(8_000)),
  ]);
  let ended: Promise<Traffic> | undefined;
  const end = async (): Promise<Traffic> => {
    over.abort();
    for (const family of ['-4', '-6']) process.kill(Number(readFileSync(pidOf(family), 'utf8')), 'SIGINT');
    const [said4, said6] = await running;
    return {
      slowestMs: { ipv4: Math.round(Math.max(0, ...times4)), ipv6: Math.round(Math.max(0, ...times6)) },
      usualMs: { ipv4: medianOf(times4), ipv6: medianOf(times6) },
      served: { ipv4: times4.length, ipv6: times6.length },
      unserved,
      refused: (await countRefusals(lab, servers)) - refusedBefore,
      load: { ipv4: readReport(said4.stdout), ipv6: readReport(said6.stdout) },
    };
  };
  return { stop: () => (ended ??= end()) };
}

const medianOf = (times: readonly number[]): number => Math.round(times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0);

const hex = (number: number): string => number.toString(16).padStart(2, '0');

async function countRefusals(lab: KeaLab, servers: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    servers.map(async (name) => {
      const { arguments: told } = await lab.command(name, 'dhcp4', 'statistic-get', { name: 'pkt4-nak-sent' });
      const samples = told?.['pkt4-nak-sent'];
      const [latest] = Array.isArray(samples) ? (samples as unknown[]) : [];
      return Array.isArray(latest) ? Number(latest[0]) : 0;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Of the two halves of an exchange: `sent packets: N` and `drops: N`. */
function readReport(said: string): { begun: number; dropped: number } {
  const all = (word: string) => [...said.matchAll(new RegExp(`^${word}: (\\d+)$`, 'gm'))].map(([, count]) => Number(count));
  if (all('sent packets').length === 0) throw new Error(`perfdhcp did not count:\n${said}`);
  return { begun: all('sent packets')[0] ?? 0, dropped: all('drops').reduce((sum, count) => sum + count, 0) };
}
