import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { CheckedState, DesiredObject, DeviceIntent, Rendered, SecretRef, SessionExpectation } from '../api/index.ts';
import { areInputsSame, compileDevice, type Inputs } from '../compile/index.ts';
import { dialectFor, parseIntended } from '../config/index.ts';
import { createBreather, createInterner, type PlumblineError, sha256, systemClock, unsetToken } from '../lib/index.ts';
import {
  compileTemplates,
  createRenderer,
  overlayTemplates,
  readBuiltinTemplates,
  type Renderer,
  type SandboxPool,
  templatesAmong,
  type TemplateSet,
} from '../render/index.ts';
import type { SecretAnswer, Secrets } from '../store/index.ts';
import { placeInGit } from './place-in-git.ts';
import { spread } from './spread.ts';

/** Everything that Git alone says about some devices: no device is asked. */
export interface Prepared {
  state: CheckedState;
  templatesDigest: string;
  /** Mistakes in templates, which belong to no device. */
  templateProblems: readonly PlumblineError[];
  /** In the order of the names asked for. */
  devices: readonly PreparedDevice[];
}

export interface PreparedDevice {
  name: string;
  object: DesiredObject<'Device'>;
  /** Absent when `problems` says why. */
  ready: Ready | undefined;
  /** Mistakes in what Git says about this device. */
  problems: readonly PlumblineError[];
  /** Secrets without a value here: the device can be compared and planned, not changed. */
  unset: readonly PlumblineError[];
  /** What it was compiled from. */
  inputs: Inputs;
  /** Digest of the intent, with the places it was written at: they stand in what is rendered. */
  digest: string;
  templatesDigest: string;
}

/** What is kept of a device that could be rendered: ten thousand whole intents would fill the memory. */
export interface Ready extends Pick<DeviceIntent, 'exactContainers'> {
  rendered: Rendered;
  sessions: readonly KeptSession[];
}

/** What is asked about a session later: where it was written stands in what was rendered. */
type KeptSession = Pick<SessionExpectation, 'session' | 'neighbor' | 'vrf' | 'addressFamilies' | 'expect' | 'peerDevice'>;

/** What was prepared before, by device: what nothing has changed for is not rendered again. */
export type Known = ReadonlyMap<string, PreparedDevice | KeptDevice>;

/** A device that another process prepared: without the objects of Git, which are others by now. */
export type KeptDevice = Omit<PreparedDevice, 'object' | 'inputs'>;

export interface PrepareOptions {
  /** What lives on lets texts be held packed; a command that ends soon need not. Default: plain. */
  hold?: 'packed' | 'plain';
  /** The templates as they were before: they are not compiled again while they are the same. */
  templates?: TemplateSet | undefined;
  /** Child processes that render, for who began to start them before. Whoever gives them closes them. Default: some of our own. */
  pool?: SandboxPool | undefined;
}

/** Compiles and renders devices, each for itself: one that cannot be rendered blocks nobody else. Without `secrets` every token is unset. */
export async function prepareDevices(
  state: CheckedState,
  names: readonly string[],
  secrets: Secrets | undefined,
  known: Known = new Map(),
  { hold = 'plain', templates: last, pool }: PrepareOptions = {},
): Promise<Prepared & { templates: TemplateSet }> {
  const templates = compileTemplates(overlayTemplates(readBuiltinTemplates(), templatesAmong(state.files)), last);
  const { digest: templatesDigest } = templates.compiled;
  const renderer = createRenderer({ templates: templates.compiled, pool });
  try {
    const objects = names.flatMap((name) => state.objects.Device.get(name) ?? []);
    const shop = { state, templatesDigest, renderer, secrets: secrets?.snapshot(), hold, breathe: createBreather(systemClock) };
    const kept = await keepUnchanged(objects, known, shop);
    // The pool of the renderer is the limit; a few more wait at its door so that no child is idle.
    const open = objects.filter((_, i) => kept[i] === undefined);
    const made = await spread(open, 16, (object) => prepareDevice(object, known.get(object.metadata.name), shop));
    const byName = new Map(made.map((device) => [device.name, device]));
    const devices = objects.flatMap(({ metadata }, i) => kept[i] ?? byName.get(metadata.name) ?? []);
    return { state, templatesDigest, templateProblems: templates.problems, devices, templates };
  } finally {
    renderer.close();
  }
}

interface Workshop {
  state: CheckedState;
  templatesDigest: string;
  renderer: Renderer;
  secrets: Secrets | undefined;
  hold: 'packed' | 'plain';
  breathe: () => Promise<void> | undefined;
}

type Device = DesiredObject<'Device'>;

/** The devices for which nothing changed, each in its place: of ten thousand nearly all, so that one more costs as good as nothing. */
async function keepUnchanged(objects: readonly Device[], known: Known, shop: Workshop): Promise<(PreparedDevice | undefined)[]> {
  const kept: (PreparedDevice | undefined)[] = [];
  for (const object of objects) {
    const turn = shop.breathe();
    if (turn) await turn;
    const last = known.get(object.metadata.name);
    kept.push(last && 'inputs' in last ? keepDevice(last, object, shop) : undefined);
  }
  return kept;
}

