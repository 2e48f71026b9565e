/**
 * Asks once from inside a namespace: node exchange-child.ts SERVICE FROM TO. Prints why nobody was offered an address, or nothing, and ends by itself:
 * nothing may go on once the answer is there.
 */
import { findUnanswered } from '../../../controller/drivers/kea/exchange.ts';
import { systemClock } from '../../../controller/lib/index.ts';

const [service = '', from = '', to = ''] = process.argv.slice(2);
const why = await findUnanswered({ service: service === 'dhcp6' ? 'dhcp6' : 'dhcp4', from, to }, systemClock, AbortSignal.timeout(10_000));
process.stdout.write(why ?? '');
