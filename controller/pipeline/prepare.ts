import { setImmediate } from 'node:timers/promises';
import type { CheckedState, DesiredObject, DeviceIntent, Rendered, SecretRef } from '../api/index.ts';
import { compileDevice } from '../compile/index.ts';
import { dialectFor, parseIntended } from '../config/index.ts';
import { digestOf, type PlumblineError, unsetToken } from '../lib/index.ts';
import {
  compileTemplates,
  createRenderer,
  overlayTemplates,
  readBuiltinTemplates,
  type Renderer,
  templatesAmong,
} from '../render/index.ts';
import type { Secrets } from '../store/index.ts';
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
  /** Both absent when `problems` says why. */
  ready: { intent: DeviceIntent; rendered: Rendered } | undefined;
  /** Mistakes in what Git says about this device. */
  problems: readonly PlumblineError[];
  /** Secrets without a value here: the device can be compared and planned, not changed. */
  unset: readonly PlumblineError[];
  /** Digest of everything that it was rendered from, but for the values of secrets. */
  inputs: string;
}

/** What was prepared before, by device: what nothing has changed for is not rendered again. */
export type Known = ReadonlyMap<string, PreparedDevice>;

/** Compiles and renders devices, each for itself: one that cannot be rendered blocks nobody else. Without `secrets` every token is unset. */
export async function prepareDevices(
  state: CheckedState,
  names: readonly string[],
  secrets: Secrets | undefined,
  known: Known = new Map(),
): Promise<Prepared> {
  const { compiled, problems } = compileTemplates(overlayTemplates(readBuiltinTemplates(), templatesAmong(state.files)));
  const renderer = createRenderer({ templates: compiled });
  try {
    const objects = names.flatMap((name) => state.objects.Device.get(name) ?? []);
    // The pool of the renderer is the limit; a few more wait at its door so that no child is idle.
    const shop = { state, templatesDigest: compiled.digest, renderer, secrets };
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
}

async function prepareDevice(object: DesiredObject<'Device'>, known: PreparedDevice | undefined, shop: Workshop): Promise<PreparedDevice> {
  const { name } = object.metadata;
  const unset: PlumblineError[] = [];
  const tokenOf = (ref: SecretRef, purpose: string): string => {
    if (!shop.secrets) return unsetToken(ref.name, ref.key);
    const { token, problem } = shop.secrets.tokenOf({ ref, device: name, labels: object.metadata.labels, purpose });
    if (problem) unset.push(problem);
    return token;
  };
  // Others have their turn between two devices: compiling ten thousand at a stretch would hold a lease renewal up.
  await setImmediate();
  const { intent, problems } = compileDevice(shop.state, name);
  const inputs = digestOf([intent, shop.templatesDigest]);
  if (!intent) return { name, object, ready: undefined, problems, unset, inputs };
  if (known?.ready && known.inputs === inputs) {
    const same = known.ready.rendered.secrets.every(({ ref, purpose, token }) => tokenOf(ref, purpose) === token);
    if (same) return { ...known, object, unset };
    unset.length = 0;
  }
  const { rendered, problems: faults } = await shop.renderer.render(intent, tokenOf);
  if (!rendered) return { name, object, ready: undefined, problems: [...problems, ...faults], unset, inputs };
  const found = [...problems, ...checkRendered(rendered)];
  const ready = found.some(({ severity }) => severity === 'error') ? undefined : { intent, rendered };
  return { name, object, ready, problems: found, unset, inputs };
}

/** What the dialect finds wrong with a rendered configuration: a line with two owners, a secret where none may stand. */
function checkRendered(rendered: Rendered): readonly PlumblineError[] {
  return parseIntended(rendered.text, dialectFor(rendered.platform)).problems;
}
