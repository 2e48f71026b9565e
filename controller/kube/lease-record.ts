import type { KubeObject, Resource } from './object.ts';

/** Who leads, as the API keeps it. Times have exactly six digits of a second: the API refuses others. */
export interface LeaseRecord {
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly leaseTransitions: number;
}

export function leasesIn(namespace: string): Resource {
  return { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease', namespace };
}

/** The record of a lease. What is missing or odd reads as a lease that nobody holds. */
export function recordOf(lease: KubeObject): LeaseRecord {
  const spec = (lease.spec ?? {}) as Record<string, unknown>;
  const text = (name: string) => (typeof spec[name] === 'string' ? spec[name] : '');
  const count = (name: string) => (typeof spec[name] === 'number' ? spec[name] : 0);
  return {
    holderIdentity: text('holderIdentity'),
    leaseDurationSeconds: count('leaseDurationSeconds'),
    acquireTime: text('acquireTime'),
    renewTime: text('renewTime'),
    leaseTransitions: count('leaseTransitions'),
  };
}

/** `2026-11-21T12:00:00.123000Z` */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