function keepDevice(last: PreparedDevice, object: Device, shop: Workshop): PreparedDevice | undefined {
  if (!last.ready || last.templatesDigest !== shop.templatesDigest || !areInputsSame(last.inputs, shop.state)) return undefined;
  const unset = unsetIfSame(last.ready.rendered, object, shop);
  return unset && (saySame(unset, last.unset) ? last : { ...last, unset });
}

async function prepareDevice(object: Device, known: PreparedDevice | KeptDevice | undefined, shop: Workshop): Promise<PreparedDevice> {
  // Others have their turn between two devices: ten thousand at a stretch would hold a lease renewal up.
  await shop.breathe();
  const { intent, problems, inputs } = compileDevice(shop.state, object.metadata.name);
  const digest = intent ? sha256(JSON.stringify(intent)) : '';
  const unset: PlumblineError[] = [];
  const made = { name: object.metadata.name, object, inputs, digest, templatesDigest: shop.templatesDigest, unset };
  if (!intent) return { ...made, ready: undefined, problems };
  if (known?.ready && known.templatesDigest === shop.templatesDigest && known.digest === digest) {
    const stillUnset = unsetIfSame(known.ready.rendered, object, shop);
    if (stillUnset) return { ...known, object, inputs, unset: stillUnset };
  }
  const tokenOf = (ref: SecretRef, purpose: string): string => {
    const { token, problem } = askSecret(ref, purpose, object, shop);
    if (problem) unset.push(problem);
    return token;
  };
  const { rendered, problems: faults } = await shop.renderer.render(intent, tokenOf);
  if (!rendered) return { ...made, ready: undefined, problems: [...problems, ...faults] };
  const found = [...problems, ...checkRendered(rendered)];
  if (found.some(({ severity }) => severity === 'error')) return { ...made, ready: undefined, problems: found };
  const { exactContainers } = intent;
  return {
    ...made,
    ready: {
      exactContainers,
      sessions: intern(intent.sessions.map(keepSession)),
      rendered: shop.hold === 'packed' ? new PackedRendered(rendered) : rendered,
    },
    problems: found,
  };
}

/** A secret without a value has none for months, and for each of its devices. */
function saySame(some: readonly PlumblineError[], others: readonly PlumblineError[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ code, message, next }, i) => {
      const other = others[i];
      return code === other?.code && message === other.message && next === other.next;
    })
  );
}

/** What is unset of the secrets in a rendered text; undefined when one of them has another token than there. */
function unsetIfSame({ secrets }: Rendered, object: Device, shop: Workshop): PlumblineError[] | undefined {
  const unset: PlumblineError[] = [];
  for (const { ref, purpose, token } of secrets) {
    const answer = askSecret(ref, purpose, object, shop);
    if (answer.token !== token) return undefined;
    if (answer.problem) unset.push(answer.problem);
  }
  return unset;
}

function askSecret(ref: SecretRef, purpose: string, { metadata }: Device, { secrets }: Workshop): SecretAnswer {
  return secrets?.tokenOf({ ref, device: metadata.name, labels: metadata.labels, purpose }) ?? { token: unsetToken(ref.name, ref.key) };
}

function keepSession({ session, neighbor, vrf, addressFamilies, expect, peerDevice }: SessionExpectation): KeptSession {
  return { session, neighbor, vrf, addressFamilies, expect, peerDevice };
}

/** Of fifty thousand sessions nearly all name the same families. */
const intern = createInterner();

/** The same with its text held compressed, a tenth of it: of ten thousand devices whole texts are a hundred megabytes, asked for once a look. */
class PackedRendered implements Rendered {
  readonly device: string;
  readonly platform: Rendered['platform'];
  readonly digest: string;
  readonly secrets: Rendered['secrets'];
  declare readonly text: string;
  /** Of a byte a letter: V8 keeps it in its own heap, with no buffer around it. */
  readonly #packed: string;
  /** Of the object, not of the class, so that a copy has a text; one for all, since V8 holds an object with a getter of its own in four times the room. */
  static readonly #text: PropertyDescriptor & ThisType<PackedRendered> = {
    enumerable: true,
    get() {
      return inflateRawSync(Buffer.from(this.#packed, 'latin1')).toString('utf8');
    },
  };

  constructor({ device, platform, digest, secrets, text }: Rendered) {
    [this.device, this.platform, this.digest, this.secrets] = [device, platform, digest, secrets];
    this.#packed = deflateRawSync(text, { level: 1 }).toString('latin1');
    Object.defineProperty(this, 'text', PackedRendered.#text);
  }
}

/** What the dialect finds wrong with a rendered configuration: a line with two owners, a secret where none may stand. */
function checkRendered(rendered: Rendered): readonly PlumblineError[] {
  return placeInGit(rendered.text, rendered.device, parseIntended(rendered.text, dialectFor(rendered.platform)).problems);
}
