import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../controller/lib/index.ts';

/** One thing that a process waits to do. */
interface Gate<Fate> {
  process: string;
  what: string;
  readyAtMs: number;
  open(fate: Fate): void;
}

/**
 * Several processes on one clock, one step at a time: whatever a process does to the world outside is a gate, and the test opens one gate
 * after the other. A process that is frozen stays at its gates until it thaws, one that was killed for ever.
 */
export class Schedule<Fate> {
  nowMs = 1_000_000;
  readonly #frozen = new Set<string>();
  readonly #dead = new Set<string>();
  #gates: Gate<Fate>[] = [];

  now(): Date {
    return new Date(Date.parse('2026-11-20T12:00:00Z') + this.nowMs);
  }

  /** Resolves when it is the turn of this step, with what befalls it. */
  pass(process: string, what: string, readyAtMs = this.nowMs): Promise<Fate> {
    if (this.#dead.has(process)) return new Promise(() => {});
    return new Promise((open) => void this.#gates.push({ process, what, readyAtMs, open }));
  }

  clockOf(process: string): Clock {
    return {
      now: () => this.now(),
      monotonicMs: () => this.nowMs,
      sleep: async (ms) => void (await this.pass(process, 'sleep', this.nowMs + ms)),
    };
  }

  freeze(process: string): void {
    this.#frozen.add(process);
  }

  thaw(process: string): void {
    this.#frozen.delete(process);
  }

  kill(process: string): void {
    this.#dead.add(process);
    this.#gates = this.#gates.filter((gate) => gate.process !== process);
  }

  /** Opens one of the gates that could open now, or the next one in time. False when nobody waits for anything. */
  async turn(pick: number, fateOf: (gate: { process: string; what: string }) => Fate): Promise<boolean> {
    const open = this.#gates.filter(({ process }) => !this.#frozen.has(process));
    const ready = open.filter(({ readyAtMs }) => readyAtMs <= this.nowMs);
    const next = ready[pick % Math.max(1, ready.length)] ?? open.reduce<Gate<Fate> | undefined>(earlier, undefined);
    if (!next) return false;
    this.#gates = this.#gates.filter((gate) => gate !== next);
    this.nowMs = Math.max(this.nowMs, next.readyAtMs) + (next.what === 'sleep' ? 0 : 20);
    next.open(fateOf(next));
    await setImmediate(); // everything that follows from it without the world outside
    return true;
  }
}

function earlier<Fate>(a: Gate<Fate> | undefined, b: Gate<Fate>): Gate<Fate> {
  return a && a.readyAtMs <= b.readyAtMs ? a : b;
}
