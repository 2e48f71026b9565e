import type { DesiredDevice, DesiredFleet } from '../fleet/desired-fleet.ts';
import type { Look } from '../device/publish.ts';
import type { World } from '../world.ts';
import { netboxOf } from './read-netbox.ts';
import { textOfRecords } from './reported-records.ts';
import { type DeviceRecord, recordOf } from './standing.ts';

/** Keeps what a look heard from a device, and says what NetBox is beside it. Undefined: what was published of it stands. */
export function noteRecord(
  world: World,
  fleet: DesiredFleet,
  device: DesiredDevice,
  { told }: Pick<Look, 'told'>,
): DeviceRecord | undefined {
  const { netbox } = world;
  if (world.suspended) return undefined;
  const wanted = netboxOf(world);
  // A device that was not even asked says nothing new, unless nobody wants to hear of it any more.
  if (!told && wanted) return undefined;
  // Also while the Fleet names no NetBox: once it does, a device is compared with what it said last, not only after its next look.
  if (told) netbox.told.set(device.name, told);
  const record = recordOf(netbox, wanted, fleet, device);
  if (record?.record) netbox.said.set(device.name, textOfRecords(record.differences));
  else if (record) netbox.said.delete(device.name);
  return record;
}
