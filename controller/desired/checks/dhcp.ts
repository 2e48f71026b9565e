import { checkAcross } from './dhcp-across.ts';
import { checkClasses } from './dhcp-classes.ts';
import { checkMovedIds } from './dhcp-moved-ids.ts';
import { checkOptions } from './dhcp-options.ts';
import { checkServers } from './dhcp-servers.ts';
import { checkSubnet } from './dhcp-subnets.ts';
import { viewDhcp } from './dhcp-view.ts';
import { ofLoad, type Rule, within } from './rule.ts';

/** Subnets with each other and with the servers that have them, options and classes. */
const checkTogether = ofLoad((input) => {
  const view = viewDhcp(input);
  return [
    ...checkServers(view, input),
    ...checkAcross(view, input),
    ...checkMovedIds(input),
    ...checkOptions(view, input),
    ...checkClasses(view, input),
  ];
});

/** Subnets, their reservations and options, and the servers that have them. */
export const checkDhcp: readonly Rule[] = [within('DHCPSubnet', checkSubnet), checkTogether];
