import type { DesiredObject } from '../api/index.ts';
import { PlumblineError, type Secret } from '../lib/index.ts';
import type { Secrets } from '../store/index.ts';
import { errors } from './errors.ts';

/** What an account is used for; a secret opts in to each. `api-`: over HTTP. */
export type Purpose = 'ssh-observe' | 'ssh-apply' | 'api-observe' | 'api-apply';

/** Who asks for a secret. */
export interface Asker {
  metadata: Pick<DesiredObject['metadata'], 'name' | 'labels'>;
}

const multilineKeys: ReadonlySet<string> = new Set(['privateKey', 'tls.crt', 'tls.key', 'ca.crt']);

/**
 * Values of one secret by key, as far as they are there. One that is there and may not be used is a problem: no other is sent in its place.
 */
export function askKeys(
  device: Asker,
  purpose: Purpose,
  name: string,
  keys: readonly string[],
  secrets: Secrets,
): ReadonlyMap<string, Secret> | PlumblineError {
  const answers = keys.map((key) => [key, askKey(device, purpose, name, key, secrets)] as const);
  const unusable = answers.map(([, answer]) => answer).find(isRefusal);
  if (unusable) return missing(device, purpose, unusable);
  return new Map(answers.flatMap(([key, answer]) => (answer instanceof PlumblineError ? [] : [[key, answer] as const])));
}

/** One that must be there. */
export function requireKey(device: Asker, purpose: Purpose, name: string, key: string, secrets: Secrets): Secret | PlumblineError {
  const answer = askKey(device, purpose, name, key, secrets);
  return answer instanceof PlumblineError ? missing(device, purpose, answer) : answer;
}

function isRefusal(answer: Secret | PlumblineError): answer is PlumblineError {
  return answer instanceof PlumblineError && answer.code !== 'SecretMissing';
}

function missing({ metadata }: Asker, purpose: Purpose, cause: PlumblineError): PlumblineError {
  return errors.CredentialsMissing({ device: metadata.name, purpose, why: cause.message, next: cause.next }, { cause });
}

function askKey({ metadata }: Asker, purpose: Purpose, name: string, key: string, secrets: Secrets): Secret | PlumblineError {
  const answer = secrets.tokenOf({
    ref: { name, key },
    device: metadata.name,
    labels: metadata.labels,
    purpose,
    multiline: multilineKeys.has(key),
  });
  const value = secrets.reveal(answer.token);
  return value ?? answer.problem ?? errors.CredentialsIncomplete({ device: metadata.name, secret: name });
}
