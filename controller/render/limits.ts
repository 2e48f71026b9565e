/** What one render may cost. */
export interface RenderLimits {
  /** Milliseconds for one template with all that it includes. Default 5000. */
  renderMs: number;
  /** Heap of one child process in MiB. Default 128. */
  heapMiB: number;
  /** Characters of configuration per device. Default 16 Mi. */
  outputLength: number;
  /** Child processes. Default: one per core, at most 4. */
  children: number;
}

export const defaultLimits: Omit<RenderLimits, 'children'> = { renderMs: 5000, heapMiB: 128, outputLength: 16 * 1024 * 1024 };
