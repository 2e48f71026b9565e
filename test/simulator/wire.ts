import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel } from 'ssh2';
import type { Clock } from '../../controller/lib/index.ts';
import { answerObserver } from './answers.ts';
import { isDown } from './faults.ts';
import { answerGuard } from './guard.ts';
import type { Router } from './router.ts';

export interface Counts {
  connections: number;
  logins: number;
  /** Running configs that were handed out. */
  reads: number;
  commands: number;
}

export interface WireKeys {
  host: string;
  /** Shown by a router with the fault `other-host-key` or `other-machine`. */
  otherHost: string;
  /** Public keys by account. */
  accounts: Readonly<Record<string, ParsedKey>>;
}

/** SSH for every router at once: one listening socket, the router is told by the address that was called. */
export function createWire(
  routerAt: (address: string) => Router | undefined,
  keys: WireKeys,
  clock: Clock,
): { server: Server; counts: Counts; cut: () => void } {
  const sockets = new Set<Socket>();
  const counts: Counts = { connections: 0, logins: 0, reads: 0, commands: 0 };
  const server = createServer((socket) => {
    socket.setNoDelay(true); // as sshd does: small answers wait for nobody
    counts.connections++;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const router = routerAt(socket.localAddress ?? '');
    if (!router || isDown(router.fault, clock.monotonicMs())) return socket.destroy();
    if (router.fault?.kind === 'silent') return socket.resume();
    serve(socket, router, keys, counts, clock);
    return undefined;
  });
  return { server, counts, cut: () => sockets.forEach((socket) => socket.destroy()) };
}

/** ssh2 does not tell a connection which address it was made to, so each gets a server of its own; that costs less than its handshake. */
function serve(socket: Socket, router: Router, keys: WireKeys, counts: Counts, clock: Clock): void {
  const isOther = router.fault?.kind === 'other-host-key' || router.fault?.kind === 'other-machine';
  const hostKeys = [isOther ? keys.otherHost : keys.host];
  const server = new ssh2.Server({ hostKeys, ident: 'simulated' }, (connection: Connection) => {
    let account = '';
    connection
      .on('error', () => undefined)
      .on('authentication', (context) => {
        if (router.fault?.kind === 'refuses-login' || !mayEnter(context, keys)) return context.reject(['publickey']);
        account = context.username;
        return context.accept();
      })
      .on('ready', () => {
        counts.logins++;
      })
      .on('session', (accept) => {
        accept().on('exec', (take, _reject, { command }) => {
          counts.commands++;
          run({ router, account, command, channel: take(), socket, counts, clock });
        });
      });
  });
  server.injectSocket(socket);
}

function mayEnter(context: AuthContext, { accounts }: WireKeys): boolean {
  const known = accounts[context.username];
  if (!known || context.method !== 'publickey' || context.key.algo !== known.type) return false;
  const [offered, expected] = [context.key.data, known.getPublicSSH()];
  if (offered.length !== expected.length || !timingSafeEqual(offered, expected)) return false;
  return (
    context.signature === undefined ||
    context.blob === undefined ||
    known.verify(context.blob, context.signature, context.hashAlgo) === true
  );
}

interface Run {
  router: Router;
  account: string;
  command: string;
  channel: ServerChannel;
  socket: Socket;
  counts: Counts;
  clock: Clock;
}

function run(asked: Run): void {
  const { router, account, command, channel, socket, counts, clock } = asked;
  channel.on('error', () => undefined);
  const end = (rc: number, stdout: string): void => {
    const say = (): void => {
      if (isDown(router.fault, clock.monotonicMs())) return void socket.destroy();
      if (router.fault?.kind === 'silent') return undefined;
      if (router.fault?.kind === 'cut' && stdout.length > 1000) return void channel.write(stdout.slice(0, 1000), () => socket.destroy());
      channel.write(stdout);
      channel.exit(rc);
      channel.end();
      return undefined;
    };
    if (router.fault?.kind === 'slow') setTimeout(say, router.fault.ms);
    else say();
  };
  if (account === 'plumb-observe') {
    if (command.startsWith('show running-config')) counts.reads++;
    const { rc, stdout } = answerObserver(router, command, clock);
    end(rc, stdout);
    return;
  }
  answerGuard({ router, command, channel, clock, end });
}

/** `SHA256:…` of a public key, as ssh-keygen prints it. */
export function fingerprintOf(key: ParsedKey): string {
  return `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}
