import type { SecretRef } from '../api/index.ts';
import { type PlumblineError, Secret, tokenOfVersion, unsetToken } from '../lib/index.ts';
import { errors } from './errors.ts';
import { readSecretEnvironment } from './secret-environment.ts';
import { readSecretFolder } from './secret-folder.ts';
import { type HeldSecret, type SecretRequest, type SecretSource, type SourceAnswer, variableOf } from './secret-request.ts';
import { refuseUse } from './secret-rules.ts';

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
  /** The same secrets as they are now: each is read once, so that asking for thousands of devices costs little. For one pass. */
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
  const sources = [readSecretEnvironment(options.environment), ...(folder === undefined ? [] : [readSecretFolder(folder)])];
  const find: Find = (ref, multiline) => checkName(ref) ?? askInTurn(sources, ref, multiline) ?? { problem: missing(ref) };
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
  const answering = (findOne: Find): Secrets => ({
    tokenOf: (request) => {
      const found = findOne(request.ref, request.multiline ?? false);
      if ('problem' in found) return { token: unsetTokenOf(request.ref), problem: found.problem };
      // Who may use it is asked for every device: the rest is the same for all.
      const problem = refuseUse(found.rules, request, found.where);
      if (problem) return { token: unsetTokenOf(request.ref), problem };
      // Another snapshot may have seen a later value, so that this one was forgotten.
      if (found.token !== undefined && values.has(found.token)) return { token: found.token };
      const { answer } = found;
      if ('problem' in answer) return { token: unsetTokenOf(request.ref), problem: answer.problem };
      if (!versionKey) return { token: unsetTokenOf(request.ref) };
      found.token = tokenOfVersion(answer.value.version(versionKey));
      keep(request, found.token, answer.value);
      return { token: found.token };
    },
    reveal: (token) => values.get(token),
    tokenOfLive: (value) => (versionKey ? tokenOfVersion(new Secret(value).version(versionKey)) : unsetToken('live', 'value')),
    snapshot: () => answering(rememberFound(find)),
  });
  return answering(find);
}

/** What a reference leads to; with the token of a value that was given out. */
type Found = (HeldSecret & { token?: string }) | { problem: PlumblineError };
type Find = (ref: SecretRef, multiline: boolean) => Found;

/** By name, then by key: no text is put together for a question of which ten thousand are asked. */
function rememberFound(find: Find): Find {
  const [lines, texts] = [new Map<string, Map<string, Found>>(), new Map<string, Map<string, Found>>()];
  return (ref, multiline) => {
    const byName = multiline ? texts : lines;
    const byKey = byName.get(ref.name) ?? new Map<string, Found>();
    const found = byKey.get(ref.key) ?? find(ref, multiline);
    byKey.set(ref.key, found);
    byName.set(ref.name, byKey);
    return found;
  };
}

function unsetTokenOf({ name, key }: SecretRef): string {
  return unsetToken(name.replace(/[^\w.-]/g, '_') || '_', key.replace(/[^\w.-]/g, '_') || '_');
}

function askInTurn(sources: readonly SecretSource[], ref: SecretRef, multiline: boolean): SourceAnswer {
  for (const source of sources) {
    const answer = source(ref, multiline);
    if (answer) return answer;
  }
  return undefined;
}

/** Names become paths and variables, so only plain ones pass. */
function checkName(ref: SecretRef): { problem: PlumblineError } | undefined {
  const plain = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
  return plain.test(ref.name) && plain.test(ref.key)
    ? undefined
    : { problem: errors.SecretNameUnusable({ ref: `${ref.name}/${ref.key}` }) };
}

function missing({ name, key }: SecretRef): PlumblineError {
  return errors.SecretMissing({ ref: `${name}/${key}`, variable: variableOf({ name, key }), file: `${name}/${key}` });
}
