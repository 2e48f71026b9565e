import type { SecretRef } from '../api/index.ts';
import { type PlumblineError, Secret, tokenOfVersion, unsetToken } from '../lib/index.ts';
import { errors } from './errors.ts';
import { readSecretEnvironment } from './secret-environment.ts';
import { readSecretFolder } from './secret-folder.ts';
import { type SecretRequest, type SecretSource, type SourceAnswer, variableOf } from './secret-request.ts';

/** Always a token that may stand in text; `problem` says why it is an unset one. Without a version key it is unset without a problem. */
export interface SecretAnswer {
  token: string;
  problem?: PlumblineError;
}

/**
 * The secrets of one run. Values leave only through `reveal`, for a token that was given out before. When a reference has another value
 * than it had, the old one is forgotten: what was planned with it is to be planned anew.
 */
export interface Secrets {
  tokenOf(request: SecretRequest): SecretAnswer;
  reveal(token: string): Secret | undefined;
  /** The token of a value met on a device. Without a key all values have one token, and nothing that holds it can be applied. */
  tokenOfLive(value: string): string;
  /** The same secrets as they are now: each file is read once, so that asking for thousands of devices costs little. For one pass. */
  snapshot(): Secrets;
}

/** Sources are asked in the order environment, folder; the first that knows the secret answers, also when its answer is no. */
export function openSecrets(options: {
  environment: Readonly<Record<string, string | undefined>>;
  /** `DIR/<name>/<key>`, as Kubernetes mounts a Secret. */
  folder?: string | undefined;
  versionKey?: Secret | undefined;
}): Secrets {
  const { versionKey, folder } = options;
  const environment = readSecretEnvironment(options.environment);
  const values = new Map<string, Secret>();
  /** By reference, the token that it was last answered with. */
  const given = new Map<string, string>();
  const keep = ({ ref, multiline = false }: SecretRequest, token: string, value: Secret): void => {
    const asked = `${ref.name}/${ref.key} ${multiline}`;
    const old = given.get(asked);
    given.set(asked, token);
    values.set(token, value);
    if (old !== undefined && old !== token && !given.values().some((each) => each === old)) values.delete(old);
  };
  const answering = (sources: readonly SecretSource[]): Secrets => ({
    tokenOf: (request) => {
      const answer = checkName(request.ref) ?? askInTurn(sources, request) ?? { problem: missing(request.ref) };
      if ('problem' in answer) return { token: unsetTokenOf(request.ref), problem: answer.problem };
      if (!versionKey) return { token: unsetTokenOf(request.ref) };
      const keyed = tokenOfVersion(answer.value.version(versionKey));
      keep(request, keyed, answer.value);
      return { token: keyed };
    },
    reveal: (token) => values.get(token),
    tokenOfLive: (value) => (versionKey ? tokenOfVersion(new Secret(value).version(versionKey)) : unsetToken('live', 'value')),
    snapshot: () => answering([environment, ...(folder === undefined ? [] : [readSecretFolder(folder, new Map())])]),
  });
  return answering([environment, ...(folder === undefined ? [] : [readSecretFolder(folder)])]);
}

function unsetTokenOf({ name, key }: SecretRef): string {
  return unsetToken(name.replace(/[^\w.-]/g, '_') || '_', key.replace(/[^\w.-]/g, '_') || '_');
}

function askInTurn(sources: readonly SecretSource[], request: SecretRequest): SourceAnswer {
  for (const source of sources) {
    const answer = source(request);
    if (answer) return answer;
  }
  return undefined;
}

/** Names become paths and variables, so only plain ones pass. */
function checkName(ref: SecretRef): SourceAnswer {
  const plain = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
  return plain.test(ref.name) && plain.test(ref.key)
    ? undefined
    : { problem: errors.SecretNameUnusable({ ref: `${ref.name}/${ref.key}` }) };
}

function missing({ name, key }: SecretRef): PlumblineError {
  return errors.SecretMissing({ ref: `${name}/${key}`, variable: variableOf({ name, key }), file: `${name}/${key}` });
}
