import type { DeviceVerdict, Difference } from '../api/index.ts';
import { plural } from './problems.ts';

/** The safe next action for one device: in words and, where there is one, as a command. */
export interface Advice {
  words: string;
  command?: string;
}

type Judged = Exclude<DeviceVerdict, { verdict: 'Unknown' }>;
type NotKnownVerdict = Extract<DeviceVerdict, { verdict: 'Unknown' }>;

/** What a person does about a device now. Names only commands that exist. */
export function adviseDevice(judged: DeviceVerdict): Advice {
  if (judged.verdict === 'Unknown') return adviseUnknown(judged);
  const { device, verdict, news = [], closing = [], upgraded } = judged;
  if (upgraded && (verdict === 'Drifted' || verdict === 'Diverged')) return adviseUpgraded(device, upgraded);
  switch (verdict) {
    case 'InSync':
      if (news.length === 0 && closing.length > 0)
        return {
          words: 'Nothing to do yet: what is closed goes with the first plan after its leases have ended',
          command: `plumb plan ${device}`,
        };
      if (news.length === 0) return { words: 'Nothing to do: the device is what Git says' };
      return {
        words:
          'What Git owns is in sync. Nothing touches the new lines beside it: write into Git what Git shall own, and adopt to take the rest as seen',
        command: `plumb adopt ${device}`,
      };
    case 'Pending':
      return {
        words: 'The device waits for what Git says. See what would be sent, then apply it',
        command: `plumb plan ${device} && plumb apply ${device}`,
      };
    case 'Drifted':
      return adviseDrifted(judged);
    case 'Diverged':
      return {
        words:
          'Git and the device both moved: nothing is applied until a person decides. Write the live values into Git where they are right; where Git is right, adopt and apply',
        command: `plumb adopt ${device}`,
      };
    case 'Unadopted':
      return {
        words:
          'Never seen equal to Git, so nobody knows which side is right. Write into Git what the device has right, then adopt: it writes nothing to the device, and afterwards Git wins',
        command: `plumb adopt ${device}`,
      };
  }
}

function adviseDrifted({ device, differences }: Judged): Advice {
  const drifted = differences.filter(({ verdict }) => verdict === 'Drifted');
  const left = drifted.filter(({ stays }) => stays);
  const moved = differences.some(({ verdict }) => verdict === 'Pending');
  const also =
    left.length === 0
      ? ''
      : `. An apply leaves ${plural(left.length, 'line')} that nobody in Git asked for: remove on the device, or declare in Git`;
  const command = moved ? `plumb plan ${device} && plumb apply ${device}` : `plumb apply ${device}`;
  if (left.length === drifted.length) {
    const words =
      'Somebody put on the device what nobody in Git asked for, and no apply removes it. Remove it on the device, or declare it in Git';
    return moved ? { words: `${words}. Git moved as well: see what would be sent, then apply it`, command } : { words };
  }
  if (moved) {
    const words =
      'Somebody changed the device, and Git moved as well: an apply puts back the one and sends the other. See the plan, or write the live value into Git';
    return { words: words + also, command };
  }
  return { words: `Somebody changed the device. Put back what Git says, or write the live value into Git${also}`, command };
}

/** Whether a person changed anything there is not known. */
function adviseUpgraded(device: string, { from, to }: NonNullable<Judged['upgraded']>): Advice {
  const words = `It ran ${from} when it was last as Git says, and runs ${to}, on which nothing was tried: a line may differ only in how ${to} prints it, and nothing is changed there. Look at each line; adopt takes those that are right as they are`;
  return { words, command: `plumb why ${device} && plumb adopt ${device}` };
}

function adviseUnknown({ device, next }: NotKnownVerdict): Advice {
  // The reason may name its own command; a sentence ends before the colon that follows it.
  return next.includes('plumb ') ? { words: next } : { words: next.replace(/\.$/, ''), command: `plumb drift ${device}` };
}

/** Where to write what, for one difference: the way to keep what the device has. Undefined when Git need not change. */
export function adviseDifference(difference: Difference): string | undefined {
  if (difference.verdict === 'Pending') return undefined;
  const place = difference.source ? `${difference.source.file}:${difference.source.line}` : undefined;
  if (difference.live === undefined) return place ? `to keep the device as it is, take it out at ${place}` : undefined;
  return place
    ? `to keep the device as it is, let ${place} say what gives "${difference.live}"`
    : 'to keep it, declare it in Git; a raw section takes any line';
}

/** What an apply would do about one difference. */
export function describeApply({ verdict, desired, live, stays }: Difference): string {
  if (verdict === 'Diverged') return 'refused: Git and the device both moved';
  if (verdict === 'Unadopted') return 'refused: never seen equal to Git';
  if (stays) return 'leaves it, for others may use this section too; exactContainers of the DeviceProfile would have it removed';
  if (desired === undefined) return 'removes it';
  if (verdict === 'Drifted') return 'puts back what Git says';
  return live === undefined ? 'adds it' : 'changes it to what Git says';
}

/** Why a device is Unknown, without its name: that stands ahead of it. */
export function describeReason({ device, reason, message }: NotKnownVerdict): string {
  return `${reason}: ${message.startsWith(`${device}: `) ? message.slice(device.length + 2) : message}`;
}
