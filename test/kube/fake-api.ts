import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import type { KubeObject, KubeObjectInput, Resource } from '../../controller/kube/index.ts';

/** One request as the server saw it. */
export interface Seen {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown> | undefined;
}

/** What a test answers in the server's place; `hang` never answers, `cut` breaks the connection, a torn one breaks it in the middle of the body. */
export type Fault = { status: number; body?: unknown; headers?: Record<string, string>; torn?: true } | 'hang' | 'cut';

/**
 * An API server in miniature that speaks the wire form over HTTP, for faults that a real one does not make on demand: paged lists, watches
 * with bookmarks, compaction, status as a part of its own, conflicts. The same behaviours are held against a real one in
 * test/conformance.
 */
export interface FakeApi {
  readonly url: string;
  readonly requests: Seen[];
  kubeConfig(user?: { token?: string; exec?: unknown; tokenFile?: string }): KubeConfig;
  /** Answers in the server's place while `fault` says something. The answer takes it away. */
  intercept(fault: (request: Seen) => Fault | undefined): () => void;
  /** Makes or replaces an object, as another client would. */
  put(object: KubeObjectInput): KubeObject;
  remove(key: string): void;
  /** Removes an object and the memory of it: who was not watching learns of it by a list alone. */
  removeUntold(key: string): void;
  /** Forgets what happened so far: older watches are `Expired`. */
  compact(): void;
  object(key: string): KubeObject | undefined;
  keys(): string[];
  /** Watches that are open. */
  watches(): number;
  /** A line for every open watch, as it is. */
  tell(line: string): void;
  /** Bookmarks to every open watch. */
  bookmark(): void;
  /** Ends every watch in good order, or by breaking the connection. */
  endWatches(how?: 'well' | 'broken'): void;
  /** Connections accepted so far. */
  connections(): number;
  stop(): Promise<void>;
}

export const devices: Resource = { group: 'plumbline.dev', version: 'v1alpha1', plural: 'devices', kind: 'Device', namespace: 'net' };

interface Told {
  version: number;
  line: string;
}

