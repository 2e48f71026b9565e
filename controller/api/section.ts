import { z } from 'zod';
import { Name, RepositoryPath, TemplatePath } from './scalars.ts';

/** A piece of configuration that no kind expresses, kept by Git as text or as a template. */
export const Section = z
  .strictObject({
    name: Name.describe('Name of the section, unique on the device. The owner in reports: Section/NAME.'),
    file: RepositoryPath.optional().describe('File of the repository with configuration text, taken as it is. Either file or template.'),
    template: TemplatePath.optional().describe(
      'Template of the repository, rendered with the intent of the device. Either template or file.',
    ),
    ownership: z
      .enum(['Declared', 'Exact'])
      .default('Declared')
      .describe('Declared: only the lines written here are owned. Exact: other lines inside the same blocks are removed.'),
  })
  .refine((section) => (section.file === undefined) !== (section.template === undefined), {
    error: 'it names no source, or two; write either file (text as it is) or template (rendered)',
  })
  .meta({
    'x-kubernetes-validations': [{ rule: 'has(self.file) != has(self.template)', message: 'name exactly one source: file or template' }],
  });
export type Section = z.infer<typeof Section>;
