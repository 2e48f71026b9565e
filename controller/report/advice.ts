import type { DeviceVerdict, Difference } from '../api/index.ts';

/** The safe next action for one device: in words and, where there is one, as a command. */
export interface Advice {
  words: string;
  command?: string;
}

/** What a person does about a device now. Names only commands that exist. */
export function adviseDevice(judged: DeviceVerdict): Advice {
  const { device, verdict } = judged;
  switch (verdict) {
    case 'InSync':
      return { words: 'Nothing to do: the device is what Git says' };
    case 'Pending':
      return {
        words: 'Git moved and the device did not. See what would be sent, then apply it',
        command: `plumb plan ${device} && plumb apply ${device}`,
      };
    case 'Drifted':
      return {
        words: 'Somebody changed the device. Put back what Git says, or write the live value into Git',
        command: `plumb apply ${device}`,
      };
    case 'Diverged':
      return {
        words:
          'Git and the device both moved: nothing is applied until a person decides. Write the live values into Git where they are right; where Git is right, adopt and apply',
        command: `plumb adopt ${device}`,
      };
    case 'Unadopted':
      return {
        words: 'First contact: nothing is changed before the live values are adopted as baseline (writes nothing to the device)',
        command: `plumb adopt ${device}`,
      };
    case 'Unknown':
      // The reason may name its own command; a sentence ends before the colon that follows it.
      return judged.next.includes('plumb ')
        ? { words: judged.next }
        : { words: judged.next.replace(/\.$/, ''), command: `plumb drift ${device}` };
  }
}

/** Where to write what, for one difference: the way to keep what the device has. Undefined when Git need not change. */
export function adviseDifference(difference: Difference): string | undefined {
  if (difference.verdict === 'Pending') return undefined;
  const place = difference.source ? `${difference.source.file}:${difference.source.line}` : undefined;
  if (difference.live === undefined) return place ? `to keep the device as it is, remove it at ${place}` : undefined;
  return place
    ? `to keep the device as it is, write "${difference.live}" at ${place}`
    : 'to keep it, declare it in Git; a raw section takes any line';
}
