import type { z } from 'zod';
import { FleetSpec } from '../../api/index.ts';

/** A part of the Fleet in charge; the defaults while there is none that can be used. Every look asks: a spec is parsed once. */
export function keepPart<Part extends 'reads' | 'changes'>(
  part: Part,
  specOf: () => Partial<FleetSpec> | undefined,
): () => FleetSpec[Part] {
  const schema = FleetSpec.shape[part] as unknown as z.ZodType<FleetSpec[Part]>;
  const partOf = (spec: Partial<FleetSpec> | undefined) => schema.safeParse(spec?.[part] ?? {}).data ?? schema.parse({});
  let known = { spec: undefined as Partial<FleetSpec> | undefined, value: partOf(undefined) };
  return () => {
    const spec = specOf();
    if (spec !== known.spec) known = { spec, value: partOf(spec) };
    return known.value;
  };
}
