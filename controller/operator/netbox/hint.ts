/** In a cluster a webhook of NetBox reaches any replica, which tells the leader by this annotation of the Fleet. */
export const netboxHintAnnotation = 'plumbline.dev/netboxHint';

/** `TIME REQUEST`, so that each is another one. */
export function printNetBoxHint(requestId: string | undefined, at: Date): string {
  return `${at.toISOString()} ${requestId ?? ''}`.trimEnd();
}

/** The request in NetBox that a hint is about. */
export function readNetBoxHint(annotations: Readonly<Record<string, string>>): string | undefined {
  return annotations[netboxHintAnnotation]?.split(' ')[1];
}
