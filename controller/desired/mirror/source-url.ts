import { mirrorErrors } from './errors.ts';

/** The URL of a repository, checked. Only these transports reach Git. */
export interface SourceURL {
  transport: 'https' | 'ssh' | 'file';
  /** As given. Never holds a password. */
  text: string;
  /** `https://host:port` or `ssh://host:port`, for credentials that must go nowhere else. */
  origin: string;
}

/** Reads the URL of a repository. `allowLocal` for repositories on this machine, which a Fleet of a cluster may not name. */
export function parseSourceURL(text: string, { allowLocal = false } = {}): SourceURL {
  const shown = withoutUserinfo(text);
  const refuse = (why: string, hint: string): never => {
    throw mirrorErrors.SourceURLRefused({ url: shown, why, hint });
  };
  const scp = /^([A-Za-z0-9._-]+)@([A-Za-z0-9.-]+):([^/].*)$/.exec(text);
  if (scp) refuse('is the short form of ssh', `Write ssh://${scp[1]}@${scp[2]}/${scp[3]}.`);
  // Git and we must read the same host: nothing that two readers of a URL could split differently.
  if (/[^\x21-\x7e]|[\\"'`<>^{|}]/.test(text)) refuse('holds blanks or signs that do not belong into a URL', 'Write them as %XX.');
  if (text.length > 2000) refuse('has more than 2000 characters', 'Write the URL of the repository alone.');
  const url = URL.canParse(text) ? new URL(text) : refuse('is no URL', 'Write for example https://git.example.net/network/desired-state.');
  if (url.search !== '' || url.hash !== '')
    refuse('has a query or a fragment', 'Write the URL of the repository alone; branch and path have fields.');
  if (url.protocol === 'file:') {
    if (!allowLocal) refuse('names a folder of the operator', 'Write an https or ssh URL.');
    return { transport: 'file', text, origin: 'file://' };
  }
  if (url.hostname === '' || url.hostname.startsWith('-'))
    refuse('names no host', 'Write for example https://git.example.net/network/desired-state.');
  if (url.protocol === 'https:') {
    if (url.username !== '' || url.password !== '')
      refuse('holds credentials', 'Put them into the Secret of the source, and change them: they were seen.');
    return { transport: 'https', text, origin: url.origin };
  }
  if (url.protocol === 'ssh:') {
    if (url.password !== '') refuse('holds a password', 'Use a key, in the Secret of the source, and change the password: it was seen.');
    if (url.username.startsWith('-')) refuse('has a user that begins with a hyphen', 'Write ssh://git@HOST/PATH.');
    return { transport: 'ssh', text, origin: `ssh://${url.host}` };
  }
  const hint =
    url.protocol === 'http:'
      ? `Write https:${text.slice(5)}; a private certificate authority is given in the Secret.`
      : 'Write an https or ssh URL.';
  return refuse(`the transport ${url.protocol.slice(0, -1)} is not used`, hint);
}

/** For messages: what stands before the @ may be a secret. */
function withoutUserinfo(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
  return printable.replace(/^([a-z+]+:\/\/)[^/@]*:[^/]*@/i, '$1***@').replace(/^(https?:\/\/)[^/@]+@/i, '$1***@');
}
