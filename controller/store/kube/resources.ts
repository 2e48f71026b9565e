import { anyKindNames, apiVersion, definitions } from '../../api/index.ts';
import type { Resource } from '../../kube/index.ts';

const [group = '', version = ''] = apiVersion.split('/');

/** Where the objects of one store are. */
export interface Places {
  /** What people see: Device, BGPSession, DHCPSubnet, DriftReport. */
  namespace: string;
  /** What only Plumbline reads: baselines, journal, history, artifacts. Several namespaces may share one. */
  artifactNamespace: string;
}

/** The kind that holds every record that is no kind of its own. */
export const storeRecords = { group, version, plural: 'storerecords', kind: 'StoreRecord' } as const;

/** Chunks of artifacts. */
export const secrets = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' } as const;

/** Whether people know the kind: then it has a CRD of its own. */
export function isVisible(kind: string): boolean {
  return (anyKindNames as readonly string[]).includes(kind);
}

export function resourceOf(kind: string, { namespace, artifactNamespace }: Places): Resource {
  const known = anyKindNames.find((name) => name === kind);
  return known === undefined
    ? { ...storeRecords, namespace: artifactNamespace }
    : { group, version, plural: definitions[known].plural, kind, namespace };
}
