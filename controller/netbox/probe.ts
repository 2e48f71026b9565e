import { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';
import { kindsOf, resources } from './resources.ts';
import type { Transport } from './transport.ts';

/** What a NetBox is and can do. Asked once a cycle: it may have been updated since. */
export interface Server {
  /** As it says it: `4.7.3`, or `4.6` where the token may not ask for more. */
  version: string;
  minor: readonly [major: number, minor: number];
  /** Names of installed plugins, without those of which a release is installed that has not the lists we know. */
  plugins: readonly string[];
  /** Lists by cursor: nobody who writes meanwhile can make a page skip a row. Older servers ignore the word and would never end. */
  cursor: boolean;
  /** A bulk write is refused when one of its objects changed since it was read. */
  bulkIfMatch: boolean;
  /** A write can say why, in the change log. */
  changelogMessage: boolean;
  /** What is newer than we know is never written: a field that it dropped would be ignored without a word. */
  writable: boolean;
}

const oldest = [4, 2] as const;
/** The newest minor version that the tests run against. */
const newest = [4, 7] as const;

export async function probe(transport: Transport, url: string, signal?: AbortSignal): Promise<Server> {
  const { body, apiVersion } = await transport.send({ method: 'GET', path: 'status', signal }).catch((error: unknown) => {
    // Something answers there, and it is no NetBox: another path, or another program.
    if (error instanceof PlumblineError && error.code === 'NetBoxLacks')
      throw errors.NetBoxAddress({ url, why: 'there is no /api/status/ below it' });
    throw error;
  });
  const said = body as { 'netbox-version'?: unknown; plugins?: unknown } | undefined;
  const version = typeof said?.['netbox-version'] === 'string' ? said['netbox-version'] : apiVersion;
  const [major, minor] = (version ?? '').split('.').map(Number);
  if (version === undefined || major === undefined || minor === undefined || Number.isNaN(major) || Number.isNaN(minor)) {
    throw errors.NetBoxUnreadable({ host: transport.host, what: 'GET status', why: 'it does not say a version of NetBox' });
  }
  const at = [major, minor] as const;
  if (!isSince(at, oldest)) throw errors.NetBoxVersion({ host: transport.host, found: version, oldest: oldest.join('.') });
  const plugins = typeof said?.plugins === 'object' && said.plugins !== null ? Object.keys(said.plugins).sort() : [];
  return {
    version,
    minor: at,
    plugins: await withLists(transport, plugins, signal),
    cursor: isSince(at, [4, 6]),
    bulkIfMatch: isSince(at, [4, 7]),
    changelogMessage: isSince(at, [4, 4]),
    writable: isSince(newest, at),
  };
}

/** A plugin older or newer than we know may have none of the lists: then it is as if it were not there, and all else is compared. */
async function withLists(transport: Transport, plugins: readonly string[], signal: AbortSignal | undefined): Promise<readonly string[]> {
  const isThere = async (path: string): Promise<boolean> => {
    try {
      await transport.send({ method: 'GET', path, query: { limit: 1, fields: 'id' }, signal });
      return true;
    } catch (error) {
      if (error instanceof PlumblineError) return error.code !== 'NetBoxLacks'; // what else is wrong the read tells
      throw error;
    }
  };
  const found = await Promise.all(
    plugins.map(async (plugin) => {
      const lists = kindsOf({ plugins: [plugin] }).map((kind) => resources[kind]);
      const own = lists.filter((list) => 'plugin' in list);
      return (await Promise.all(own.map(({ path }) => isThere(path)))).every(Boolean) ? [plugin] : [];
    }),
  );
  return found.flat();
}

export function isSince(version: readonly [number, number], since: readonly [number, number] | undefined): boolean {
  if (since === undefined) return true;
  return version[0] > since[0] || (version[0] === since[0] && version[1] >= since[1]);
}

/** The error of a write to a version that is only read; undefined where it may be written. */
export function whyNotWritable(host: string, { writable, version }: Server): PlumblineError | undefined {
  return writable ? undefined : errors.NetBoxTooNew({ host, found: version, newest: newest.join('.') });
}
