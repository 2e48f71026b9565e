import { existsSync, readFileSync } from 'node:fs';

/**
 * What the server notes: who asked for which change, and how it answered; where it is wanted also who read. Blocking, so that an answered
 * request stands in the file.
 */
export function auditPolicy(reads: boolean): string {
  return `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ${reads ? '' : 'ResponseStarted, '}Panic]
rules:
${reads ? '' : '- { level: None, verbs: [get, list, watch] }'}
- { level: Metadata }
`;
}

const reading: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** A request that was answered. */
export interface LabRequest {
  /** When the server got it. */
  at: Date;
  /** `create`, `update`, `patch`, `delete`; `get`, `list`, `watch` where reads are noted. */
  verb: string;
  /** With the subresource: `devices/status`. */
  resource: string;
  name: string;
  /** The HTTP status of the answer. */
  code: number;
  user: string;
  /** Of a token that is bound to a pod. */
  pod?: string;
}

interface AuditEvent {
  verb: string;
  user: { username: string; extra?: Record<string, string[]> };
  objectRef?: { resource: string; subresource?: string; namespace?: string; name?: string };
  responseStatus?: { code?: number };
  requestReceivedTimestamp: string;
}

export function readWrites(file: string, namespace: string): LabRequest[] {
  return readRequests(file, namespace).filter(({ verb }) => !reading.has(verb));
}

export function readRequests(file: string, namespace: string): LabRequest[] {
  if (!existsSync(file)) return [];
  const ofNamespace = `"namespace":"${namespace}"`;
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes(ofNamespace) && line.endsWith('}')) // the last line may still be written
    .map((line) => JSON.parse(line) as AuditEvent)
    .map(({ verb, user, objectRef, responseStatus, requestReceivedTimestamp }) => {
      const pod = user.extra?.['authentication.kubernetes.io/pod-name']?.[0];
      return {
        at: new Date(requestReceivedTimestamp),
        verb,
        resource: [objectRef?.resource, objectRef?.subresource].filter(Boolean).join('/'),
        name: objectRef?.name ?? '',
        code: responseStatus?.code ?? 0,
        user: user.username,
        ...(pod !== undefined && { pod }),
      };
    });
}
