import type { z } from 'zod';

/** What the text of an annotation says; undefined when it is no JSON of that shape. */
export function readAnnotation<T>(text: string, shape: z.ZodType<T>): T | undefined {
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
