/** The server says when to come again. */
export class RetryAfter extends Error {
  readonly ms: number | undefined;

  constructor(ms: number | undefined) {
    super('the server is busy');
    this.ms = ms;
  }
}
