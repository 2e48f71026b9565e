import { printJsonSchema } from '../../api/index.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';

/** `plumb schema`: one JSON Schema that takes a document of any kind. */
export async function schema({ terminal }: Context): Promise<ExitCode> {
  terminal.write(printJsonSchema());
  return 0;
}
