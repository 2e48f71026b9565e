/** kea: what the configuration of a DHCP server says, in fields of the kinds, the rest as JSON. */
import { randomBytes } from 'node:crypto';
import type { CheckedState } from '../../api/index.ts';
import { parseIntended } from '../../config/index.ts';
import { Secret, secretToken, tokenOfVersion } from '../../lib/index.ts';
import { prepareDevices } from '../../pipeline/index.ts';
import type { Unit } from '../claims.ts';
import { errors } from '../errors.ts';
import type { Imported, ImportRequest } from '../import-devices.ts';
import { accountKea } from './account.ts';
import { composeKea, type KeaComposition } from './compose.ts';
import { kea, type KeaOriginal, readKea, treeOf } from './original.ts';
import { isSameTree, type KeaVerdict, verifyKea } from './verify.ts';

export { isKea } from './original.ts';

const tries = 12;

/** As `importDevices`, for DHCP servers. */
export async function importKea(request: ImportRequest, existing: CheckedState | undefined): Promise<Imported> {
  const key = new Secret(randomBytes(32).toString('hex'));
  const all = request.originals.map((text) => readKea(text, (value) => tokenOfVersion(new Secret(value).version(key))));
  const unchanged = existing ? await findUnchanged(all, existing) : [];
  const originals = all.filter(({ device }) => !unchanged.includes(device));
  if (originals.length === 0)
    return { files: new Map(), changed: new Set(), accounts: [], secrets: [], countOf: {}, joined: [], unchanged };

  const refused = createRefusals(originals);
  let last: KeaVerdict | undefined;
  for (let round = 1; round <= tries; round++) {
    request.onStep?.(round === 1 ? 'comparing with the originals …' : `comparing with the originals, try ${round} …`);
    const composition = composeKea(originals, request.words, existing, refused.units);
    const verdict = await verifyKea(composition, request.base);
    if (verdict.units.size + verdict.unclear.size === 0) return finish(composition, unchanged);
    if (!refused.learn(verdict, round >= tries - 3)) break;
    last = verdict;
  }
  const [[device = '', what = ''] = []] = last?.unclear ?? [];
  throw errors.ImportNotExact({ device: device || (originals[0]?.device ?? ''), what });
}

/** Devices that Git has just so. One that differs is not imported over what people have written. */
async function findUnchanged(originals: readonly KeaOriginal[], existing: CheckedState): Promise<string[]> {
  const known = originals.filter(({ device }) => existing.objects.Device.has(device));
  const names = known.map(({ device }) => device);
  const { devices } = await prepareDevices(existing, names, undefined);
  for (const [i, original] of known.entries()) {
    const text = devices[i]?.ready?.rendered.text;
    const [version = ''] = original.versions;
    const blank = '<secret:unset-any/any>';
    const what =
      text === undefined
        ? 'it cannot be rendered'
        : isSameTree(
            treeOf(original, version, (each) => each.replace(secretToken, blank)),
            parseIntended(text.replace(secretToken, blank), kea, { version }).tree,
          );
    if (what !== undefined) throw errors.DeviceExists({ device: original.device, from: original.from, what });
  }
  return names;
}

/** What was found not to come back as it was. Grows from try to try: what is blamed, then all of a server but its subnets, then everything. */
function createRefusals(originals: readonly KeaOriginal[]) {
  const states = new Map(originals.map(({ device }) => [device, { known: new Set<Unit>(), noServer: false, nothing: false }]));
  const isSubnet = (unit: Unit): boolean => unit.split(' ')[1] === 'subnet';
  const units = new Map(
    [...states].map(([device, state]) => [
      device,
      { has: (unit: Unit) => state.nothing || (state.noServer && !isSubnet(unit)) || state.known.has(unit) },
    ]),
  );
  return {
    units,
    learn(verdict: KeaVerdict, isLate: boolean): boolean {
      let learnt = false;
      for (const [device, found] of verdict.units) {
        const state = states.get(device);
        for (const unit of found) {
          learnt ||= units.get(device)?.has(unit) === false;
          state?.known.add(unit);
        }
      }
      for (const device of new Set([...verdict.unclear.keys(), ...(isLate || !learnt ? verdict.units.keys() : [])])) {
        const state = states.get(device);
        if (!state || state.nothing) continue;
        if (state.noServer || isLate) state.nothing = true;
        else state.noServer = true;
        learnt = true;
      }
      return learnt;
    },
  };
}

function finish(composition: KeaComposition, unchanged: readonly string[]): Imported {
  const values = new Map(composition.devices.flatMap(({ original }) => [...original.values]));
  return {
    unchanged,
    files: composition.files,
    changed: new Set(),
    accounts: composition.devices.map(accountKea),
    secrets: composition.secrets.map(({ token, ...use }) => {
      const value = values.get(token);
      return { ...use, value: value === undefined ? undefined : new Secret(value) };
    }),
    countOf: composition.countOf,
    joined: [],
  };
}
