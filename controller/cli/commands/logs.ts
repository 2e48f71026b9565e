import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { printable } from '../../report/index.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { earlierLogFile, logFile } from '../log.ts';
import { isAbout, readPodLogs } from '../log-lines.ts';
import { type PlaceOptions, withPublished } from '../published.ts';

/** `plumb logs [DEVICE]`: what the operator logged, of one device or of all. */
export async function logs(device: string | undefined, options: PlaceOptions & { tail: number }, context: Context): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async (published) => {
    // Which of its lines are about the device is known here alone.
    const tail = device === undefined ? options.tail : undefined;
    const { lines, silent } = published.cluster
      ? await readPodLogs(published.cluster, tail)
      : { lines: await fileLines(published.where), silent: [] };
    const wanted = lines.filter((line) => device === undefined || isAbout(line, device)).slice(-options.tail);
    for (const why of silent) context.terminal.say(`${printable(why)}\n`);
    if (wanted.length === 0) context.terminal.say(`No log lines${device === undefined ? '' : ` of ${device}`} in ${published.where}\n`);
    for (const line of wanted) context.terminal.write(`${printable(line)}\n`);
    return 0;
  });
}

async function fileLines(folder: string): Promise<string[]> {
  const lines: string[] = [];
  for (const file of [earlierLogFile(folder), logFile(folder)].filter((each) => existsSync(each)))
    for await (const line of createInterface({ input: createReadStream(file) })) lines.push(line);
  return lines;
}
