/** A fact that changes as time passes, and what it was. */
export class Timeline<Value> {
  readonly #changes: { atMs: number; value: Value }[];

  constructor(value: Value) {
    this.#changes = [{ atMs: 0, value }];
  }

  get now(): Value {
    return this.#changes.at(-1)!.value;
  }

  set(atMs: number, value: Value): void {
    this.#changes.push({ atMs, value });
  }

  /** Whether it was so at any moment of a span. */
  wasEver(fromMs: number, toMs: number, isSo: (value: Value) => boolean): boolean {
    return this.#changes.some(({ atMs, value }, i) => atMs <= toMs && (this.#changes[i + 1]?.atMs ?? Infinity) > fromMs && isSo(value));
  }
}
