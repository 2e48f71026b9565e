import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isMap, type JsonMap, type JsonValue } from '../../../controller/config/index.ts';
import { readJson } from '../../../controller/config/kea/json.ts';
import { type Scratch, startScratch } from './scratch.ts';

const folder = '/usr/share/doc/kea/examples';

/** Why there are none, or undefined. */
export function whyNoExamples(): string | undefined {
  return existsSync(`${folder}/kea4`) ? undefined : `not installed: the Debian package kea-doc`;
}

export interface Example {
  readonly name: string;
  /** As it is written, but for what a server needs that is not here: interfaces, databases, hooks of others. */
  readonly file: JsonMap;
  /** What the server gives back; nothing where it does not take the file. */
  readonly printed: JsonMap | undefined;
}

/** The configurations that come with Kea, each set on a server once. */
export async function readExamples(family: 4 | 6): Promise<Example[]> {
  const root = `Dhcp${family}`;
  const examples: Example[] = [];
  let scratch = await startScratch(family);
  for (const name of readdirSync(`${folder}/kea${family}`)) {
    const [read = null] = readJson(readFileSync(`${folder}/kea${family}/${name}`, 'utf8')).values;
    const map = isMap(read) ? read[root] : undefined;
    if (!isMap(map)) continue;
    const file = { [root]: withBase(map, scratch) };
    try {
      examples.push({ name, file, printed: await givenBack(file, scratch) });
    } catch {
      // Kea 2.2 for IPv6 ends at once when it is given `all-options.json`.
      examples.push({ name, file, printed: undefined });
      await scratch.stop();
      scratch = await startScratch(family);
    }
  }
  await scratch.stop();
  return examples;
}

const elsewhere = ['hooks-libraries', 'hosts-database', 'hosts-databases', 'config-control', 'control-socket', 'comment'];

function withBase(map: JsonMap, { base }: Scratch): JsonMap {
  const own = Object.fromEntries(Object.entries(map).filter(([key]) => !elsewhere.includes(key)));
  return { ...(withoutInterfaces(own) as JsonMap), ...base };
}

function withoutInterfaces(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutInterfaces);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, each]) => (key === 'interface' ? [] : [[key, withoutInterfaces(each)]])));
}

/** What the server makes of it; undefined when it does not take it. */
async function givenBack(config: JsonMap, scratch: Scratch): Promise<JsonMap | undefined> {
  const root = `Dhcp${scratch.family}`;
  const set = await scratch.ask('config-set', { [root]: { ...(config[root] as JsonMap), ...scratch.base } });
  if (set.result !== 0) return undefined;
  const got = await scratch.ask('config-get');
  return got.arguments as JsonMap;
}

/** The server itself sees no difference, or does not take it. */
export async function isAsBefore(edited: JsonMap, printed: JsonMap | undefined, scratch: Scratch): Promise<boolean> {
  if (printed === undefined) return true;
  const [now, before] = [await givenBack(edited, scratch), JSON.stringify(await givenBack(printed, scratch))];
  return now === undefined || JSON.stringify(now) === before;
}
