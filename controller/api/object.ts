import { z } from 'zod';
import { Labels } from './labels.ts';
import { ListName, Name } from './scalars.ts';

export const apiVersion = 'plumbline.dev/v1alpha1';

/** What every object has. In Git there is no namespace: a repository serves one. */
export const Metadata = z.strictObject({
  name: Name.describe('Unique among the objects of the kind.'),
  labels: Labels.default({}).describe('Labels for selection, for example site: fra.'),
  annotations: z
    .record(z.string().min(1).max(317), z.string().max(4096))
    .default({})
    .describe('Notes for people and tools. Plumbline reads none of them.'),
});
export type Metadata = z.infer<typeof Metadata>;

/** The same for policies and sets, whose names stand on devices. */
export const ListMetadata = Metadata.extend({ name: ListName.describe('Unique among the objects of the kind, and more than a number.') });
