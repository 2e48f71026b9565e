interface Work {
  work: () => Promise<void>;
  /** Told what it threw. */
  failed: (err: unknown) => void;
  /** However it did. Default: nothing. */
  ended?: () => void;
}

/** Works beside the passes. Stands in `place` under `key` until it ended. */
export function workBeside(place: Map<string, Promise<void>>, key: string, { work, failed, ended }: Work): void {
  const run = async () => {
    try {
      await work();
    } catch (err) {
      failed(err);
    } finally {
      place.delete(key);
      ended?.();
    }
  };
  place.set(key, run());
}
