import { defineErrors } from '../lib/index.ts';

/** What can go wrong between us and a device. Facts never hold a secret: device words are masked before they get here. */
export const errors = defineErrors({
  Unreachable: {
    retry: 'backoff',
    message: (f: { device: string; address: string; why: string }) => `${f.device}: ${f.address} does not answer: ${f.why}`,
    next: 'Nothing was sent. Look whether the device is up, its address and port are right, and what is asked listens there: sshd, or the API.',
  },
  AuthFailed: {
    retry: 'backoff',
    message: (f: { device: string; user: string; why: string }) => `${f.device}: login as ${f.user} was refused: ${f.why}`,
    next: 'Check the account on the device and the credential that the Device names. Many refusals stop all logins for a while, so that no account is locked.',
  },
  KeyUnusable: {
    message: (f: { device: string; user: string; why: string }) => `${f.device}: the private key of ${f.user} cannot be used: ${f.why}`,
    next: 'Nothing was sent. Store a private key in the form of OpenSSH or PEM, and its passphrase, if it has one, as passphrase beside it.',
  },
  WrongDevice: {
    retry: 'afterRead',
    message: (f: { device: string; what: string; expected: string; found: string }) =>
      `${f.device}: another machine answers: ${f.what} is ${f.found}, expected ${f.expected}`,
    next: 'Nothing was written. When the device was replaced on purpose, check the new value on its console and write it into the Device.',
  },
  ConnectionLost: {
    retry: 'afterRead',
    message: (f: { device: string; during: string; why: string }) => `${f.device}: the connection was lost during ${f.during}: ${f.why}`,
    next: 'Nothing is sent again before the device was asked how it ended. Look at the path to it.',
  },
  NotIdentified: {
    message: (f: { device: string }) => `${f.device}: nothing tells whether the server that answers is the one that Git means`,
    next: 'Nothing was asked. Use TLS or SSH, or write the server-tag of its configuration into the Device.',
  },
  ConfigElsewhere: {
    message: (f: { device: string; service: string; where: string }) =>
      `${f.device}: ${f.service} takes a part of its configuration from ${f.where}, which it does not show`,
    next: 'Such a server is never called in sync, and never changed. Move what is there into its configuration, or leave the server out of Git.',
  },
  DeviceSettling: {
    retry: 'backoff',
    message: (f: { device: string; why: string }) => `${f.device}: has not settled: ${f.why}`,
    next: 'The read is repeated. A daemon of FRR that came back without its configuration needs `vtysh -b` or a restart.',
  },
  DaemonDown: {
    retry: 'backoff',
    message: (f: { device: string; daemon: string }) => `${f.device}: ${f.daemon} does not run`,
    next: 'Start the daemon on the device. Its part of the configuration cannot be seen until then.',
  },
  PartialRead: {
    retry: 'backoff',
    message: (f: { device: string; why: string }) => `${f.device}: the read is not whole: ${f.why}`,
    next: 'Nothing is concluded from half a read; it is repeated.',
  },
  OutputTooLarge: {
    message: (f: { device: string; limitBytes: number }) => `${f.device}: an answer is longer than ${f.limitBytes} bytes`,
    next: 'Look on the device at what it prints.',
  },
  UnsafeCommand: {
    message: (f: { device: string; command: string }) =>
      `${f.device}: a command holds a line break or another control character: ${f.command}`,
    next: 'Nothing was sent. One command is one line.',
  },
  Unsupported: {
    message: (f: { what: string }) => f.what,
    next: 'The platforms with a driver are frr and kea.',
  },
  NotWritable: {
    message: (f: { device: string }) => `${f.device}: has no credential to apply with`,
    next: 'Write `credentials.apply` into the Device. Reading needs none.',
  },
  SecretMissing: {
    message: (f: { device: string; token: string; where: string }) => `${f.device}: no value for ${f.token} in ${f.where}`,
    next: 'Nothing was sent. Provide the secret the Device is allowed to use.',
  },
  Locked: {
    retry: 'backoff',
    message: (f: { device: string; holder: string }) => `${f.device}: another change is not finished: ${f.holder}`,
    next: 'Nothing was written. Wait for its confirm or its deadline.',
  },
  Held: {
    retry: 'backoff',
    message: (f: { device: string; by: string; reason: string }) => `${f.device}: is on hold by a file on the device: ${f.by}: ${f.reason}`,
    next: 'Nothing was written. Ask who wrote it; without the file `hold` in the state folder of the device changes go on (controller/drivers/frr/README.md).',
  },
  Unfinished: {
    retry: 'afterRead',
    message: (f: { device: string; holder: string }) => `${f.device}: a change was left unfinished and its dead-man is gone: ${f.holder}`,
    next: 'Nothing was written. Roll that change back first.',
  },
  StaleEpoch: {
    message: (f: { device: string; epoch: number; seen: string }) =>
      `${f.device}: epoch ${f.epoch} is older than ${f.seen}, which the device has seen`,
    next: 'Nothing was written. Another controller has taken over; this one must not write.',
  },
  ConcurrentChange: {
    retry: 'afterRead',
    message: (f: { device: string; when: string }) => `${f.device}: the configuration changed on the device ${f.when}`,
    next: 'Nothing was written. Look at the new plan; it starts from what the device says now.',
  },
  Unsaved: {
    retry: 'afterRead',
    message: (f: { device: string; lines: string }) => `${f.device}: the running config differs from the startup config: ${f.lines}`,
    next: 'Nothing was written: a reboot in mid-change would lose more than our change. Save with `write` on the device, or tell the apply to accept it.',
  },
  TargetDisk: {
    message: (f: { device: string; what: string }) => `${f.device}: cannot write ${f.what}`,
    next: 'Nothing was changed. Check free space and the owner of the state folder on the device (controller/drivers/frr/README.md).',
  },
  TargetTool: {
    message: (f: { device: string; why: string }) => `${f.device}: the guard did not run: ${f.why}`,
    next: 'The device needs sh, flock, setsid, timeout, awk, sort, cmp and sha256sum, for Kea also perl, python3 or nc, and a shell for the apply account.',
  },
  WrongState: {
    retry: 'afterRead',
    message: (f: { device: string; token: string; state: string }) => `${f.device}: change ${f.token} is ${f.state}`,
    next: 'Nothing was done. Ask for the status of the change.',
  },
  Rejected: {
    message: (f: { device: string; line: string; message: string }) => `${f.device}: refused \`${f.line}\`: ${f.message}`,
    next: 'What was sent before it is undone by the rollback. Correct the line in Git.',
  },
  CutsOff: {
    message: (f: { device: string; service: string; why: string }) =>
      `${f.device}: the new configuration of ${f.service} was not sent: ${f.why}`,
    next: 'Nothing was changed. Correct the configuration in Git; what must change here is changed on the server, by hand.',
  },
  NoWayBack: {
    message: (f: { device: string; service: string; why: string }) =>
      `${f.device}: ${f.service} would not take back the configuration that it holds: ${f.why}`,
    next: 'Nothing was changed: there would be no way back. Correct by hand what the server says about its own configuration.',
  },
  NotServing: {
    retry: 'backoff',
    message: (f: { device: string; service: string; why: string }) => `${f.device}: ${f.service} does not serve: ${f.why}`,
    next: 'Look at the log of the daemon. A change that has just been sent goes back unless this ends in time.',
  },
  RollbackIncomplete: {
    message: (f: { device: string; lines: number }) => `${f.device}: ${f.lines} lines still differ from the backup after the rollback`,
    next: 'Look at the lines and put them right by hand; where a guard runs on the device, the backup is in the folder of the change.',
  },
  NotPersisted: {
    retry: 'backoff',
    message: (f: { device: string; why: string }) => `${f.device}: the change is in effect but not in the startup config: ${f.why}`,
    next: 'A reboot would undo it. Free space or correct the rights of the startup config, then confirm again.',
  },
});
