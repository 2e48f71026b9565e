import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { createReadSaver, type Prepared, type Surveyed } from '../../pipeline/index.ts';

/** What devices held when they were last looked at, without secrets: for plans where nobody may ask them. */
export interface LastReads {
  keep(prepared: Pick<Prepared, 'state'>, surveyed: Surveyed): Promise<void>;
  /** Those of the devices that are named, piece by piece, as `plumb drift --save` writes them. */
  text(at: Date, isKnown: (device: string) => boolean): AsyncGenerator<string>;
}

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** In memory, some kilobytes for a device: nothing of it is written, and after a start it fills as devices are looked at. */
export function createLastReads(): LastReads {
  const saver = createReadSaver();
  const kept = new Map<string, Buffer>();
  return {
    async keep(prepared, surveyed) {
      const [saved] = await saver.save(prepared, [surveyed]);
      kept.set(surveyed.device.name, await zip(JSON.stringify(saved)));
    },
    async *text(at, isKnown) {
      yield `{"plumblineReads":1,"at":${JSON.stringify(at.toISOString())},"devices":[`;
      let first = true;
      for (const name of [...kept.keys()].sort()) {
        const body = kept.get(name);
        if (!isKnown(name)) kept.delete(name);
        else if (body) {
          yield `${first ? '' : ','}${(await unzip(body)).toString('utf8')}`;
          first = false;
        }
      }
      yield ']}\n';
    },
  };
}