export async function startFakeApi(): Promise<FakeApi> {
  let version = 100;
  let compacted = 0;
  let accepted = 0;
  const objects = new Map<string, KubeObject>();
  const history: Told[] = [];
  const watches = new Set<ServerResponse>();
  const faults = new Set<(request: Seen) => Fault | undefined>();
  const requests: Seen[] = [];
  const sockets = new Set<Socket>();

  const store = (type: string, key: string, object: KubeObject) => {
    version++;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    if (type === 'DELETED') objects.delete(key);
    else objects.set(key, stored);
    const line = `${JSON.stringify({ type, object: stored })}\n`;
    history.push({ version, line });
    for (const watch of watches) watch.write(line);
    return stored;
  };
  const put: FakeApi['put'] = (object) => {
    const key = keyOf(object.metadata);
    const before = objects.get(key);
    const changed = JSON.stringify(before?.spec) !== JSON.stringify(object['spec']);
    return store(before ? 'MODIFIED' : 'ADDED', key, {
      apiVersion: 'plumbline.dev/v1alpha1',
      kind: 'Device',
      ...object,
      metadata: {
        uid: before?.metadata.uid ?? `uid-${version + 1}`,
        ...object.metadata,
        generation: (before?.metadata.generation ?? 0) + (changed || !before ? 1 : 0),
      },
    });
  };

  const answer = (request: Seen, response: ServerResponse) => {
    const { name, namespace, part } = placeOf(request.path);
    const key = namespace === undefined ? (name ?? '') : `${namespace}/${name}`;
    const found = objects.get(key);
    if (request.method === 'GET' && name === undefined) {
      return request.query['watch'] ? watch(request, response) : list(request, namespace, response);
    }
    if (request.method === 'POST') {
      const body = request.body as unknown as KubeObject;
      const metadata = { ...(namespace !== undefined && { namespace }), ...body.metadata };
      if (objects.has(keyOf(metadata))) return refuse(response, 409, 'AlreadyExists');
      return say(response, 201, put({ ...body, metadata }));
    }
    const isApply = request.headers['content-type'] === 'application/apply-patch+yaml';
    if (request.method === 'PATCH' && isApply && !found)
      return say(response, 201, put(mergedInto(undefined, request.body, name, namespace)));
    if (!found) return refuse(response, 404, 'NotFound', `${request.path} not found`);
    if (request.method === 'GET') return say(response, 200, found);
    const wanted = (request.body?.['metadata'] ?? request.body?.['preconditions'] ?? {}) as { resourceVersion?: string };
    if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== found.metadata.resourceVersion) {
      return refuse(response, 409, 'Conflict', 'the object has been modified');
    }
    if (request.method === 'DELETE') return say(response, 200, store('DELETED', key, found));
    if (request.method === 'PATCH') return say(response, 200, put(mergedInto(found, request.body, name, namespace)));
    const body = request.body as unknown as KubeObject;
    const next = part === 'status' ? { ...found, status: body.status } : { ...body, status: found.status };
    // A write of the same bytes moves nothing, as in the real one.
    return say(response, 200, same(next, found) ? found : put(next));
  };

  const list = (request: Seen, namespace: string | undefined, response: ServerResponse) => {
    const all = [...objects.entries()].filter(([key]) => namespace === undefined || key.startsWith(`${namespace}/`)).sort(byKey);
    const token = request.query['continue'];
    const [from, at] = token === undefined ? [0, version] : (token.split('@').map(Number) as [number, number]);
    if (at < compacted) return refuse(response, 410, 'Expired', 'the continue token is too old');
    const to = from + Number(request.query['limit'] ?? all.length);
    const more = to < all.length ? { continue: `${to}@${at}` } : {};
    say(response, 200, {
      kind: 'DeviceList',
      apiVersion: 'plumbline.dev/v1alpha1',
      metadata: { resourceVersion: String(at), ...more },
      items: all.slice(from, to).map(([, { kind: _kind, apiVersion: _apiVersion, ...item }]) => item),
    });
  };

  const watch = (request: Seen, response: ServerResponse) => {
    const from = Number(request.query['resourceVersion'] ?? version);
    response.writeHead(200, { 'content-type': 'application/json' });
    if (from < compacted) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: statusOf(410, 'Expired', `too old resource version: ${from}`) })}\n`);
      return;
    }
    response.flushHeaders();
    for (const told of history) if (told.version > from) response.write(told.line);
    watches.add(response);
    response.on('close', () => watches.delete(response));
  };

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://api');
      const text = Buffer.concat(chunks).toString();
      const request: Seen = {
        method: incoming.method ?? 'GET',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: incoming.headers,
        body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
      };
      requests.push(request);
      for (const fault of faults) {
        const found = fault(request);
        if (found === 'hang') return;
        if (found === 'cut') return void incoming.socket.destroy();
        if (found) {
          const text = typeof found.body === 'string' ? found.body : JSON.stringify(found.body ?? {});
          const length = found.torn && { 'content-length': String(Buffer.byteLength(text)) };
          response.writeHead(found.status, { 'content-type': 'application/json', ...length, ...found.headers });
          if (!found.torn) return void response.end(text);
          return void response.write(text.slice(0, text.length / 2), () => incoming.socket.destroy());
        }
      }
      answer(request, response);
    });
  });
  server.on('connection', (socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    requests,
    kubeConfig: ({ token, exec, tokenFile } = {}) => {
      const config = new KubeConfig();
      const authProvider = tokenFile === undefined ? undefined : { name: 'tokenFile', config: { tokenFile } };
      const user = { name: 'tester', ...(token !== undefined && { token }), exec, authProvider };
      config.loadFromClusterAndUser({ name: 'fake', server: url, skipTLSVerify: true }, user);
      return config;
    },
    intercept: (fault) => {
      faults.add(fault);
      return () => void faults.delete(fault);
    },
    put,
    remove: (key) => {
      const found = objects.get(key);
      if (found) store('DELETED', key, found);
    },
    removeUntold: (key) => {
      objects.delete(key);
      version++;
    },
    compact: () => {
      version++;
      compacted = version;
    },
    object: (key) => objects.get(key),
    keys: () => [...objects.keys()],
    watches: () => watches.size,
    tell: (line) => {
      for (const response of watches) response.write(line);
    },
    bookmark: () => {
      const object = { kind: 'Device', apiVersion: 'plumbline.dev/v1alpha1', metadata: { resourceVersion: String(version) } };
      for (const response of watches) response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
    },
    endWatches: (how = 'well') => {
      for (const response of watches) {
        if (how === 'well') response.end();
        else response.destroy();
      }
      watches.clear();
    },
    connections: () => accepted,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** A `Status` as the API sends it. */
export function statusOf(code: number, reason: string, message = reason, details?: unknown): unknown {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code,
    reason,
    message,
    ...(details !== undefined && { details }),
  };
}

function placeOf(path: string): { namespace?: string; name?: string; part?: string } {
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3);
  const [namespace, [, name, part]] = rest[0] === 'namespaces' && rest.length > 2 ? [rest[1], rest.slice(2)] : [undefined, rest];
  return {
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(part !== undefined && { part }),
  };
}

function mergedInto(found: KubeObject | undefined, patch: Record<string, unknown> | undefined, name = '', namespace?: string): KubeObject {
  const merged = { ...found, ...patch } as unknown as KubeObject;
  const metadata = {
    ...found?.metadata,
    ...(patch?.['metadata'] as object | undefined),
    name,
    ...(namespace !== undefined && { namespace }),
  };
  return { ...merged, metadata };
}

function same(a: KubeObject, b: KubeObject): boolean {
  const content = ({ spec, status, metadata }: KubeObject) => JSON.stringify([spec, status, metadata.labels, metadata.annotations]);
  return content(a) === content(b);
}

function keyOf({ name, namespace }: { name: string; namespace?: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function say(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, reason: string, message = reason): void {
  say(response, status, statusOf(status, reason, message));
}
