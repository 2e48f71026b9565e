import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gitEnvironment } from './repository.ts';

/** How the host treats requests. Changed by a test while the host runs. */
export interface Manner {
  /** `user:password`; then nothing is shown without. */
  login?: string;
  /** Where every request is sent instead. */
  redirect?: string;
  /** Answers every request with this status. */
  status?: number;
  /** Called with each request before it is answered; the answer waits for it. */
  before?: (request: IncomingMessage) => Promise<void>;
  /** The pack ends after so many bytes, and the connection with it. */
  cutAfter?: number;
  /** Speaks the protocol of before 2018: lists all refs, and gives objects by the name of a ref only. */
  old?: boolean;
  /** Answers with a page for people. */
  page?: boolean;
}

export interface HttpsHost {
  /** `https://localhost:PORT`. */
  url: string;
  /** PEM of the authority that signed its certificate. */
  authority: string;
  manner: Manner;
  /** Method, path and authorization of each request. */
  seen: { path: string; authorization: string | undefined }[];
  close(): Promise<void>;
}

/** Serves the repositories below `root` by `git http-backend`, as the usual hosts do, over TLS. */
export async function startHttpsHost(root: string, folder: string): Promise<HttpsHost> {
  const { key, certificate, authority } = makeCertificate(folder);
  const host: HttpsHost = { url: '', authority, manner: {}, seen: [], close: () => Promise.resolve() };
  const server = createServer({ key, cert: certificate }, (request, response) => {
    answer(host, root, request, response).catch(() => response.destroy());
  });
  await listen(server);
  host.url = `https://localhost:${(server.address() as AddressInfo).port}`;
  host.close = () => closeServer(server);
  return host;
}

export async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

async function answer({ manner, seen }: HttpsHost, root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  seen.push({ path: request.url ?? '', authorization: request.headers.authorization });
  await manner.before?.(request);
  if (manner.redirect !== undefined) return void response.writeHead(301, { location: `${manner.redirect}${request.url}` }).end();
  if (manner.status !== undefined) return void response.writeHead(manner.status).end();
  if (manner.page) return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
  if (manner.login !== undefined && request.headers.authorization !== `Basic ${Buffer.from(manner.login).toString('base64')}`)
    return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
  runBackend(root, request, response, manner);
}

/** CGI: headers, an empty line, the body. */
function runBackend(root: string, request: IncomingMessage, response: ServerResponse, { cutAfter, old }: Manner): void {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const backend = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...gitEnvironment(root),
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: old ? '' : String(request.headers['git-protocol'] ?? ''),
    },
  });
  backend.stdin.on('error', () => undefined);
  request.pipe(backend.stdin);
  let head = '';
  let sent = 0;
  backend.stdout.on('data', (part: Buffer) => {
    let body = part;
    if (!response.headersSent) {
      head += part.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const lines = head
        .slice(0, end)
        .split('\r\n')
        .map((line) => line.split(': ') as [string, string]);
      const headers = Object.fromEntries(lines);
      response.writeHead(Number.parseInt(headers['Status'] ?? '200', 10), headers);
      body = Buffer.from(head.slice(end + 4), 'latin1');
    }
    const isPack = url.pathname.endsWith('/git-upload-pack') && body.length > 1000;
    if (cutAfter !== undefined && (isPack || sent > 0)) {
      response.write(body.subarray(0, Math.max(0, cutAfter - sent)));
      sent += body.length;
      if (sent >= cutAfter) response.destroy();
    } else response.write(body);
  });
  backend.on('close', () => response.end());
}

/** A certificate for `localhost` and 127.0.0.1, with the private authority that signed it. */
export function makeCertificate(folder: string): { key: string; certificate: string; authority: string } {
  mkdirSync(folder, { recursive: true });
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test authority');
  openssl('req', ...newKey.slice(0, -2), '-keyout', 'host.key', '-out', 'host.csr', '-subj', '/CN=localhost');
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  openssl('x509', '-req', '-in', 'host.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-out', 'host.pem', '-days', '2', '-extfile', 'names');
  const read = (name: string): string => readFileSync(at(name), 'utf8');
  return { key: read('host.key'), certificate: read('host.pem'), authority: read('ca.pem') };
}
