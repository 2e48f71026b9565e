import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { printable } from '../../report/index.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { logFile } from '../log.ts';
import { type PlaceOptions, type Published, withPublished } from '../published.ts';

/** `plumb logs [DEVICE]`: what the operator logged, of one device or of all. */
export async function logs(device: string | undefined, options: PlaceOptions & { tail: number }, context: Context): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async (published) => {
    const lines = published.cluster ? await podLines(published.cluster, options.tail) : await fileLines(published.where);
    const wanted = lines.filter((line) => device === undefined || isAbout(line, device)).slice(-options.tail);
    if (wanted.length === 0) context.terminal.say(`No log lines${device === undefined ? '' : ` of ${device}`} in ${published.where}\n`);
    for (const line of wanted) context.terminal.write(`${printable(line)}\n`);
    return 0;
  });
}

async function fileLines(folder: string): Promise<string[]> {
  const file = logFile(folder);
  if (!existsSync(file)) return [];
  const lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) lines.push(line);
  return lines;
}

async function podLines({ client, namespace }: NonNullable<Published['cluster']>, tail: number): Promise<string[]> {
  const pods = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespace };
  const { items } = await client.list(pods, { labelSelector: 'app.kubernetes.io/name=plumbline' });
  const texts = await Promise.all(
    items.map(({ metadata }) =>
      client.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/${metadata.name}/log?tailLines=${tail}` }),
    ),
  );
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== '')).toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
}

function timeOf(line: string): string {
  return /"time":"([^"]+)"/.exec(line)?.[1] ?? '';
}

function isAbout(line: string, device: string): boolean {
  return line.includes(`"device":${JSON.stringify(device)}`) || line.includes(`"object":${JSON.stringify(device)}`);
}
