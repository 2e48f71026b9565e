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
  templatesAmong,
} from '../render/index.ts';
import type { Secrets } from '../store/index.ts';
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
  /** Something changed, so that a device will be rendered before long. Default: nobody knows. */
  rendersSoon?: boolean;
}

/** Compiles and renders devices, each for itself: one that cannot be rendered blocks nobody else. Without `secrets` every token is unset. */
export async function prepareDevices(
  state: CheckedState,
  names: readonly string[],
  secrets: Secrets | undefined,
  known: Known = new Map(),
  { hold = 'plain', rendersSoon = false }: PrepareOptions = {},
): Promise<Prepared> {
  const { compiled, problems } = compileTemplates(overlayTemplates(readBuiltinTemplates(), templatesAmong(state.files)));
  const renderer = createRenderer({ templates: compiled });
  try {
    if (rendersSoon) renderer.prepare();
    const objects = names.flatMap((name) => state.objects.Device.get(name) ?? []);
    // The pool of the renderer is the limit; a few more wait at its door so that no child is idle.
    const shop = {
      state,
      templatesDigest: compiled.digest,
      renderer,
      secrets: secrets?.snapshot(),
      hold,
      breathe: createBreather(systemClock),
    };
    const devices = await spread(objects, 16, (object) => prepareDevice(object, known.get(object.metadata.name), shop));
    return { state, templatesDigest: compiled.digest, templateProblems: problems, devices };
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

async function prepareDevice(
  object: DesiredObject<'Device'>,
  known: PreparedDevice | KeptDevice | undefined,
  shop: Workshop,
): Promise<PreparedDevice> {
  const { name } = object.metadata;
  const unset: PlumblineError[] = [];
  const tokenOf = (ref: SecretRef, purpose: string): string => {
    if (!shop.secrets) return unsetToken(ref.name, ref.key);
    const { token, problem } = shop.secrets.tokenOf({ ref, device: name, labels: object.metadata.labels, purpose });
    if (problem) unset.push(problem);
    return token;
  };
  // Others have their turn between two devices: ten thousand at a stretch would hold a lease renewal up.
  await shop.breathe();
  const hasSameSecrets = (last: Rendered): boolean => {
    unset.length = 0;
    return last.secrets.every(({ ref, purpose, token }) => tokenOf(ref, purpose) === token);
  };
  const last = known?.ready && known.templatesDigest === shop.templatesDigest ? known.ready : undefined;
  if (known && 'inputs' in known && last && areInputsSame(known.inputs, shop.state) && hasSameSecrets(last.rendered)) {
    return unset.length + known.unset.length === 0 ? known : { ...known, unset };
  }
  const { intent, problems, inputs } = compileDevice(shop.state, name);
  const digest = intent ? sha256(JSON.stringify(intent)) : '';
  const made = { name, object, inputs, digest, templatesDigest: shop.templatesDigest, unset };
  if (!intent) return { ...made, ready: undefined, problems };
  if (known && last && known.digest === digest && hasSameSecrets(last.rendered)) return { ...known, object, inputs, unset };
  unset.length = 0;
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
