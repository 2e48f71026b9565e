/** What a webhook says moved. Nobody acts on it but by fetching, so it may be wrong or missing. */
export interface WebhookHint {
  /** URL of the repository, as the host writes it. */
  repository?: string;
  /** `refs/heads/main`. */
  ref?: string;
  /** Of NetBox: the request that changed something, as its answer named it. */
  requestId?: string;
}

/** Reads a hint from the body of GitHub, GitLab, Gitea, Forgejo and NetBox; empty for any other. Called after the signature held. */
export function readHint(body: Uint8Array, contentType: string | undefined): WebhookHint {
  const text = new TextDecoder().decode(body);
  const json = contentType?.startsWith('application/x-www-form-urlencoded') ? (new URLSearchParams(text).get('payload') ?? '') : text;
  const payload = parseJson(json);
  const repository = textAt(payload, 'repository', 'clone_url') ?? textAt(payload, 'project', 'git_http_url');
  const ref = textAt(payload, 'ref');
  // Since NetBox 4.7 only the former.
  const requestId = textAt(payload, 'request', 'id') ?? textAt(payload, 'request_id');
  return {
    ...(requestId !== undefined && { requestId }),
    ...(repository !== undefined && { repository }),
    ...(ref !== undefined && { ref }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A hint without content is a hint.
  }
}

function textAt(value: unknown, ...keys: string[]): string | undefined {
  let found = value;
  for (const key of keys) found = found !== null && typeof found === 'object' ? (found as Record<string, unknown>)[key] : undefined;
  return typeof found === 'string' && /^[\x21-\x7e]{1,2000}$/.test(found) ? found : undefined;
}
