/** One file or link of an archive. */
export interface TarEntry {
  path: string;
  /** Absent for a link. */
  bytes?: Buffer;
  /** Of a file, also when its content was left out for its size. */
  size: number;
  /** Where a symbolic link leads. */
  target?: string;
}

export interface TarLimits {
  entries: number;
  /** Bytes of all files together. */
  contentBytes: number;
  /** Larger files are listed without content. */
  fileBytes: number;
}

/** The archive is not sound, or larger than it may be. The message is the fact. */
export class TarRefused extends Error {}

const block = 512;

/** What writers put behind the end: tar itself fills up to 10 KiB. */
const paddingBytes = 1024 * 1024;

/**
 * Reads a tar stream (ustar, pax, the long names of GNU): regular files, folders, symbolic links. Names that are absolute, lead
 * out or stand twice, hard links and devices refuse the whole archive, and so does an early end.
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>, limits: TarLimits): AsyncGenerator<TarEntry> {
  const input = blocksOf(stream);
  const seen = new Set<string>();
  let [entries, content] = [0, 0];
  let extended: { path?: string; linkpath?: string; size?: string } = {};
  for (;;) {
    const header = await input.take(block);
    if (header.every((byte) => byte === 0)) return input.drain(); // Two of these, then padding.
    checkSum(header);
    if (++entries > limits.entries) throw new TarRefused(`it holds more than ${limits.entries} entries`);
    const type = header.toString('latin1', 156, 157);
    const size = extended.size === undefined ? numberAt(header, 124, 12) : Number(extended.size);
    if (!Number.isSafeInteger(size) || size < 0) throw new TarRefused('an entry has no readable size');
    if ('xgLK'.includes(type)) {
      if (size > 64 * 1024) throw new TarRefused('an extended header is longer than 64 KiB');
      const body = await input.body(size);
      if (type === 'x') extended = { ...extended, ...readPax(body) };
      if (type === 'L') extended.path = textOf(body, 0, body.length);
      if (type === 'K') extended.linkpath = textOf(body, 0, body.length);
      continue;
    }
    const path = safeName(extended.path ?? nameIn(header));
    const target = extended.linkpath ?? textOf(header, 157, 100);
    extended = {};
    if (type === '5') {
      await input.skip(size);
      continue;
    }
    if (seen.has(path)) throw new TarRefused(`${path} stands in it twice`);
    seen.add(path);
    if (type === '2') yield { path, size: 0, target };
    else if (type === '0' || type === '\0') {
      content += size;
      if (content > limits.contentBytes) throw new TarRefused(`its files have more than ${limits.contentBytes} bytes`);
      if (size > limits.fileBytes) {
        await input.skip(size);
        yield { path, size };
      } else yield { path, size, bytes: await input.body(size) };
    } else throw new TarRefused(`${path} is neither a file nor a folder nor a symbolic link`);
  }
}

/** ustar splits a long name in two. */
function nameIn(header: Buffer): string {
  const name = textOf(header, 0, 100);
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textOf(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Without `./` before and `/` behind. A name that leads anywhere else is refused, with the whole archive. */
function safeName(name: string): string {
  const path = name.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  const parts = path.split('/');
  const isInside = parts.every((part) => part !== '' && part !== '.' && part !== '..') && !path.includes('\0');
  if (isInside || ((path === '' || path === '.') && !name.startsWith('/'))) return path;
  throw new TarRefused(`it holds the name ${JSON.stringify(name.slice(0, 80))}`);
}

/** POSIX pax: `LENGTH KEY=VALUE\n`, again and again. */
function readPax(body: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const length = Number(body.toString('latin1', at, space));
    const record = /^([^=]+)=([^]*)\n$/.exec(body.toString('utf8', space + 1, at + length));
    if (space < 0 || !Number.isInteger(length) || length < 5 || at + length > body.length || !record)
      throw new TarRefused('an extended header cannot be read');
    if (record[1]?.startsWith('GNU.sparse')) throw new TarRefused('it holds a sparse file');
    if (record[1] !== undefined && ['path', 'linkpath', 'size'].includes(record[1])) found[record[1]] = record[2] ?? '';
    at += length;
  }
  return found;
}

function checkSum(header: Buffer): void {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (sum !== numberAt(header, 148, 8)) throw new TarRefused('a header has a wrong checksum');
}

/** Octal text, or the base-256 form of GNU for large numbers. */
function numberAt(header: Buffer, start: number, length: number): number {
  if (((header[start] ?? 0) & 0x80) !== 0) return Number(`0x${header.toString('hex', start + 1, start + length)}`);
  const text = textOf(header, start, length).trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function textOf(bytes: Buffer, start: number, length: number): string {
  const end = bytes.subarray(start, start + length).indexOf(0);
  return bytes.toString('utf8', start, end < 0 ? start + length : start + end);
}

/** Counted bytes of a stream that must not end before they came. */
function blocksOf(stream: AsyncIterable<Uint8Array>) {
  const chunks = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  async function next(): Promise<Buffer> {
    const { value, done } = await chunks.next();
    if (done) throw new TarRefused('it ends in the middle');
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  async function take(count: number): Promise<Buffer> {
    const parts = [rest];
    let length = rest.length;
    while (length < count) {
      const part = await next();
      parts.push(part);
      length += part.length;
    }
    const all = parts.length === 1 ? rest : Buffer.concat(parts, length);
    rest = all.subarray(count);
    return all.subarray(0, count);
  }
  async function skip(size: number): Promise<void> {
    let left = Math.ceil(size / block) * block;
    while (left > rest.length) {
      left -= rest.length;
      rest = await next();
    }
    rest = rest.subarray(left);
  }
  async function body(size: number): Promise<Buffer> {
    const padded = await take(Math.ceil(size / block) * block);
    return Buffer.from(padded.subarray(0, size)); // A copy: a slice would keep the whole archive in memory.
  }
  /** To its end, so that a stream that was cut is noticed. */
  async function drain(): Promise<void> {
    for (let left = paddingBytes; left > 0; ) {
      const { value, done } = await chunks.next();
      if (done) return;
      left -= value.length;
    }
    throw new TarRefused('it goes on after its end');
  }
  return { take, skip, body, drain };
}
