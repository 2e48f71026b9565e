import { z } from 'zod';
import { LeaseSeconds } from './dhcp-scalars.ts';

const seconds = (text: string) => LeaseSeconds.optional().describe(text);

/** How long leases last. What is not written is inherited: from the server, at last from Kea's defaults. */
export const DhcpLifetimes = z.strictObject({
  validSeconds: seconds('Seconds that a lease is good for. Kea: 7200 when nobody says otherwise.'),
  minValidSeconds: seconds('Shortest time that a client may ask for. Default: validSeconds.'),
  maxValidSeconds: seconds('Longest time that a client may ask for. Default: validSeconds.'),
  preferredSeconds: seconds('IPv6: seconds that an address is preferred. Kea: 3600 when nobody says otherwise.'),
  minPreferredSeconds: seconds('IPv6: shortest preferred time that a client may ask for. Default: preferredSeconds.'),
  maxPreferredSeconds: seconds('IPv6: longest preferred time that a client may ask for. Default: preferredSeconds.'),
  renewSeconds: seconds('Seconds after which a client asks its own server again (T1). Default: the client decides, or Kea calculates.'),
  rebindSeconds: seconds('Seconds after which a client asks any server (T2). Default: the client decides, or Kea calculates.'),
});
export type DhcpLifetimes = z.infer<typeof DhcpLifetimes>;
