import type { ServerChannel } from 'ssh2';
import type { PlannedCommand, Receipt } from '../../controller/api/index.ts';
import type { Clock } from '../../controller/lib/index.ts';
import { qualifyLines } from '../../controller/drivers/frr/mask.ts';
import { bootIdOf } from './identity.ts';
import { configure, type Router, save } from './router.ts';

/**
 * The guard of one change as a model: the words and the states of `drivers/guard/guard.sh`, with a timer in place of its dead-man. Left out: full
 * disks, locks held by a frozen guard, kills in the middle of a command, a decision that is not saved yet, folders that somebody removed.
 * For those the real guard is the peer.
 */
export interface Change {
  token: string;
  epoch: number;
  holder: string;
  state: 'armed' | 'applied' | 'rejected' | 'persisted' | 'restored' | 'restore-failed';
  guardAlive: boolean;
  boots: number;
  endsMs: number;
  /** Ends the dead-man. */
  deadMan: AbortController;
  backup: string;
  /** What the first part of a change that comes in parts left. */
  left?: string;
  rollback: readonly PlannedCommand[];
  /** Lines that still differ from the backup after the rollback. */
  rest?: readonly string[];
  rejected?: { index: number; message: string };
}

/** What befell the change of one router, for a test to hold against what a controller says of it. */
export interface ChangeStep {
  router: string;
  token: string;
  epoch: number;
  step: 'refused' | 'armed' | Exclude<Change['state'], 'armed'>;
  /** The words of a refusal. */
  why?: string;
  /** On the clock of the fleet. */
  atMs: number;
}

export interface GuardCall {
  router: Router;
  command: string;
  channel: ServerChannel;
  clock: Clock;
  /** The last words and the exit code. */
  end: (rc: number, stdout: string) => void;
}

/** Answers one command of the apply account: the installation of the guard, or one of its verbs. */
export function answerGuard(call: GuardCall): void {
  const [, line] = /; exec sh \S+ ('.*)$/s.exec(call.command) ?? [];
  if (line === undefined) {
    const installs = /^f=.* echo @installed; /s.test(call.command);
    collect(call.channel, () => call.end(installs ? 0 : 127, installs ? '@installed\n' : ''));
    return;
  }
  const [verb = '', token = '', ...rest] = [...line.matchAll(/'((?:[^']|'\\'')*)'/g)].map(([, word = '']) =>
    word.replaceAll(String.raw`'\''`, "'"),
  );
  if (verb === 'arm') return arm(call, token, rest);
  collect(call.channel, (input) => {
    const { lines, rc = 0 } = answerVerb(call, verb, { token, words: rest, input });
    call.end(rc, lines.map((said) => `@${said}\n`).join(''));
  });
  return undefined;
}

interface Verb {
  token: string;
  words: readonly string[];
  input: string;
}

interface Said {
  /** Without the `@`; text of a block follows it as lines of its own. */
  lines: string[];
  rc?: number;
}

function answerVerb({ router, clock }: GuardCall, verb: string, asked: Verb): Said {
  const change = router.change?.token === asked.token ? router.change : undefined;
  const settleSeconds = Number(asked.words.at(-1));
  if (verb === 'status') {
    if (change && isSettling(router, change, settleSeconds, clock)) return refuse('Settling');
    // Armed, nothing sent, and nobody guards it any more: it is as if it had never been.
    if (change?.state === 'armed' && !change.guardAlive) finish(router, change, 'restored', clock);
    return { lines: printStatus(router, change, clock) };
  }
  if (!change && verb !== 'rollback') return refuse('NoSuchChange');
  const epoch = Number(asked.words[0]);
  if (epoch < router.epoch) {
    const why = `StaleEpoch ${router.epoch}`;
    note(router, { token: asked.token, epoch, step: 'refused', why }, clock);
    return refuse(why);
  }
  router.epoch = epoch;
  if (!change) return refuse('NoSuchChange');
  if (verb !== 'apply' && isSettling(router, change, settleSeconds, clock)) return refuse('Settling');
  switch (verb) {
    case 'apply':
      return applyCommands(router, change, asked.words[2] ?? 'all', asked.input, clock);
    case 'confirm':
      if (change.state === 'applied') confirm(router, change, asked.input, clock);
      return { lines: [`state ${change.state}`] };
    case 'rollback':
      restore(router, change, clock);
      return { lines: [`state ${change.state}`, ...(change.boots === router.boots ? [] : ['rebooted']), ...restOf(change)] };
    default:
      return refuse('BadVerb');
  }
}

