import { sha256 } from '../../controller/lib/index.ts';

/** Routers are numbered from 0. Their names sort as their numbers. */
export function nameOf(i: number): string {
  return `r${String(i).padStart(5, '0')}`;
}

/** One loopback address per router, all on the same port. */
export function addressOf(i: number): string {
  const n = i + 1;
  return `127.${64 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}

/** The router behind a local address of the listening socket; undefined for an address that is none of ours. */
export function numberOf(address: string): number | undefined {
  const [first, second = 0, third = 0, fourth = 0] = address
    .replace(/^::ffff:/, '')
    .split('.')
    .map(Number);
  const n = ((second - 64) << 16) + (third << 8) + fourth;
  return first === 127 && n > 0 ? n - 1 : undefined;
}

export function machineIdOf(name: string): string {
  return sha256(`machine ${name}`).slice(0, 32);
}

/** A boot id in the kernel's form. */
export function bootIdOf(name: string, boots: number): string {
  const digits = sha256(`boot ${boots} of ${name}`);
  return [0, 8, 12, 16, 20, 32]
    .slice(0, 5)
    .map((from, k, all) => digits.slice(from, all[k + 1] ?? 32))
    .join('-');
}
