import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { freePort } from '../lab/free-ports.ts';

export interface SshHost {
  /** `ssh://USER@127.0.0.1:PORT`. */
  url: string;
  /** Its line for known_hosts. */
  knownHosts: string;
  /** The private key of the only user. */
  identity: string;
  close(): Promise<void>;
}

/** Why a real sshd cannot run here; undefined when it can. */
export function whyNoSshd(): string | undefined {
  if (!existsSync('/usr/sbin/sshd')) return 'OpenSSH server is not installed';
  return process.getuid?.() === 0 ? undefined : 'sshd needs root';
}

/** A real sshd on loopback, which gives the one key of this machine's user a way to `git-upload-pack`. */
export async function startSshHost(folder: string): Promise<SshHost> {
  mkdirSync(folder, { recursive: true });
  mkdirSync('/run/sshd', { recursive: true });
  const at = (name: string): string => path.join(folder, name);
  for (const name of ['host_key', 'identity']) newKey(at(name));
  const port = await freePort();
  const user = userInfo().username;
  writeFileSync(
    at('sshd_config'),
    `ListenAddress 127.0.0.1:${port}
HostKey ${at('host_key')}
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AuthorizedKeysFile ${at('identity.pub')}
LogLevel INFO
`,
  );
  const daemon = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    daemon.once('exit', () => reject(new Error(`sshd ended: ${log}`)));
    daemon.stderr.on('data', (part: Buffer) => {
      log += part.toString();
      if (log.includes('Server listening')) resolve();
    });
  });
  return {
    url: `ssh://${user}@127.0.0.1:${port}`,
    knownHosts: `[127.0.0.1]:${port} ${readFileSync(at('host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')}\n`,
    identity: readFileSync(at('identity'), 'utf8'),
    async close() {
      if (daemon.exitCode !== null) return;
      daemon.kill();
      await once(daemon, 'exit');
    },
  };
}

/** An ed25519 key pair in `file` and `file.pub`. */
export function newKey(file: string, ...options: string[]): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file, ...options], { stdio: 'ignore' });
}
