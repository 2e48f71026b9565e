import { randomBytes } from 'node:crypto';
import type { SavedRead, SavedReads } from '../api/index.ts';
import { secretToken, sha256, tokenOfVersion, unsetToken } from '../lib/index.ts';
import { type Prepared, prepareDevices } from './prepare.ts';
import type { Surveyed } from './survey.ts';

/**
 * What was read of devices, for a plan where nobody may ask them. A secret that is what Git asks for stands as its reference, as it is rendered where no
 * values are; any other one as a token that nothing else has and that says nothing of its value.
 */
export async function saveReads(prepared: Pick<Prepared, 'state'>, surveyed: readonly Surveyed[], at: Date): Promise<SavedReads> {
  return { plumblineReads: 1, at: at.toISOString(), devices: await createReadSaver().save(prepared, surveyed) };
}

/** Makes saved reads, at one time or as devices are looked at: a secret that is not Git's has the same token in all of them. */
export interface ReadSaver {
  save(prepared: Pick<Prepared, 'state'>, surveyed: readonly Surveyed[]): Promise<SavedRead[]>;
}

export function createReadSaver(): ReadSaver {
  const salt = randomBytes(32).toString('hex');
  return {
    async save({ state }, surveyed) {
      // Lines are needed only where a token does not tell which reference is meant.
      const names = surveyed.filter(({ device }) => hasTwins(device.ready?.rendered.secrets ?? [])).map(({ device }) => device.name);
      const { devices } = names.length === 0 ? { devices: [] } : await prepareDevices(state, names, undefined);
      const unset = new Map(devices.map(({ name, ready }) => [name, ready?.rendered.text ?? '']));
      return surveyed.map((each) => saveRead(each, unset.get(each.device.name) ?? '', salt));
    },
  };
}

function hasTwins(uses: readonly Use[]): boolean {
  const references = new Map<string, string>();
  return uses.some(({ ref, token }) => {
    const reference = unsetToken(ref.name, ref.key);
    const known = references.get(token) ?? reference;
    references.set(token, known);
    return known !== reference;
  });
}

function saveRead({ device, observed, baseline }: Surveyed, unset: string, salt: string): SavedRead {
  if (observed.state === 'Unknown') {
    const { at, reason } = observed;
    // Its words name keys and serials.
    const message = reason === 'WrongDevice' ? `${device.name}: another machine answers` : observed.message;
    return { device: device.name, read: { state: 'Unknown', at, reason, message } };
  }
  const hide = hider(device.ready?.rendered.secrets ?? [], unset, salt);
  const { at, config, version, neighbors, startupDiffers, hold, closedPools } = observed;
  return {
    device: device.name,
    ...(baseline && {
      baseline: {
        revision: baseline.revision,
        platform: baseline.platform,
        items: Object.fromEntries(Object.entries(baseline.items).map(([key, text]) => [hide(key), hide(text)])),
        unmanaged: baseline.unmanaged.map(hide),
        ...(baseline.adopted !== undefined && { adopted: baseline.adopted }),
      },
    }),
    read: {
      state: 'Read',
      at,
      config: config.split('\n').map(hide).join('\n'),
      version,
      neighbors: neighbors.map(({ address, vrf, family, remoteAs, state, upSeconds, accepted, advertised }) => ({
        address,
        vrf,
        family,
        remoteAs,
        state,
        upSeconds,
        accepted,
        advertised,
      })),
      startupDiffers,
      ...(hold && { hold: { by: hold.by, reason: hold.reason, at: hold.at } }),
      ...(closedPools && { closedPools }),
    },
  };
}

type Use = { ref: { name: string; key: string }; token: string };

/** Two references may have the same value, and so the same token: then the line tells which one is meant. */
function hider(uses: readonly Use[], unset: string, salt: string): (line: string) => string {
  const tokens = new Map(uses.map(({ ref, token }) => [unsetToken(ref.name, ref.key), token]));
  const references = new Map(uses.toReversed().map(({ ref, token }) => [token, unsetToken(ref.name, ref.key)]));
  const lines = new Map(
    unset
      .split('\n')
      .filter((line) => line.includes('<secret:'))
      .map((line) => [line.replaceAll(secretToken, (each) => tokens.get(each) ?? each).trim(), line.trim()]),
  );
  const hidden = (token: string): string => references.get(token) ?? tokenOfVersion(sha256(`${salt} ${token}`).slice(-32));
  return (line) => {
    if (!line.includes('<secret:')) return line;
    const known = lines.get(line.trim());
    return known === undefined ? line.replaceAll(secretToken, hidden) : line.replace(line.trim(), () => known);
  };
}
