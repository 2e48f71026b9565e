import { addressText, parseAddress, PlumblineError } from '../../lib/index.ts';
import type { KeaTarget } from '../contract.ts';
import type { LeaseAnswer, LeaseFact, LeaseQuestion } from '../questions.ts';
import { isMap, type Json, type JsonMap, sayWord } from './answers.ts';
import { ask } from './ask.ts';
import type { KeaDeps } from './deps.ts';

const pageSize = 1_000;
const factsKept = 100;
/** Seconds from 1970 on the clock of whoever asks: a lease that ended a moment ago counts as live, rather than the other way round. */
const skewSeconds = 60;

/** Answers each question on its own: what cannot be known of one says nothing of the others. */
export async function leases(
  deps: KeaDeps,
  target: KeaTarget,
  questions: readonly LeaseQuestion[],
  signal: AbortSignal,
): Promise<readonly LeaseAnswer[]> {
  const answers: LeaseAnswer[] = [];
  for (const question of questions) {
    try {
      answers.push(await answerOne(deps, target, question, signal));
    } catch (error) {
      if (!(error instanceof PlumblineError)) throw error;
      answers.push({ known: false, why: error.message });
    }
  }
  return answers;
}

async function answerOne(deps: KeaDeps, target: KeaTarget, question: LeaseQuestion, signal: AbortSignal): Promise<LeaseAnswer> {
  const { service } = question;
  const family = service.slice(-1);
  const tally = createTally(deps, question);
  if ('address' in question) {
    const type = service === 'dhcp6' && { type: question.of === 'prefix' ? 'IA_PD' : 'IA_NA' };
    const args = { 'ip-address': question.address.split('/')[0] ?? '', ...type };
    const {
      result,
      text,
      arguments: lease,
    } = await ask(deps, target, service, `lease${family}-get`, { account: 'observe', arguments: args }, signal);
    if (result !== 0 && result !== 3) return { known: false, why: explain(result, text) };
    if (result === 0) tally.add(lease);
    return tally.answer();
  }
  // A database of leases before Kea 2.4 sorts the addresses of IPv6 as texts (`::1000` before `::9`): a range has no beginning there, and no end.
  const isSorted = service === 'dhcp4';
  let from = 'first' in question && isSorted ? before(question.first) : 'start';
  for (;;) {
    const args = { from, limit: pageSize };
    const {
      result,
      text,
      arguments: page,
    } = await ask(deps, target, service, `lease${family}-get-page`, { account: 'observe', arguments: args }, signal);
    if (result === 3) return tally.answer();
    if (result !== 0 || !Array.isArray(page['leases'])) return { known: false, why: explain(result, text) };
    const rows = page['leases'] as readonly Json[];
    const behind = rows.filter(isMap).filter((lease) => !tally.add(lease));
    const isPast = isSorted && behind.length > 0;
    if (isPast || rows.length < pageSize) return tally.answer();
    const end = rows.at(-1);
    const last = isMap(end) ? end['ip-address'] : undefined;
    if (typeof last !== 'string' || last === from) return { known: false, why: `its leases behind ${from} cannot be read` };
    from = last;
  }
}

function explain(result: number, text: string): string {
  return result === 2 ? 'the server does not tell its leases: the hook lease_cmds is not loaded' : text || `result ${result}`;
}

/** Pages begin after an address of IPv4. */
function before(first: string): string {
  const value = valueOf(first);
  return value === undefined || value <= 0n ? 'start' : addressText(4, value - 1n);
}

function createTally(deps: KeaDeps, question: LeaseQuestion): { add(lease: JsonMap): boolean; answer(): LeaseAnswer } {
  const nowSeconds = deps.clock.now().getTime() / 1000;
  const facts: LeaseFact[] = [];
  let live = 0;
  let untilSeconds = 0;
  let unclear: string | undefined;
  const [first, last] = 'first' in question ? [valueOf(question.first), valueOf(question.last)] : [];
  return {
    /** False: this one lies behind the range, and where they come sorted so do all that follow. */
    add: (lease) => {
      const address = sayWord(lease['ip-address']);
      const value = valueOf(address);
      if (last !== undefined && value !== undefined && value > last) return false;
      const isMine = isAsked(question, lease) && (first === undefined || (value !== undefined && value >= first));
      // State 0 is bound; 1 was declined, 2 is over and kept for later.
      const endsAt = endOf(lease);
      if (!isMine || (lease['state'] ?? 0) !== 0 || endsAt + skewSeconds < nowSeconds) return true;
      if (!Number.isFinite(endsAt)) unclear ??= address;
      if (unclear !== undefined) return true;
      live++;
      untilSeconds = Math.max(untilSeconds, endsAt);
      if (facts.length < factsKept) facts.push(toFact(lease));
      return true;
    },
    answer: () => {
      if (unclear !== undefined) return { known: false, why: `it does not say until when ${unclear} is leased` };
      return { known: true, live, leases: facts, ...(live > 0 && { until: sayTime(untilSeconds) }) };
    },
  };
}

function isAsked(question: LeaseQuestion, lease: JsonMap): boolean {
  if ('subnet' in question && lease['subnet-id'] !== question.subnet) return false;
  return question.service === 'dhcp4' || (lease['type'] === 'IA_PD') === (question.of === 'prefix');
}

function toFact(lease: JsonMap): LeaseFact {
  const word = (key: string, name: string) => {
    const found = lease[key];
    return typeof found === 'string' && found !== '' ? { [name]: found.replace(/\p{Cc}+/gu, ' ').slice(0, 300) } : {};
  };
  const length = lease['type'] === 'IA_PD' ? `/${sayWord(lease['prefix-len'])}` : '';
  return {
    address: `${sayWord(lease['ip-address'])}${length}`,
    subnet: Number(lease['subnet-id']),
    ...word('hw-address', 'hwAddress'),
    ...word('client-id', 'clientId'),
    ...word('duid', 'duid'),
    ...word('hostname', 'hostname'),
    until: sayTime(endOf(lease)),
  };
}

/** Seconds from 1970. */
function endOf(lease: JsonMap): number {
  return Number(lease['cltt']) + Number(lease['valid-lft']);
}

function sayTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function valueOf(address: string): bigint | undefined {
  return parseAddress(address.split('/')[0] ?? '')?.value;
}
