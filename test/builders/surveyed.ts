import type { CheckedState } from '../../controller/api/index.ts';
import { compareDevice } from '../../controller/pipeline/compare-device.ts';
import { prepareDevices, type Surveyed } from '../../controller/pipeline/index.ts';
import { adoptBaseline, judge } from '../../controller/verdict/index.ts';
import { readOf } from './read.ts';

/** What Git prints for a device, as the device itself would. */
export async function configOf(state: CheckedState, name: string): Promise<string> {
  const { devices } = await prepareDevices(state, [name], undefined);
  const text = devices[0]?.ready?.rendered.text;
  if (text === undefined) throw new Error(devices[0]?.problems.map(({ message }) => message).join('\n'));
  return text.replace(/^\s*! plumbline:.*\n/gm, '');
}

/** A device that was adopted as Git wants it, and now holds this. */
export async function surveyedWith(state: CheckedState, name: string, config: string): Promise<Surveyed> {
  const { devices } = await prepareDevices(state, [name], undefined);
  const [device] = devices;
  if (!device?.ready) throw new Error(`${name} cannot be rendered`);
  const { ready } = device;
  const read = (text: string) => readOf(text, { device: name });
  const compare = (text: string, baseline: Surveyed['baseline']) =>
    compareDevice({ ...ready, revision: state.revision, read: read(text), baseline, last: undefined });
  const baseline = adoptBaseline(compare(await configOf(state, name), undefined).facts);
  const compared = compare(config, baseline);
  return { device, observed: read(config), baseline, compared, verdict: judge(compared.facts) };
}
