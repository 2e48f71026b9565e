import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStore, type ReadObject, type Store, type StoredObject } from '../store/index.ts';
import { followPublished } from './follow-published.ts';

let folder: string;
let store: Store;
let stop: AbortController;
/** Who was asked, by what was written. */
let asked: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-follow-'));
  store = await openStore(folder);
  stop = new AbortController();
  asked = [];
});
afterEach(() => {
  stop.abort();
  store.close();
  rmSync(folder, { recursive: true });
});

async function follow(): Promise<void> {
  const asks = {
    fleet: (name: string) => void asked.push(`fleet ${name}`),
    device: (name: string) => void asked.push(`device ${name}`),
    plans: () => void asked.push('plans'),
    netbox: (request: string | undefined) => void asked.push(`netbox ${request}`),
  };
  const { ended } = await followPublished(store.objects, asks, stop.signal);
  ended.catch(() => undefined);
}

/** Somebody asks for a look at the last device of all: when that is heard, everything before it was. */
async function heard(): Promise<string[]> {
  const last = await store.objects.get('Device', 'last');
  if (!last) throw new Error('there is no last device');
  await store.objects.update({ ...last, annotations: { 'plumbline.dev/requestedAt': 'now' } });
  await vi.waitFor(() => expect(asked).toContain('device last'), 5000);
  return asked.filter((each) => each !== 'device last');
}

async function make(kind: string, name: string): Promise<StoredObject> {
  return store.objects.create({ kind, name, spec: { size: 1 }, status: { seen: 'never' } });
}

type Write = (object: ReadObject) => Promise<unknown>;
const annotate =
  (key: string, value = 'now'): Write =>
  (object) =>
    store.objects.update({ ...object, annotations: { ...object.annotations, [key]: value } });
const status: Write = (object) => store.objects.updateStatus({ ...object, status: { seen: 'now' } });
const spec: Write = (object) => store.objects.update({ ...object, spec: { size: 2 } });
const remove: Write = ({ kind, name }) => store.objects.delete(kind, name);

describe.each<[kind: string, rows: readonly [what: string, write: Write, asks: readonly string[]][]]>([
  [
    'Device',
    [
      ['its status, which we write ourselves', status, []],
      ['an annotation of somebody else', annotate('example.net/owner'), []],
      ['a spec that somebody edited', spec, ['device one']],
      ['a request', annotate('plumbline.dev/requestedAt'), ['device one']],
      ['the request of Flux', annotate('reconcile.fluxcd.io/requestedAt'), ['device one']],
      ['a hold', annotate('plumbline.dev/hold'), ['device one']],
      ['an end of a hold', annotate('plumbline.dev/resumedAt'), ['device one']],
      ['an adoption', annotate('plumbline.dev/adopt'), ['device one']],
      ['its end', remove, ['device one']],
    ],
  ],
  [
    'Fleet',
    [
      ['its status, which we write ourselves', status, []],
      ['an annotation of somebody else', annotate('example.net/owner'), []],
      ['its spec', spec, ['fleet one']],
      ['a request', annotate('plumbline.dev/requestedAt'), ['fleet one']],
      ['a release', annotate('plumbline.dev/release'), ['fleet one']],
      ['its end', remove, ['fleet one']],
    ],
  ],
  [
    'DriftReport',
    [
      ['its status, which we write ourselves', status, []],
      ['an acknowledgement', spec, ['device one']],
      ['its end', remove, ['device one']],
    ],
  ],
  [
    'ChangePlan',
    [
      ['its status, which we write ourselves', status, []],
      ['an order', annotate('plumbline.dev/rollout'), ['plans']],
      ['its end', remove, ['plans']],
    ],
  ],
  ['BGPSession', [['its status, which we write ourselves', status, []]]],
  ['DHCPSubnet', [['its status, which we write ourselves', status, []]]],
])('of a %s', (kind, rows) => {
  it.each(rows)('%s is heard by whom it concerns', async (_what, write, asks) => {
    const object = await make(kind, 'one');
    await make('Device', 'last');
    await follow();
    asked.length = 0;
    await write(object);
    expect(await heard()).toEqual(asks);
  });
});
