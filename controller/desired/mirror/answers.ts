import type { PlumblineError } from '../../lib/index.ts';
import { GitFailure, GitOutputTooLong } from '../git-process.ts';
import { withoutSecrets } from './access.ts';
import { mirrorErrors } from './errors.ts';
import type { MirrorLimits } from './limits.ts';

type Reason =
  | 'SourceUnreachable'
  | 'SourceAuthFailed'
  | 'SourceHostUntrusted'
  | 'SourceRepositoryNotFound'
  | 'SourceAnswerRefused'
  | 'MirrorTooLarge'
  | 'MirrorUnusable';

/** What Git, curl and ssh say, and what it means. The first row that fits counts; `why` in our words. */
const answers: readonly { says: RegExp; reason: Reason; why: string }[] = [
  {
    says: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No \S+ host key is known/,
    reason: 'SourceHostUntrusted',
    why: 'the key of the host is not in known_hosts',
  },
  {
    says: /SSL certificate problem|certificate verification failed|SSL: no alternative certificate|certificate subject name/i,
    reason: 'SourceHostUntrusted',
    why: 'the certificate of the host is not trusted',
  },
  {
    says: /error setting certificate|problem with the local SSL|server certificate verification failed. CAfile/i,
    reason: 'SourceHostUntrusted',
    why: 'the certificate authority does not fit the host',
  },
  { says: /File too large|signal 25|SIGXFSZ|exceeds maximum allowed size/, reason: 'MirrorTooLarge', why: 'the mirror would grow' },
  { says: /out of memory|cannot allocate|memory exhausted|mmap failed/i, reason: 'MirrorTooLarge', why: 'the objects would unfold' },
  {
    says: /No space left on device|Disk quota exceeded|Read-only file system|unable to create temporary|insufficient permission/i,
    reason: 'MirrorUnusable',
    why: 'the disk is full or may not be written',
  },
  {
    says: /CONNECT tunnel failed, response 407|HTTP code 407|Proxy Authentication Required/i,
    reason: 'SourceAuthFailed',
    why: 'the proxy refused the credentials',
  },
  {
    says: /CONNECT tunnel failed|Could not resolve proxy|Received HTTP code \d+ from proxy/i,
    reason: 'SourceUnreachable',
    why: 'the proxy gives no way to the host',
  },
  {
    says: /Authentication failed|could not read (Username|Password)|returned error: 40[13]|Permission denied \(|Too many authentication failures|HTTP Basic: Access denied/i,
    reason: 'SourceAuthFailed',
    why: 'the host refused the credentials',
  },
  {
    says: /returned error: 30\d|unable to update url base from redirection/i,
    reason: 'SourceRepositoryNotFound',
    why: 'the host answers with a redirection; write the URL it leads to',
  },
  {
    says: /repository .* not found|returned error: 404|does not appear to be a git repository|Repository not found|not found: did you run/i,
    reason: 'SourceRepositoryNotFound',
    why: 'the host knows no such repository',
  },
  {
    says: /fsck|invalid index-pack|index-pack (failed|died|abnormal)|bad pack|inflate|corrupt|missing (blob|tree|commit)|did not send all necessary objects|not valid: is this a git repository|protocol error|bad line length|unexpected flush|invalid server response/i,
    reason: 'SourceAnswerRefused',
    why: 'the host sent what is no sound repository',
  },
  {
    says: /Could not resolve host|Connection (refused|timed out|reset|closed)|Failed to connect|timed? ?out|No route to host|Network is unreachable|hung up|early EOF|RPC failed|returned error: (429|5\d\d)|unable to access|Empty reply|transfer closed|Operation too slow|kex_exchange/i,
    reason: 'SourceUnreachable',
    why: 'the host does not answer',
  },
];

export interface FetchContext {
  url: string;
  folder: string;
  limits: MirrorLimits;
  secrets: readonly string[];
  /** The deadline of the whole fetch. */
  deadline: AbortSignal;
}

/** The error of the table for a Git command that spoke to the host. Anything that is not Git's comes back as it is. */
export function explainGit(error: unknown, { url, folder, limits, secrets, deadline }: FetchContext): unknown {
  if (deadline.aborted && error === deadline.reason)
    return mirrorErrors.FetchTooLong({ url, seconds: Math.round(limits.fetchMs / 1000) }, { cause: error });
  if (error instanceof GitOutputTooLong)
    return mirrorErrors.MirrorTooLarge({ url, what: 'the list of refs', limit: 'what is read of it' }, { cause: error });
  if (!(error instanceof GitFailure)) return error;
  const row = rowFor(ownWords(error.words)) ?? rowFor(error.words) ?? rowFor(String(error.exit));
  const said = chooseWords(error, secrets);
  return raise(row?.reason ?? 'SourceAnswerRefused', row ? `${row.why} (${said})` : said);

  function raise(reason: Reason, why: string): PlumblineError {
    const context = { cause: new Error(said) };
    if (reason === 'MirrorUnusable') return mirrorErrors.MirrorUnusable({ folder, why }, context);
    if (reason !== 'MirrorTooLarge') return mirrorErrors[reason]({ url, why }, context);
    const isMemory = error instanceof GitFailure && /memory|allocate|mmap/i.test(ownWords(error.words));
    const bytes = isMemory ? limits.memoryBytes : limits.mirrorBytes;
    const what = isMemory ? 'its objects would unfold to memory' : 'the mirror would grow';
    return mirrorErrors.MirrorTooLarge({ url, what, limit: formatBytes(bytes) }, context);
  }
}

function rowFor(words: string): (typeof answers)[number] | undefined {
  return answers.find(({ says }) => says.test(words));
}

/** Without what the host said: that its memory is short is not ours to judge. */
function ownWords(words: string): string {
  return words.replace(/^remote:.*$/gm, '');
}

/** The line that says most: the first that Git calls an error. Printable, without secrets. */
function chooseWords(failure: GitFailure, secrets: readonly string[]): string {
  const lines = withoutSecrets(failure.words, secrets)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const byGit = lines.find((line) => /^(fatal|error|ssh):/i.test(line) && !line.includes('Could not read from remote'));
  const text = byGit ?? lines.find((line) => !line.startsWith('fatal:')) ?? lines[0] ?? `git ended with ${failure.exit}`;
  return withoutChance(text)
    .replace(/^(fatal|error): /, '')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 200);
}

/** Without what is another one at each try, for a condition and an event stay as they are while the host does: how long it took, our own folders. */
export function withoutChance(text: string): string {
  return text
    .replace(/ after \d+ (ms|milliseconds|seconds)\b/g, '')
    .replace(/\b\d+ (out of \d+ )?bytes\b/g, 'some bytes')
    .replace(/[^\s'":]*\/private-\w+\//g, '');
}

export function formatBytes(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.round(bytes / 1024 / 1024)} MiB` : `${Math.round(bytes / 1024)} KiB`;
}