/** Lock, epoch, backup out; then the driver's word, the rollback in, and the dead-man starts. */
function arm(
  { router, channel, clock, end }: GuardCall,
  token: string,
  [epochWord = '0', seconds = '0', holder = '']: readonly string[],
): void {
  const epoch = Number(epochWord);
  const { change } = router;
  const known = change ? `${change.token} ${change.state} ${change.holder}` : '';
  const refuseArm = (why: string): void => {
    note(router, { token, epoch, step: 'refused', why }, clock);
    end(75, `@refused ${why}\n`);
  };
  if (router.hold !== undefined) return refuseArm(`Held ${router.hold}`);
  if (change?.guardAlive || router.isArming) return refuseArm(`Locked ${known}`);
  if (epoch < router.epoch) return refuseArm(`StaleEpoch ${router.epoch}`);
  router.epoch = epoch;
  if (change && !isFinished(change)) return refuseArm(`Unfinished ${known}`);
  if (change?.token === token) return refuseArm('TokenUsed');
  router.isArming = true;
  channel.once('close', () => delete router.isArming);
  const saved = qualifyLines(router.running).join() === qualifyLines(router.startup).join() ? '@saved\n' : block('startup', router.startup);
  channel.write(`@ready ${bootIdOf(router.name, router.boots)}\n${block('backup', `${router.running}end\n`)}${saved}@your turn\n`);
  collect(channel, (input) => {
    delete router.isArming;
    if (!input.startsWith('go ')) return refuseArm('Abandoned');
    const endsMs = clock.monotonicMs() + Number(seconds) * 1000;
    const armed: Change = {
      token,
      epoch,
      holder,
      state: 'armed',
      guardAlive: true,
      boots: router.boots,
      endsMs,
      backup: router.running,
      rollback: readBatches(input.slice(input.indexOf('\n') + 1)).map(({ command }) => command),
      deadMan: new AbortController(),
    };
    clock.sleep(Number(seconds) * 1000, armed.deadMan.signal).then(
      () => restore(router, armed, clock),
      () => undefined,
    );
    router.change = armed;
    note(router, { token, epoch, step: 'armed' }, clock);
    return end(0, '@armed\n');
  });
  return undefined;
}

