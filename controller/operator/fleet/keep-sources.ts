import type { FleetObject } from './reconcile-fleet.ts';
import type { FleetSource } from './source.ts';

/** One source per Fleet, opened anew when the spec that names it moved. */
export function keepSources(open: (fleet: FleetObject) => Promise<FleetSource>): {
  of: (fleet: FleetObject) => Promise<FleetSource>;
  drop: (fleet: string) => Promise<void>;
  close: () => Promise<void>;
} {
  const known = new Map<string, { generation: number; source: FleetSource }>();
  return {
    of: async (fleet) => {
      const found = known.get(fleet.name);
      if (found?.generation === fleet.generation) return found.source;
      await found?.source.close();
      const source = await open(fleet);
      known.set(fleet.name, { generation: fleet.generation, source });
      return source;
    },
    drop: async (fleet) => {
      await known.get(fleet)?.source.close();
      known.delete(fleet);
    },
    close: async () => {
      await Promise.all([...known.values()].map(({ source }) => source.close()));
    },
  };
}
