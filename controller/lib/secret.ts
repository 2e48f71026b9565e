import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';

/** A secret value that does not print: not in a log, not in JSON, not in a template string. Only `reveal` gives it. */
export class Secret {
  readonly #value: string;
  /** The last version that was asked for: of one value for ten thousand devices. */
  #known: { key: Secret; version: string } | undefined;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Callers are drivers, at the last moment before the wire. */
  reveal(): string {
    return this.#value;
  }

  /** The keyed version of the value: HMAC-SHA-256, the first 128 bits in hex. Equal values under one key have equal versions. */
  version(key: Secret): string {
    if (this.#known?.key !== key) {
      const version = createHmac('sha256', key.reveal()).update(this.#value).digest('hex').slice(0, 32);
      this.#known = { key, version };
    }
    return this.#known.version;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/**
 * What stands in for a secret value everywhere outside a driver. It is one word in every config language.
 * `<secret:hmac-…>` carries the keyed version of the value; `<secret:unset-NAME/KEY>` says that no value or no key was at hand.
 */
export const secretToken = /<secret:(hmac-[0-9a-f]{32}|unset-[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+)>/g;

/** The token of a known value. */
export function tokenOfVersion(version: string): string {
  return `<secret:hmac-${version}>`;
}

/** The token of a reference whose value is not at hand. A plan that holds one can be read, not approved or applied. */
export function unsetToken(name: string, key: string): string {
  return `<secret:unset-${name}/${key}>`;
}