function applyCommands(router: Router, change: Change, stage: string, input: string, clock: Clock): Said {
  const isLater = stage === 'next' || stage === 'finish';
  if (change.state !== (isLater ? 'applied' : 'armed')) return refuse(`NotArmed ${change.state}`);
  if (router.hold !== undefined && stage !== 'finish') return refuse(`Held ${router.hold}`);
  if (!change.guardAlive) return refuse('GuardDied');
  if (stage !== 'finish' && router.running !== (isLater ? change.left : change.backup)) return refuse('ConcurrentChange');
  for (const { index, command, isSecret } of readBatches(input)) {
    const why = whyRefused(router, command);
    if (why !== undefined) {
      // Of what is said of a line with a secret, the guard lets no more out.
      const message = isSecret ? why.replace(/[:[].*/, '') : why;
      change.state = 'rejected';
      note(router, { ...change, step: 'rejected' }, clock);
      change.rejected = { index, message };
      return { lines: [`rejected ${index}`, ...wordsOf(change)] };
    }
    configure(router, [command]);
  }
  change.state = 'applied';
  if (stage === 'begin') change.left = router.running;
  note(router, { ...change, step: 'applied' }, clock);
  return { lines: ['applied'] };
}

function confirm(router: Router, change: Change, receipt: string, clock: Clock): void {
  finish(router, change, 'persisted', clock);
  router.receipt = JSON.parse(receipt) as Receipt;
  save(router);
}

/** What the dead-man does: replays the rollback, skips what is refused, and compares with the backup. */
function restore(router: Router, change: Change, clock: Clock): void {
  if (change.state === 'persisted' || change.state === 'restored') return;
  if (change.state !== 'armed') {
    for (const command of change.rollback) if (whyRefused(router, command) === undefined) configure(router, [command]);
  }
  change.rest = compareWithBackup(router, change);
  finish(router, change, change.rest.length === 0 ? 'restored' : 'restore-failed', clock);
}

function compareWithBackup({ running }: Router, { backup }: Change): string[] {
  const [want, have] = [qualifyLines(backup), qualifyLines(running)];
  return [
    ...want.filter((line) => !have.includes(line)).map((line) => `-${line}`),
    ...have.filter((line) => !want.includes(line)).map((line) => `+${line}`),
  ];
}

/** After a reboot what came up tells what became of a change. True while daemons are young and it does not look like the old one yet. */
function isSettling(router: Router, change: Change, settleSeconds: number, clock: Clock): boolean {
  if (change.boots === router.boots || isFinished(change)) return false;
  const rest = compareWithBackup(router, change);
  if (rest.length > 0 && clock.monotonicMs() - router.bootedMs < settleSeconds * 1000) return true;
  change.rest = rest;
  finish(router, change, rest.length === 0 ? 'restored' : 'restore-failed', clock);
  return false;
}

function isFinished({ state }: Change): boolean {
  return state === 'persisted' || state === 'restored' || state === 'restore-failed';
}

function finish(router: Router, change: Change, state: 'persisted' | 'restored' | 'restore-failed', clock: Clock): void {
  change.deadMan.abort();
  change.guardAlive = false;
  change.state = state;
  note(router, { ...change, step: state }, clock);
}

function note(router: Router, { token, epoch, step, why }: Omit<ChangeStep, 'router' | 'atMs'>, clock: Clock): void {
  router.steps.push({ router: router.name, token, epoch, step, ...(why !== undefined && { why }), atMs: clock.monotonicMs() });
}

function printStatus({ epoch, boots }: Router, change: Change | undefined, clock: Clock): string[] {
  if (!change) return [`epoch ${epoch}`, 'state none'];
  const alive = change.guardAlive ? ['guard-alive', `remaining ${Math.round((change.endsMs - clock.monotonicMs()) / 10)}`] : [];
  const rebooted = change.guardAlive || change.boots === boots ? [] : ['rebooted'];
  const rejected = change.state === 'rejected' ? [`rejected ${change.rejected?.index ?? 0}`, ...wordsOf(change)] : [];
  const rest = change.state === 'restore-failed' ? [`rest ${change.rest?.length ?? 0}`] : [];
  return [`epoch ${epoch}`, `holder ${change.holder}`, ...alive, ...rebooted, `state ${change.state}`, ...rejected, ...rest];
}

function restOf({ state, rest = [] }: Change): string[] {
  return state === 'restore-failed' ? [`begin rest\n${rest.join('\n')}\n`, 'end rest'] : [];
}

function wordsOf({ rejected }: Change): string[] {
  return [`begin words\n% ${rejected?.message ?? ''}`, 'end words'];
}

/** What FRR refuses that the engine's model cannot say why it refused, and what a test wants to be refused. */
function whyRefused({ running, fault }: Router, { text }: PlannedCommand): string | undefined {
  if (fault?.kind === 'rejects' && text.includes(fault.words)) return fault.message;
  const [, address, word] = /^neighbor (\S+) (\S+)/.exec(text) ?? [];
  if (address === undefined || word === 'remote-as' || word === 'peer-group' || word === 'interface') return undefined;
  return running.includes(`\n neighbor ${address} `) ? undefined : 'Specify remote-as or peer-group commands first';
}

/** `B kind first`, `P section`, `C command`, `X`: see `controller/drivers/frr/batches.ts`. */
function readBatches(text: string): { index: number; isSecret: boolean; command: PlannedCommand }[] {
  let [index, isSecret, path] = [0, false, [] as string[]];
  return text.split('\n').flatMap((line) => {
    const rest = line.slice(2);
    if (line.startsWith('B ')) [index, isSecret, path] = [Number(rest.split(' ')[1]), rest.startsWith('secret'), []];
    else if (line.startsWith('P ')) path.push(rest);
    else if (line.startsWith('C ')) return [{ index: index++, isSecret, command: { path, text: rest } }];
    return [];
  });
}

function refuse(words: string): Said {
  return { lines: [`refused ${words}`], rc: 75 };
}

function block(name: string, text: string): string {
  return `@begin ${name}\n${text}\n@end ${name}\n`;
}

function collect(channel: ServerChannel, done: (input: string) => void): void {
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  channel.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
}
