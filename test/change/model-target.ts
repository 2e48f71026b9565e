import type { PlannedCommand, Read, Receipt } from '../../controller/api/index.ts';
import type { ArmRequest, ChangeStatus, Check, CheckAnswer, Driver, ProbeResult } from '../../controller/drivers/index.ts';
import { driverErrors } from '../../controller/drivers/index.ts';
import { sha256 } from '../../controller/lib/index.ts';

/** What befalls one request: it is carried out and answered; it never arrives; it is carried out and the answer is lost; the device refuses half-way. */
export type Fate = 'answered' | 'notReached' | 'replyLost' | 'refusedHalfway';

interface ChangeOnTarget {
  state: ChangeStatus['state'];
  backup: string;
  left?: string;
  rollback: readonly PlannedCommand[];
  restoresAtMs: number;
  guardAlive: boolean;
  rebooted: boolean;
  persisted: boolean;
}

/**
 * A router as the driver contract describes it, with a dead-man, an epoch guard and a lock, in memory and on a clock that the test
 * moves. It holds neighbors' descriptions, so that its configuration is text that the real engine parses. It writes down what it was
 * asked, in order, for the promises that are about order.
 */
export class ModelTarget {
  readonly device: string;
  readonly log: string[] = [];
  /** What the last confirm brought. */
  receipt: Receipt | undefined;
  readonly #now: () => number;
  /** Lines that are nobody's in Git; they are not saved and not part of a rollback. */
  others = 'log syslog\n';
  /** How it answers what policy asks of it. */
  answers: (check: Check) => CheckAnswer = () => ({ holds: true });
  #running: Map<string, string>;
  #startup: Map<string, string>;
  /** Traffic is asked to stay away. */
  #isDrained = false;
  /** How many prefixes each of its sessions still uses when it is asked. */
  inUse: () => number = () => 0;
  /** It does not let itself be led back. */
  keepsDrain = false;
  #changes = new Map<string, ChangeOnTarget>();
  #boots = 1;
  #epoch = 0;

