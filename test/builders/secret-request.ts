import { Secret } from '../../controller/lib/index.ts';
import type { SecretRequest } from '../../controller/store/secret-request.ts';

export const versionKey = new Secret('a version key of enough characters');

/** An edge router asks for the BGP password; `given` is what it asks otherwise. */
export function request(given: Partial<SecretRequest> = {}): SecretRequest {
  return {
    ref: { name: 'bgp-core', key: 'password' },
    device: 'edge1-fra',
    labels: { site: 'fra', role: 'edge' },
    purpose: 'bgp-password',
    ...given,
  };
}

/** The token of a value, under a version key. */
export const keyed = /^<secret:hmac-[0-9a-f]{32}>$/;
