import type { DeviceSpec, DeviceStatus } from '../../api/index.ts';
import { holdAnnotation } from '../device/hold.ts';
import { fleetLabel, type World } from '../world.ts';
import type { DesiredFleet } from './desired-fleet.ts';
import type { Release } from './releases.ts';

/**
 * Devices that were let go within a day and come back are held as they were: whoever took a file away by mistake did not end what somebody at the
 * device asked for. To be called before the revision is in force.
 */
export async function holdAgain(world: World, { devices }: DesiredFleet): Promise<void> {
  const { devices: mirrors, runtime } = world;
  const { objects, log } = runtime;
  const back = [...devices.values()].filter(({ name }) => !mirrors.get(name));
  if (back.length === 0) return;
  const released = new Map((await objects.list<Release>('Release')).map((release) => [release.name, release]));
  for (const { name, object } of back) {
    const release = released.get(name);
    if (release?.spec.hold === undefined) continue;
    const { hold, ...spec } = release.spec;
    const labels = { ...object.metadata.labels, [fleetLabel]: world.fleet };
    mirrors.learn(
      await objects.create<DeviceSpec, DeviceStatus>({
        kind: 'Device',
        name,
        labels,
        annotations: { [holdAnnotation]: hold },
        spec: object.spec,
      }),
    );
    // Given once: who deletes the mirror later does not hold the device by that.
    await objects.update<Release>({ ...release, spec });
    log.info({ device: name }, 'Device is back, and held as it was');
  }
}
