/**
 * Asks once from inside a namespace: node exchange-child.ts SERVICE FROM TO…, all at once. Prints why nobody was offered an address, or nothing, and ends by itself:
 * nothing may go on once the answer is there.
 */
import { findUnanswered } from '../../../controller/drivers/kea/exchange.ts';
import { systemClock } from '../../../controller/lib/index.ts';

const [word = '', from = '', ...servers] = process.argv.slice(2);
const service = word === 'dhcp6' ? 'dhcp6' : 'dhcp4';
const whys = await Promise.all(servers.map((to) => findUnanswered({ service, from, to }, systemClock, AbortSignal.timeout(10_000))));
process.stdout.write(whys.flatMap((why) => why ?? []).join('\n'));
