/** A reference to a secret value: never the value. */
export interface SecretRef {
  name: string;
  key: string;
}

/** One use of a secret in a device's intended config. */
export interface SecretUse {
  /** What stands in the text; see `secretToken`. */
  token: string;
  ref: SecretRef;
  /** What the value is used for, for example `bgp-password`; a secret opts in to devices and purposes. */
  purpose: string;
}
