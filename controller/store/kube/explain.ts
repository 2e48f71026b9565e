import { explainApiError, isApiError, type KubeApiError, kubeErrors } from '../../kube/index.ts';
import { errors } from '../errors.ts';

/** Which object a call was about, for the message. */
interface Subject {
  kind: string;
  name: string;
}

/** What the API answered to a question about one object, in the store's words. What did not come from the API is handed back as it is. */
export function explain(cause: unknown, subject: Subject): unknown {
  if (!isApiError(cause)) return cause;
  if (isKindMissing(cause)) return kubeErrors.KindMissing({ what: subject.kind }, { cause });
  if (cause.reason === 'conflict') return errors.Conflict(subject, { cause });
  if (cause.reason === 'alreadyExists') return errors.AlreadyExists(subject, { cause });
  // Of a create it is the namespace that is not there; the message names it.
  if (cause.reason === 'notFound' && !cause.message.startsWith('namespaces ')) return errors.NotFound(subject, { cause });
  return explainApiError(cause);
}

/** Whether it is the object that is not there. Without its CRD nothing is there either, and that is no answer. */
export function isObjectMissing(cause: unknown): boolean {
  return isApiError(cause, 'notFound') && !isKindMissing(cause);
}

function isKindMissing(cause: KubeApiError): boolean {
  return cause.reason === 'notFound' && /page not found|could not find the requested resource/.test(cause.message);
}
