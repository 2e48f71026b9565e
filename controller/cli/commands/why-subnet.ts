import {
  type CheckedState,
  type DesiredObject,
  type DHCPSubnetSpec,
  type DHCPSubnetStatus,
  type DeviceVerdict,
  findCondition,
} from '../../api/index.ts';
import { printable, type Style } from '../../report/index.ts';
import type { StoredObject } from '../../store/index.ts';

export type SubnetObject = StoredObject<DHCPSubnetSpec, DHCPSubnetStatus>;

/** The subnet of this name; a Device of the same name is what is meant otherwise. */
export function subnetNamed({ objects }: CheckedState, name: string): DesiredObject<'DHCPSubnet'> | undefined {
  return objects.Device.has(name) ? undefined : objects.DHCPSubnet.get(name);
}

type Judged = Extract<DeviceVerdict, { differences: unknown }>;

/** From the most telling on. */
const order: readonly Judged['verdict'][] = ['Diverged', 'Drifted', 'Unadopted', 'Pending'];

/** What of a verdict on a server is about one of its subnets. */
export function ofSubnet(judged: DeviceVerdict, { spec: { family, id } }: Pick<DesiredObject<'DHCPSubnet'>, 'spec'>): DeviceVerdict {
  if (judged.verdict === 'Unknown') return judged;
  const isInside = ({ path }: { path: readonly string[] }) =>
    path[0] === (family === 'IPv4' ? 'Dhcp4' : 'Dhcp6') && path.some((line) => line === `subnet ${id}`);
  const { news: allNews, closing: allClosing, ...rest } = judged;
  const differences = judged.differences.filter(isInside);
  const news = allNews?.filter(isInside) ?? [];
  const isIPv6 = (says: string) => says.split(' ')[0]?.includes(':') === true;
  const closing = allClosing?.filter((says) => says.includes(` of subnet ${id} `) && isIPv6(says) === (family === 'IPv6')) ?? [];
  const verdict = order.find((each) => differences.some((difference) => difference.verdict === each)) ?? 'InSync';
  return { ...rest, verdict, differences, ...(news.length > 0 && { news }), ...(closing.length > 0 && { closing }) };
}

/** A subnet as an operator published it. */
export function printSubnet({ name, spec, status }: SubnetObject, style: Style): string {
  const ready = findCondition(status?.conditions, 'Ready');
  const paint = ready?.status === 'True' ? style.good : style.bad;
  const others = (status?.conditions ?? []).filter(({ type, status: holds }) => type !== 'Ready' && holds === 'True');
  const used = (step: number | undefined) => (step === undefined ? undefined : `${step} % or more`);
  const rows: [string, string | undefined][] = [
    ['subnet', `${spec.prefix}, id ${spec.id}`],
    ['served by', status?.servers.map(({ device, verdict }) => `${device} (${verdict})`).join(', ') || spec.servedBy.join(', ')],
    ['leased', used(status?.addressesUsed)],
    ['delegated', used(status?.prefixesUsed)],
    ['reserved', status && String(status.reservations)],
  ];
  return [
    `${style.strong(name)}  ${paint(ready?.reason ?? 'Unknown')}  ${style.faint(`since ${ready?.lastTransitionTime ?? 'never looked at'}`)}\n`,
    `  ${printable(ready?.message ?? 'It was not looked at yet')}\n`,
    ...others.map(({ message }) => `  ${style.bad(printable(message))}\n`),
    ...rows.flatMap(([title, value]) => (value === undefined ? [] : [`  ${title.padEnd(11)}${printable(value)}\n`])),
  ].join('');
}

/** One that on-call has to know of: it is not as Git says, or new clients get nothing, or will soon. */
export function isInTrouble({ status }: SubnetObject): boolean {
  const isReady = findCondition(status?.conditions, 'Ready')?.status === 'True';
  return !isReady || Math.max(status?.addressesUsed ?? 0, status?.prefixesUsed ?? 0) >= nearlyFull;
}

const nearlyFull = 90;
