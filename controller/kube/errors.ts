import { defineErrors, type PlumblineError } from '../lib/index.ts';
import type { KubeApiError } from './api-error.ts';

/** What goes wrong between Plumbline and a cluster, in the words of whoever runs it. */
export const errors = defineErrors({
  KubeconfigUnusable: {
    message: (f: { where: string; why: string }) => `kubeconfig ${f.where} cannot be used: ${f.why}`,
    next: 'Name a file with --kubeconfig or KUBECONFIG and a context of it with --context; kubectl config get-contexts lists them.',
  },
  ClusterUnreachable: {
    retry: 'backoff',
    message: (f: { why: string }) => `the Kubernetes API gives no answer: ${f.why}`,
    next: 'Look whether kubectl get --raw /readyz answers with the same kubeconfig. Nothing is taken for deleted meanwhile.',
  },
  ClusterAuthFailed: {
    retry: 'backoff',
    message: (f: { why: string }) => `the Kubernetes API does not accept who we are: ${f.why}`,
    next: 'Renew the credentials of the kubeconfig (log in again), or look at the service account of the operator.',
  },
  ClusterForbidden: {
    retry: 'backoff',
    message: (f: { why: string }) => `the Kubernetes API does not allow it: ${f.why}`,
    next: 'Bind the role of the chart to this user or service account: the message names verb, resource and namespace.',
  },
  KindMissing: {
    retry: 'backoff',
    message: (f: { what: string }) => `${f.what} is not served by this cluster`,
    next: 'Install the CRDs of this version: kubectl apply --server-side -f crds/',
  },
  ClusterRefused: {
    message: (f: { why: string }) => `the Kubernetes API refused a request: ${f.why}`,
    next: 'CRDs and Plumbline are perhaps not of one version. Install the CRDs of this version: kubectl apply --server-side -f crds/',
  },
  /** Another replica leads. Whoever gets it stops at once; nothing was written after the loss. */
  LeaseLost: {
    retry: 'backoff',
    message: (f: { name: string; why: string }) => `lease ${f.name} is lost: ${f.why}`,
    next: 'Nothing to do: another replica goes on, and this one starts again. If it happens often, look at the load of this machine.',
  },
});

/** An API error in words for people. Conflicts and objects that are not there are the caller's to explain. */
export function explainApiError(error: KubeApiError): PlumblineError {
  const facts = { why: error.message };
  switch (error.reason) {
    case 'unauthorized':
    case 'noCredentials':
      return errors.ClusterAuthFailed(facts, { cause: error });
    case 'forbidden':
      return errors.ClusterForbidden(facts, { cause: error });
    case 'badRequest':
    case 'invalid':
    case 'conflict':
    case 'alreadyExists':
    case 'notFound':
    case 'expired':
      return errors.ClusterRefused(facts, { cause: error });
    case 'tooManyRequests':
    case 'unavailable':
    case 'serverError':
    case 'timeout':
    case 'unreachable':
    case 'brokenAnswer':
      return errors.ClusterUnreachable(facts, { cause: error });
  }
}
