import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { run, tryRun } from '../lab/shell.ts';
import { type Instruction, readDockerfile, readDockerignore } from './dockerfile.ts';

const root = join(import.meta.dirname, '../..');

/** What a container engine would make of our Dockerfile. */
export interface Image {
  /** What lies over the file system of this machine, which stands for the base image. */
  layer: string;
  user: string;
  environment: Record<string, string>;
  entrypoint: string[];
}

/**
 * Builds the Dockerfile without a container engine: each stage is a layer over the root of this machine (Debian, like the base images),
 * and its commands run in there. What is not of a Debian, the checkout foremost, is hidden. Needs root, overlayfs and the network.
 */
export async function buildImage(folder: string, say: (line: string) => void): Promise<Image> {
  const isSeen = readDockerignore(join(root, '.dockerignore'));
  const layers = new Map<string, string>();
  const image: Image = { layer: '', user: '', environment: {}, entrypoint: [] };
  for (const { from, name, instructions } of readDockerfile(join(root, 'Dockerfile'))) {
    image.layer = join(folder, `stage-${name}`);
    layers.set(name, image.layer);
    let place = '/';
    for (const { word, text } of instructions) {
      if (word === 'WORKDIR') mkdirSync(join(image.layer, (place = text)), { recursive: true });
      else if (word === 'COPY') copy(text, { layers, layer: image.layer, place, isSeen });
      else if (word === 'RUN') {
        say(`${name}: ${text}`);
        const node = from.startsWith('node:') ? dirname(process.execPath) : undefined;
        await inLayer(image.layer, ['sh', '-euc', `cd ${place} && ${text}`], node);
      } else configure(image, { word, text });
    }
  }
  return image;
}

/** Why no image can be built or run on this machine, or undefined when it can. */
export async function whyNoImages(folder: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'it needs root';
  if (!existsSync('/usr/bin/apt-get')) return 'this machine is no Debian';
  const { rc, stderr } = await tryRun(['unshare', '-m', 'sh', '-euc', overlay(join(folder, 'try'))]);
  return rc === 0 ? undefined : stderr.trim();
}

/** Lines of a shell that lay `layer` over the root of this machine at `$new`, with what a container has beside its files. */
export function overlay(layer: string): string {
  const [work, merged] = [`${layer}.work`, `${layer}.merged`];
  for (const each of [layer, work, merged]) mkdirSync(each, { recursive: true });
  const strange = readdirSync('/').filter((name) => !standard.has(name) && statSync(join('/', name)).isDirectory());
  return [
    'mount --make-rprivate /',
    `new=${merged}`,
    `mount -t overlay overlay -o lowerdir=/,upperdir=${layer},workdir=${work} "$new"`,
    'mount -t proc proc "$new/proc"',
    'mount --rbind /dev "$new/dev"',
    ...['tmp', 'run', ...strange].map((name) => `mount -t tmpfs -o mode=1777 tmpfs "$new/${name}"`),
  ].join('\n');
}

/** The folders of a Debian; anything else in the root of this machine is no part of the image. */
const standard: ReadonlySet<string> = new Set(
  'bin boot dev etc home lib lib32 lib64 libx32 lost+found media mnt opt proc root run sbin srv sys tmp usr var'.split(' '),
);

async function inLayer(layer: string, argv: string[], node: string | undefined): Promise<void> {
  const script = [
    overlay(layer),
    ...(node ? [`mount --bind ${node} "$new/usr/local/bin"`] : []),
    'exec chroot "$new" /usr/bin/env PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"',
  ].join('\n');
  await run(['unshare', '-m', 'sh', '-euc', script, 'sh', ...argv], { timeoutMs: 400_000 });
}

/** COPY [--from=STAGE] SOURCE... TARGET: a folder gives its contents, and only what .dockerignore leaves. */
function copy(
  text: string,
  to: { layers: ReadonlyMap<string, string>; layer: string; place: string; isSeen: (file: string) => boolean },
): void {
  const words = text.split(/ +/);
  const stage = /^--from=(.*)$/.exec(words[0] ?? '')?.[1];
  if (stage !== undefined) words.shift();
  const target = words.pop() ?? '';
  const from = stage === undefined ? root : to.layers.get(stage);
  if (from === undefined) throw new Error(`COPY ${text}: there is no stage ${stage}`);
  for (const word of words) {
    const source = join(from, word);
    const name = target.endsWith('/') && statSync(source).isFile() ? basename(word) : '';
    cpSync(source, join(to.layer, resolve(to.place, target), name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => stage !== undefined || statSync(path).isDirectory() || to.isSeen(relative(root, path)),
    });
  }
}

function configure(image: Image, { word, text }: Instruction): void {
  if (word === 'USER') image.user = text;
  if (word === 'ENTRYPOINT') image.entrypoint = JSON.parse(text) as string[];
  if (word === 'ENV') for (const pair of text.split(/ +/)) image.environment[pair.split('=')[0] ?? ''] = pair.slice(pair.indexOf('=') + 1);
}
