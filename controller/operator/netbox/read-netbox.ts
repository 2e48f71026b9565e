import { isDeepStrictEqual } from 'node:util';
import { isFeeding } from '../../compile/index.ts';
import { FleetSpec, type FleetNetBox } from '../../api/index.ts';
import { PlumblineError, Secret } from '../../lib/index.ts';
import { type NetBox, openNetBox } from '../../netbox/index.ts';
import { errors } from '../errors.ts';
import type { World } from '../world.ts';
import { nameAuthors } from './name-authors.ts';
import { recordOf } from './standing.ts';
import { writeRecord } from './write-record.ts';
import { textOfRecords } from './reported-records.ts';

export interface NetBoxPass {
  world: World;
  /** Devices of which NetBox says something else now. */
  wake: (devices: readonly string[]) => void;
  /** The condition of the Fleet is to be written anew. */
  tellFleet: () => void;
}

/** The NetBox of the Fleet in charge; undefined when it names none, or one that cannot be used. */
export function netboxOf({ fleets, fleet }: Pick<World, 'fleets' | 'fleet'>): FleetNetBox | undefined {
  return FleetSpec.shape.netbox.safeParse(fleets.get(fleet)?.spec.netbox).data;
}

/**
 * One look at NetBox, for the whole Fleet: a snapshot that is whole replaces the last one, and devices of which it says something else are
 * looked at. Whatever goes wrong, the last one stays and the Fleet says why.
 */
export async function readNetBox(pass: NetBoxPass, signal: AbortSignal): Promise<{ againMs: number } | undefined> {
  const { world } = pass;
  const { netbox: standing, runtime, fleet } = world;
  const { metrics, log } = runtime;
  const wanted = netboxOf(world);
  if (!wanted) forget(pass);
  if (!wanted || world.suspended) return undefined;
  if (standing.facts && standing.facts.url !== wanted.url) forget(pass);
  const toTell = () => [standing.problem?.message, standing.unwritten?.message, standing.facts?.unseen];
  const before = toTell();
  let wrote = false;
  try {
    wrote = await lookAtNetBox(pass, wanted, signal);
    standing.problem = undefined;
    metrics.plumbline_netbox_reads_total.inc({ fleet, result: 'ok' });
  } catch (error) {
    metrics.plumbline_netbox_reads_total.inc({ fleet, result: 'failed' });
    log.warn({ fleet, err: error }, 'NetBox cannot be read');
    standing.problem =
      error instanceof PlumblineError ? error : errors.NetBoxFailed({ fleet, why: (error as Error).message }, { cause: error });
    // Of a look that did not end in time as well: nobody knows NetBox better for it.
    if (signal.aborted) throw error;
  }
  if (!isDeepStrictEqual(before, toTell())) pass.tellFleet();
  // What was written is looked at soon: it must be there, and then nothing is left to write.
  return { againMs: Math.min(wanted.intervalSeconds * 1000, wrote ? afterWriteMs : standing.problem ? soonMs : Infinity) };
}

const afterWriteMs = 1000;
/** A NetBox that was away is asked again this soon, whatever the interval. */
const soonMs = 60_000;

/** True when something was written. */
async function lookAtNetBox({ world, wake, tellFleet }: NetBoxPass, wanted: FleetNetBox, signal: AbortSignal): Promise<boolean> {
  const { netbox: standing, runtime, fleet } = world;
  const { clock } = runtime.corridor;
  const began = clock.monotonicMs();
  const netbox = await open(world, wanted, signal);
  try {
    // Where NetBox feeds devices, a list that may not be viewed any more is nothing that vanished.
    const facts = await netbox.readFacts(signal, isFeeding(wanted.authority) ? ['device', 'interface', 'ipAddress'] : undefined);
    // The same facts stay the same object: what was found out about them holds.
    const isSame = standing.facts && isDeepStrictEqual({ ...standing.facts, at: '' }, { ...facts, at: '' });
    // What is fed into devices may be something else now.
    if (!isSame && isFeeding(wanted.authority)) tellFleet();
    standing.facts = isSame && standing.facts ? Object.assign(standing.facts, { at: facts.at }) : facts;
    standing.tookMs = clock.monotonicMs() - began;
    runtime.metrics.plumbline_netbox_last_read_timestamp_seconds.set({ fleet }, clock.now().getTime() / 1000);
    await nameAuthors(world, wanted, netbox, signal);
    wake(changedRecords(world, wanted));
    return await writeRecord(world, wanted, netbox, signal);
  } finally {
    await netbox.close();
  }
}

/** Devices of which NetBox says something else than was last said of them. */
function changedRecords({ netbox, inForce }: World, wanted: FleetNetBox): string[] {
  if (!inForce) return [];
  return [...inForce.devices.values()].flatMap((device) => {
    const found = recordOf(netbox, wanted, inForce, device);
    return found && textOfRecords(found.differences) !== netbox.said.get(device.name) ? [device.name] : [];
  });
}

/** Another NetBox, or none: nothing that the old one said counts any more. */
function forget({ world, wake, tellFleet }: NetBoxPass): void {
  const { netbox: standing, fleet, runtime } = world;
  if (!standing.facts && !standing.problem && standing.said.size === 0) return;
  const names = [...standing.said.keys()];
  standing.facts = undefined;
  delete standing.memory.last;
  standing.problem = undefined;
  standing.unwritten = undefined;
  standing.said.clear();
  standing.authors.clear();
  standing.refused.clear();
  standing.times.clear();
  runtime.metrics.plumbline_netbox_last_read_timestamp_seconds.remove({ fleet });
  tellFleet();
  wake(names);
}

async function open({ fleet, runtime, netbox }: World, wanted: FleetNetBox, signal: AbortSignal): Promise<NetBox> {
  const { clock, secrets } = runtime.corridor;
  const askFor = (key: string, isNeeded: boolean) => {
    const ref = { name: wanted.secretRef.name, key };
    const { token, problem } = secrets.tokenOf({ ref, device: fleet, labels: {}, purpose: 'netbox', multiline: !isNeeded });
    if (problem && (isNeeded || problem.code !== 'SecretMissing')) throw problem;
    return secrets.reveal(token);
  };
  const [token, ca] = [askFor('token', true), askFor('ca.crt', false)];
  const options = {
    url: wanted.url,
    token: new Secret((token?.reveal() ?? '').trim()),
    clock,
    memory: netbox.memory,
    timeoutMs: wanted.timeoutSeconds * 1000,
    onWritten: (requestId: string) => noteWritten(netbox.written, requestId),
    ...(ca && { ca: ca.reveal() }),
  };
  return openNetBox(options, signal);
}

/** Requests of ours whose webhooks may still come. */
const mostWritten = 1000;

function noteWritten(written: Set<string>, requestId: string): void {
  written.add(requestId);
  const [oldest] = written;
  if (written.size > mostWritten && oldest !== undefined) written.delete(oldest);
}