  constructor(device: string, now: () => number) {
    this.device = device;
    this.#now = now;
    this.#running = new Map([
      ['192.0.2.1', 'old'],
      ['192.0.2.2', 'old'],
    ]);
    this.#startup = new Map(this.#running);
  }

  /** The running configuration as text. */
  get config(): string {
    const text = textOf(this.#running);
    return `${this.#isDrained ? text.replace('\n', '\n bgp graceful-shutdown\n') : text}${this.others}`;
  }

  get values(): readonly string[] {
    this.#tick();
    return [...this.#running.values()];
  }

  get isDrained(): boolean {
    this.#tick();
    return this.#isDrained;
  }

  get saved(): boolean {
    return !this.#isDrained && textOf(this.#running) === textOf(this.#startup);
  }

  get unfinished(): boolean {
    this.#tick();
    return [...this.#changes.values()].some(isUnfinished);
  }

  /** Changes that are neither confirmed nor undone, each by its token, and whether a timer undoes it. */
  get underWay(): readonly { token: string; isSent: boolean; isGuarded: boolean }[] {
    this.#tick();
    return [...this.#changes]
      .filter(([, change]) => isUnfinished(change))
      .map(([token, { state, guardAlive }]) => ({ token, isSent: state !== 'armed', isGuarded: guardAlive }));
  }

  statesOf(): readonly string[] {
    this.#tick();
    return [...this.#changes.values()].map(({ state }) => state);
  }

  /** A person changes the device by hand. */
  edit(neighbor: string, value: string): void {
    this.#tick();
    this.#running.set(neighbor, value);
  }

  /** Power comes back: the startup config runs, and nobody guards what was under way. */
  reboot(): void {
    this.#tick();
    this.#running = new Map(this.#startup);
    this.#isDrained = false;
    this.#boots++;
    for (const change of this.#changes.values()) {
      if (!isUnfinished(change)) continue;
      Object.assign(change, { guardAlive: false, rebooted: true, state: this.config === change.backup ? 'restored' : 'restore-failed' });
    }
  }

  killGuard(): void {
    this.#tick();
    for (const change of this.#changes.values()) change.guardAlive = false;
  }

  /** What any question about a change does first: armed, nothing sent, and nobody guards it is as if it had never been. */
  settleArmed(): void {
    for (const change of this.#changes.values()) if (change.state === 'armed' && !change.guardAlive) change.state = 'restored';
  }

  /** The dead-man dies with half of the way back replayed. */
  killGuardHalfway(): void {
    this.#tick();
    for (const change of this.#changes.values()) {
      if (!['applying', 'applied', 'rejected'].includes(change.state)) continue;
      this.#send(change.rollback.slice(0, 1));
      Object.assign(change, { guardAlive: false, state: 'restoring' });
    }
  }

  /** What its driver says of it: the model itself always has one. */
  hasDeadMan = true;

  /** The state folder is gone: the target knows of no change and guards nothing. */
  forget(): void {
    this.#changes.clear();
  }

  /** Another controller took over and wrote with this epoch. */
  seeEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  /** The driver's side of this router. `fateOf` is asked once per request, before it is carried out. */
  driver(fateOf: (request: string) => Promise<Fate>): Driver {
    const unreachable = () => driverErrors.Unreachable({ device: this.device, address: '192.0.2.10', why: 'timeout' });
    const lost = (during: string) => ({
      outcome: 'Lost' as const,
      error: driverErrors.ConnectionLost({ device: this.device, during, why: 'reset' }),
    });
    const ask = async <Answer>(
      request: string,
      carryOut: (fate: Fate) => Answer,
    ): Promise<Answer | { outcome: 'Refused'; error: ReturnType<typeof unreachable> } | ReturnType<typeof lost>> => {
      const fate = await fateOf(request);
      this.#tick();
      if (fate === 'notReached') return { outcome: 'Refused', error: unreachable() };
      this.log.push(request);
      const answer = carryOut(fate);
      return fate === 'replyLost' ? lost(request) : answer;
    };
    return {
      platform: 'frr',
      capabilities: {
        read: 'full',
        validate: 'none',
        atomic: false,
        confirm: this.hasDeadMan ? 'deadman' : 'none',
        persist: 'explicit',
        fence: 'target',
        receipt: 'target',
        confirmUnitMs: 1000,
      },
      observe: async () => {
        const fate = await fateOf('observe');
        this.#tick();
        if (fate === 'answered') return this.read();
        return { state: 'Unknown', device: this.device, at: '', reason: 'Unreachable', message: 'timeout', next: '' };
      },
      arm: (_target, request) => ask('arm', () => this.#arm(request)),
      apply: (_target, { token, commands, epoch, stage }) =>
        ask(stage === 'begin' ? 'drain' : stage === 'finish' ? 'undrain' : 'apply', (fate) => {
          const change = this.#changes.get(token);
          const isLater = stage === 'next' || stage === 'finish';
          const isMoved = stage === 'next' && this.config !== change?.left;
          if (epoch < this.#epoch || change?.state !== (isLater ? 'applied' : 'armed') || !change.guardAlive || isMoved) {
            this.log.pop();
            return {
              outcome: 'Refused' as const,
              error: driverErrors.WrongState({ device: this.device, token, state: change?.state ?? 'none' }),
            };
          }
          const upTo = fate === 'refusedHalfway' ? 1 : commands.length;
          this.#send(commands.slice(0, upTo));
          change.state = fate === 'refusedHalfway' ? 'rejected' : 'applied';
          if (stage === 'begin') change.left = this.config;
          if (fate !== 'refusedHalfway') return { outcome: 'Applied' as const };
          const error = driverErrors.Rejected({ device: this.device, line: 'x', message: '% Unknown command' });
          return { outcome: 'Rejected' as const, index: 1, line: 'x', message: '% Unknown command', error };
        }),
      status: (_target, token) =>
        ask('status', () => {
          this.settleArmed();
          return this.#status(token);
        }),
      confirm: (_target, { token, epoch, receipt }) =>
        ask('confirm', () => {
          this.receipt = receipt;
          const change = this.#changes.get(token);
          if (!change) return this.#refuseUnknown(token);
          if (epoch < this.#epoch) return { outcome: 'Refused' as const, error: this.#stale(epoch) };
          this.#epoch = epoch;
          if (change.state === 'applied') {
            change.state = 'confirmed';
            change.persisted = true;
            this.#startup = new Map(this.#running);
          }
          return change.state === 'confirmed'
            ? { outcome: 'Confirmed' as const, persisted: change.persisted }
            : { outcome: 'TooLate' as const, status: this.#status(token) };
        }),
      rollback: (_target, { token, epoch }) =>
        ask('rollback', () => {
          const change = this.#changes.get(token);
          if (epoch < this.#epoch) return { outcome: 'Refused' as const, error: this.#stale(epoch) };
          this.#epoch = epoch;
          if (!change) return this.#refuseUnknown(token);
          if (isUnfinished(change)) this.#restore(change);
          if (change.state === 'restored') return { outcome: 'RolledBack' as const, rebooted: change.rebooted };
          if (change.state === 'restore-failed') {
            const error = driverErrors.RollbackIncomplete({ device: this.device, lines: 1 });
            return {
              outcome: 'RollbackIncomplete' as const,
              rest: [this.#isDrained ? '+router bgp 64496 > bgp graceful-shutdown' : '+ left over'],
              error,
            };
          }
          return { outcome: 'TooLate' as const, status: this.#status(token) };
        }),
      probe: async (_target, _signal, checks = []): Promise<ProbeResult> => {
        const fate = await fateOf('probe');
        this.#tick();
        if (fate === 'notReached' || fate === 'replyLost') return { outcome: 'NotReached', error: unreachable() };
        this.log.push('probe');
        const state = fate === 'refusedHalfway' ? 'Active' : 'Established';
        return {
          outcome: 'Probed',
          at: '',
          tookMs: 1,
          bootId: String(this.#boots),
          neighbors: [this.#neighbor(state)],
          checks: checks.map((check) => this.answers(check)),
        };
      },
      countInUse: async (_target, sessions) => {
        if ((await fateOf('count')) === 'notReached') return { outcome: 'NotReached', error: unreachable() };
        this.#tick();
        return { outcome: 'Counted', counts: sessions.map(() => this.inUse()) };
      },
      close: async () => {},
    };
  }

  read(): Read {
    return {
      state: 'Read',
      device: this.device,
      at: '2026-11-20T12:00:00.000Z',
      config: this.config,
      fingerprint: sha256(this.config),
      version: '8.4.4',
      identity: { hostname: this.device, bootId: String(this.#boots) },
      daemons: [],
      neighbors: [this.#neighbor('Established')],
      epoch: this.#epoch,
      startupDiffers: !this.saved,
    };
  }

  #arm({ token, epoch, deadlineMs, isAsPlanned, rollback }: ArmRequest) {
    const refuse = (error: ReturnType<typeof driverErrors.Locked>) => {
      this.log.pop();
      return { outcome: 'Refused' as const, error };
    };
    if (epoch < this.#epoch) return refuse(this.#stale(epoch));
    if (this.unfinished) return refuse(driverErrors.Locked({ device: this.device, holder: 'somebody' }));
    if (!isAsPlanned(this.config)) return refuse(driverErrors.ConcurrentChange({ device: this.device, when: 'before arming' }));
    this.#epoch = epoch;
    const restoresAtMs = this.#now() + deadlineMs;
    this.#changes.set(token, {
      state: 'armed',
      backup: this.config,
      rollback,
      restoresAtMs,
      guardAlive: true,
      rebooted: false,
      persisted: false,
    });
    return { outcome: 'Armed' as const, revealHeld: () => undefined };
  }

  /** What the dead-man does by itself as time passes. */
  #tick(): void {
    for (const change of this.#changes.values()) {
      if (isUnfinished(change) && change.guardAlive && this.#now() >= change.restoresAtMs) this.#restore(change);
    }
  }

  #restore(change: ChangeOnTarget): void {
    if (change.state !== 'armed') this.#send(change.rollback);
    change.state = this.config === change.backup ? 'restored' : 'restore-failed';
  }

  #send(commands: readonly PlannedCommand[]): void {
    for (const { text } of commands) {
      if (text.endsWith('bgp graceful-shutdown')) this.#isDrained = this.keepsDrain || !text.startsWith('no ');
      const [, neighbor = '', value = ''] = /^neighbor (\S+) description (.*)$/.exec(text) ?? [];
      if (neighbor !== '') this.#running.set(neighbor, value);
    }
  }

  #status(token: string): ChangeStatus {
    const change = this.#changes.get(token);
    const { state = 'none', guardAlive = false, rebooted = false, persisted = false } = change ?? {};
    return { outcome: 'Status', state, guardAlive, rebooted, persisted, epoch: this.#epoch };
  }

  #refuseUnknown(token: string) {
    return { outcome: 'Refused' as const, error: driverErrors.WrongState({ device: this.device, token, state: 'unknown to the device' }) };
  }

  #stale(epoch: number) {
    return driverErrors.StaleEpoch({ device: this.device, epoch, seen: String(this.#epoch) });
  }

  #neighbor(state: string) {
    return {
      address: '192.0.2.1',
      vrf: 'default',
      family: 'ipv4-unicast',
      remoteAs: 64497,
      state,
      upSeconds: 9,
      accepted: 3,
      advertised: 3,
    };
  }
}

function isUnfinished({ state }: ChangeOnTarget): boolean {
  return ['armed', 'applying', 'applied', 'rejected', 'restoring'].includes(state);
}

function textOf(values: ReadonlyMap<string, string>): string {
  const neighbors = [...values].flatMap(([address, value]) => [
    ` neighbor ${address} remote-as 64497`,
    ` neighbor ${address} description ${value}`,
  ]);
  return ['router bgp 64496', ...neighbors, 'exit', ''].join('\n');
}
