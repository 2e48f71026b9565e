import { type Driver, type DriverOptions, driverFor } from '../drivers/index.ts';
import { type Clock, systemClock } from '../lib/index.ts';
import { openSecrets, openStore, readVersionKey, type Secrets, type Store, storeFolder } from '../store/index.ts';

/** What it takes to reach devices and to remember them: opened once per run, closed at its end. */
export interface Corridor {
  clock: Clock;
  store: Omit<Store, 'folder'>;
  secrets: Secrets;
  /** The driver of a platform; connections are shared for the whole run. Throws Unsupported. */
  driver: (platform: string) => Driver;
  /** Limit for reading one device, in milliseconds. */
  timeoutMs: number;
  close(): Promise<void>;
}

export interface CorridorOptions {
  environment: Readonly<Record<string, string | undefined>>;
  /** Default: `$PLUMB_STORE`, else a folder of the user. */
  storeFolder?: string | undefined;
  secretsFolder?: string | undefined;
  /** File with the key of secret versions. Default: the key of the store. */
  versionKeyFile?: string | undefined;
  timeoutMs: number;
  /** How connections are shared and paced. Default: as one command needs it. */
  pool?: DriverOptions['pool'] | undefined;
}

/** A corridor over the store and the secrets of this machine. */
export async function openCorridor(options: CorridorOptions): Promise<Corridor> {
  const store = await openStore(options.storeFolder ?? storeFolder(options.environment), systemClock);
  const versionKey = options.versionKeyFile === undefined ? await store.versionKey() : readVersionKey(options.versionKeyFile);
  const secrets = openSecrets({ environment: options.environment, folder: options.secretsFolder, versionKey });
  return corridorOver({ store, secrets, timeoutMs: options.timeoutMs, pool: options.pool });
}

/** A corridor over a store that is open, wherever it is. Closing it closes the store. */
export function corridorOver({
  store,
  secrets,
  timeoutMs,
  pool = {},
}: Pick<Corridor, 'store' | 'secrets' | 'timeoutMs'> & Pick<CorridorOptions, 'pool'>): Corridor {
  const drivers = new Map<string, Driver>();
  return {
    clock: systemClock,
    store,
    secrets,
    driver: (platform) => {
      const known =
        drivers.get(platform) ?? driverFor(platform, { clock: systemClock, tokenOf: (value) => secrets.tokenOfLive(value), pool });
      drivers.set(platform, known);
      return known;
    },
    timeoutMs,
    close: async () => {
      await Promise.all([...drivers.values()].map((driver) => driver.close()));
      store.close();
    },
  };
}
