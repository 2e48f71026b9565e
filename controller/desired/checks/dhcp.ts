import type { PlumblineError } from '../../lib/index.ts';
import { checkAcross } from './dhcp-across.ts';
import { checkClasses } from './dhcp-classes.ts';
import { checkMovedIds } from './dhcp-moved-ids.ts';
import { checkOptions } from './dhcp-options.ts';
import { checkServers } from './dhcp-servers.ts';
import { checkSubnet } from './dhcp-subnets.ts';
import { viewDhcp } from './dhcp-view.ts';
import type { CheckInput } from './input.ts';

/** Subnets, their reservations and options, and the servers that have them. */
export function checkDhcp(input: CheckInput): PlumblineError[] {
  const view = viewDhcp(input);
  return [
    ...[...input.objects.DHCPSubnet.values()].flatMap(checkSubnet),
    ...checkServers(view, input),
    ...checkAcross(view, input),
    ...checkMovedIds(input),
    ...checkOptions(view, input),
    ...checkClasses(view, input),
  ];
}
