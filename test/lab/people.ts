import { copyFileSync, chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LabFacts } from './spec.ts';
import { run, tryRun } from './shell.ts';

/** True inside `ordinary-user.sh`: all accounts stand for the caller, and files need no other owner. */
export const isOrdinaryUser = process.env['PLUMB_LAB_USERNS'] === '1';

const users = { observe: 'plumb-observe', apply: 'plumb-apply', human: 'plumb-human' } as const;

/** The folder of the apply user on every router; in the lab each router has one of its own mounted here. */
export const stateFolder = '/var/lib/plumbline';

/** Creates the three accounts once per machine: one that may look, one that may change, and a person. */
export async function createUsers(): Promise<void> {
  for (const user of isOrdinaryUser ? [] : Object.values(users)) {
    if ((await tryRun(['id', user])).rc === 0) continue;
    await run(['useradd', '-r', '-M', '-d', user === users.apply ? stateFolder : '/', '-s', '/bin/sh', '-G', 'frrvty,frr', user]);
    // Without PAM, sshd takes the default "!" for a locked account.
    await run(['usermod', '-p', '*', user]);
  }
  mkdirSync(stateFolder, { recursive: true });
}

/** A key pair per account, under `dir/keys`; sshd reads `dir/keys/USER.pub`. */
export async function createKeys(dir: string): Promise<LabFacts['users']> {
  mkdirSync(join(dir, 'keys'), { mode: 0o755 });
  const login = async (user: string) => {
    const key = join(dir, 'keys', user);
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', user, '-f', key]);
    return { user, key };
  };
  return { observe: await login(users.observe), apply: await login(users.apply), human: await login(users.human) };
}

/** Puts the observer's wrapper where an unprivileged account can run it. */
export function installWrapper(dir: string): string {
  const source = join(import.meta.dirname, '../../controller/drivers/frr/target/plumb-observe');
  const wrapper = join(dir, 'plumb-observe');
  if (!existsSync(source)) throw new Error(`no observer wrapper at ${source}`);
  copyFileSync(source, wrapper);
  chmodSync(wrapper, 0o755);
  return wrapper;
}

/** Gives a file to an account. */
export async function giveTo(owner: string, ...paths: string[]): Promise<void> {
  if (!isOrdinaryUser) await run(['chown', '-R', owner, ...paths]);
}

/**
 * How to run something as one of the accounts, inside a router. For an ordinary user that is a namespace in which it is not root:
 * sshd, for one, drops rights that are not there to be dropped when it believes to be root.
 */
export function asAccount(user: string): string[] {
  return isOrdinaryUser
    ? ['unshare', '-U', '--map-user=1000', '--map-group=1000', 'env', `USER=${user}`]
    : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', 'env', `USER=${user}`];
}
