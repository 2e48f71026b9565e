import type { PreparedDevice } from '../../controller/pipeline/index.ts';

/** A device as prepared from Git; what a test does not say is empty. */
export function preparedDevice(given: Pick<PreparedDevice, 'name' | 'object'> & Partial<PreparedDevice>): PreparedDevice {
  const inputs = { device: given.name, objects: [], missing: [], sessions: [], subnets: [], files: [] };
  return { ready: undefined, problems: [], unset: [], inputs, digest: '', templatesDigest: '', ...given };
}
