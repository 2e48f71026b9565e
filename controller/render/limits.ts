/** What one render may cost. */
export interface RenderLimits {
  /** Milliseconds for one template with all that it includes. Default 10000. */
  renderMs: number;
  /** Milliseconds for all templates of one device together, time in the queue not counted. Default 20000. */
  deviceMs: number;
  /** Heap of one child process in MiB. Default 512: a list of 250,000 prefixes, the most that one file may add, takes up to 384. */
  heapMiB: number;
  /** Characters of configuration per device. Default 64 Mi: 200,000 reservations take 36. */
  outputLength: number;
  /** Child processes. Default: one per core, at most 4. */
  children: number;
  /** Milliseconds for which jobs wait for a busy child before another one is started. Default 200: in which one starts, and renders many devices. */
  patienceMs: number;
}

export const defaultLimits: Omit<RenderLimits, 'children'> = {
  renderMs: 10_000,
  deviceMs: 20_000,
  heapMiB: 512,
  outputLength: 64 * 1024 * 1024,
  patienceMs: 200,
};

/** Problems shown of one text: a section, or what one template printed. */
export const problemsPerText = 200;

/** Devices for which a template may time out before it is not run any more. */
export const timeOutsPerTemplate = 3;
