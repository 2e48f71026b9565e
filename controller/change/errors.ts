import { defineErrors } from '../lib/index.ts';

type Device = { device: string };

/** Why a plan cannot be made, may not be applied, or did not end as it should. Drivers have errors of their own. */
export const errors = defineErrors({
  // Planning
  Unproven: {
    message: (f: Device & { what: 'forward' | 'rollback' }) =>
      f.what === 'forward'
        ? `${f.device}: the simulated plan does not end in what Git says`
        : `${f.device}: the simulated rollback does not give the old configuration back`,
    next: 'This is a fault of Plumbline, not of your files. Make the change by hand, and send us the output of plumb config patch.',
  },
  TooManyRemovals: {
    message: (f: Device & { removed: number; owned: number; examples: string }) =>
      `${f.device}: the plan removes ${f.removed} of ${f.owned} objects: ${f.examples}`,
    next: 'Check that Git still holds what it should. When the removal is meant, repeat the command with --allow-removals.',
  },

  BudgetTooSmall: {
    message: (f: { devices: string; group: string; max: number }) =>
      `${f.devices}: change together, and of ${f.group} at most ${f.max === 1 ? '1 member' : `${f.max} members`} may be unavailable`,
    next: 'Split the change, so that they need not change together (a new password under a key of its own, one session at a time), or correct the group: redundancyGroups of the devices, or changes.budgets of the Fleet.',
  },

  // The gate
  ReportOnly: {
    message: (f: Device & { because: string }) => `${f.device}: policy allows to report only${f.because}`,
    next: (f: Device & { because: string }) =>
      `Write a ReconcilePolicy whose selector matches ${f.device} with \`mode: Approve\`, or change the one that says Report.`,
  },
  WindowClosed: {
    message: (f: Device & { because: string }) => `${f.device}: ${f.because}`,
    next: 'Wait until then. In an emergency it begins at once: plumb approve PLAN --override-windows --reason TEXT.',
  },
  ApprovalRequired: {
    message: (f: Device) => `${f.device}: the plan is not approved`,
    next: 'Answer the prompt with yes, or pass --yes in a script.',
  },
  Rejected: {
    message: (f: Device & { by: string }) => `${f.device}: ${f.by} rejected this change`,
    next: 'Change Git, or delete the ChangeApproval that rejects it; then it is proposed again.',
  },
  DeviceUnknown: {
    retry: 'afterRead',
    message: (f: Device & { reason: string; message: string }) => `${f.device}: is Unknown (${f.reason}): ${f.message}`,
    next: 'Nothing is written to a device that is not known. Make it readable, then plan again.',
  },
  Diverged: {
    message: (f: Device & { items: string }) => `${f.device}: Git and the device both moved: ${f.items}`,
    next: (f: Device & { items: string }) =>
      `Decide which is right: write the live value into Git, or run plumb adopt ${f.device}; then Git wins.`,
  },
  Unadopted: {
    message: (f: Device & { items: string }) => `${f.device}: was never seen equal to Git: ${f.items}`,
    next: (f: Device & { items: string }) =>
      `Look at plumb drift ${f.device}, then run plumb adopt ${f.device}. It writes nothing to the device.`,
  },
  Quarantined: {
    message: (f: Device & { at: string; why: string }) => `${f.device}: this very change failed at ${f.at} and was rolled back: ${f.why}`,
    next: 'Change what made it fail, or try the same again with --retry.',
  },
  SecretUnset: {
    message: (f: Device & { tokens: string }) => `${f.device}: the plan holds secrets without a value: ${f.tokens}`,
    next: 'Provide the values where this plumb runs, then plan again. plumb plan says for each what is missing.',
  },
  Unsaved: {
    retry: 'afterRead',
    message: (f: Device) =>
      `${f.device}: the running config is not the startup config, so a reboot in mid-change would not bring the old state back`,
    next: 'Save it on the device when it is right, or pass --accept-unsaved.',
  },
  StalePlan: {
    retry: 'afterRead',
    message: (f: Device & { planned: string; now: string }) =>
      `${f.device}: the plan would do something else now (${f.planned}, now ${f.now})`,
    next: 'Git, a secret or the device moved since the plan was made. Look at the new plan.',
  },
  SecretGone: {
    message: (f: Device & { tokens: string }) =>
      `${f.device}: the way back needs secrets whose values are not at hand any more: ${f.tokens}`,
    next: 'Provide the old value again (its keyed version must be the same), or correct Git and apply that instead.',
  },
  MemberRefused: {
    message: (f: Device & { because: string }) => `${f.device}: changes only together with ${f.because}, which may not be changed`,
    next: 'See what is said about the other device.',
  },
  DeadlineTooShort: {
    message: (f: { deadlineMs: number; atLeastMs: number }) =>
      `a deadline of ${Math.floor(f.deadlineMs / 1000)} s leaves no time to probe, at least ${Math.ceil(f.atLeastMs / 1000)} s are needed`,
    next: 'Give a longer --deadline: the change is undone by the device when it is not confirmed before.',
  },

  // The rollout
  BudgetExhausted: {
    retry: 'backoff',
    message: (f: { devices: string; because: string }) => `${f.devices}: waits, because ${f.because}`,
    next: 'It begins by itself when enough of the others are available again..',
  },
  Paused: {
    message: (f: { plan: string; by: string }) => `${f.plan}: paused by ${f.by}`,
    next: (f: { plan: string }) => `Nothing begins. To go on: plumb continue ${f.plan}.`,
  },
  ApplyFailed: {
    message: (f: { plan: string; what: string }) => `${f.plan}: ${f.what}`,
    next: 'Nothing further of this plan begins. Look at what failed with plumb plan show; when its cause is gone, a new plan goes on from what the devices say then.',
  },

  // The apply
  ConcurrentChange: {
    retry: 'afterRead',
    message: (f: Device) => `${f.device}: somebody changed the device after it was planned`,
    next: 'Nothing was written. Look at the new plan: it starts from what the device says now.',
  },
  ChangeInProgress: {
    retry: 'backoff',
    message: (f: Device & { token: string; owner: string }) => `${f.device}: change ${f.token} is carried out by ${f.owner}`,
    next: 'Wait until it ended. When that process is gone, the next plumb apply finishes what it left.',
  },
  StaleEpoch: {
    message: (f: { epoch: number; stored: number }) => `epoch ${f.epoch} is over: the store says ${f.stored}, so another one leads now`,
    next: 'Nothing was written. The one that leads finishes what was begun; this process has to be elected again before it writes.',
  },
  TakenOver: {
    message: (f: { token: string }) => `change ${f.token} was taken over by another process`,
    next: 'That process finishes it: see what it says.',
  },
  NotAsPredicted: {
    message: (f: Device & { items: string }) => `${f.device}: holds something else than planned after the change: ${f.items}`,
    next: 'The change is rolled back. When nobody else changed the device, tell us: the plan was wrong about what the device does.',
  },
  LeaseGiven: {
    retry: 'afterRead',
    message: (f: Device & { findings: string }) =>
      `${f.device}: nobody held a lease there when it was planned, and that does not hold any more: ${f.findings}`,
    next: 'What goes is there as before. The next plan closes it first, and takes it away when no lease is left.',
  },
  ProbeFailed: {
    message: (f: Device & { findings: string }) => `${f.device}: ${f.findings}`,
    next: 'The change is rolled back. Look at the neighbor before you try again with --retry.',
  },
  PartnerUnwell: {
    retry: 'afterRead',
    message: (f: Device & { findings: string }) =>
      `${f.device}: is not well, and a pair changes only while both servers are: ${f.findings}`,
    next: 'Nothing was written. Bring it back first: plumb why shows what is known of it.',
  },
  DrainTimedOut: {
    message: (f: Device & { findings: string }) => `${f.device}: traffic did not leave in time: ${f.findings}`,
    next: 'No command of the change was sent, and traffic comes back. Look who has no other way, or allow more time or more prefixes in drain of the policy.',
  },
  DrainStuck: {
    message: (f: Device & { lines: string }) => `${f.device}: is still drained, traffic stays away from it: ${f.lines}`,
    next: 'Take the line back on the device by hand as soon as it may carry traffic again. See what else is left over.',
  },
  BreakGlass: {
    message: (f: Device & { by: string; reason: string; at: string; revision: string }) =>
      `${f.device}: ${f.by} broke the glass at ${f.at} and changed it to ${f.revision}: ${f.reason}`,
    next: 'Nothing is undone by itself. Bring Git and the device together, by a commit or by taking the change back.',
  },
  ForeignChange: {
    message: (f: Device & { revision: string }) => `${f.device}: another plumb changed it to ${f.revision}`,
    next: 'One device has one writer: let the operator do it, or break the glass with a reason.',
  },
  Stopped: {
    message: (f: Device) => `${f.device}: the change was stopped before it was confirmed`,
    next: 'It is rolled back. Run the command again when you want it; an operator goes on with its plan when it runs again.',
  },
  Withdrawn: {
    message: (f: Device & { because: string }) => `${f.device}: not begun, because it may not any more: ${f.because}`,
    next: 'Nothing was written. It waits again, and begins when it may.',
  },
  LeftUnfinished: {
    message: (f: Device & { state: string }) => `${f.device}: the process that changed it ended in ${f.state}`,
    next: 'What it left is finished or rolled back now.',
  },
  DeadlinePassed: {
    message: (f: Device) => `${f.device}: the change was not confirmed in time`,
    next: 'The device undid it by itself. Look whether it was reachable, then try again, with a longer --deadline if that was too short.',
  },
  PartiallyApplied: {
    message: (f: { devices: string }) => `${f.devices}: some have the new configuration and others the old one`,
    next: 'Sessions between them may be down. Run plumb plan for all of them at once: it starts from what they say now.',
  },
  OutcomeUnknown: {
    message: (f: { devices: string }) => `${f.devices}: nobody has seen how the change ended`,
    next: 'The next plumb apply asks again. Until then look on the device itself.',
  },
});
