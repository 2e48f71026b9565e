import { z } from 'zod';
import { commonStatus } from './conditions.ts';
import { recordVerdicts } from './drift-report.ts';
import { ReconcileMode } from './reconcile-policy.ts';

/** A device that waits for the commits of more people than that waits for people whom nobody can tell apart any more. */
export const mostSigners = 50;

/**
 * What the operator knows of a device. Nothing in it moves while the device and Git stand still: no counters, ages or poll times.
 * `revision` is the one at which the intended configuration of this device last changed, not the newest of the repository.
 */
export const DeviceStatus = z.strictObject({
  ...commonStatus,
  verdict: z
    .enum(['InSync', 'Pending', 'Drifted', 'Diverged', 'Unadopted', 'Unknown'])
    .optional()
    .describe('Who is wrong: see the page on drift.'),
  record: z
    .enum(recordVerdicts)
    .optional()
    .describe('Whether NetBox says what it should: see the page on NetBox. Absent: the Fleet names none.'),
  differences: z.int().min(0).optional().describe('Owned lines that differ. Absent while the device is Unknown.'),
  mode: ReconcileMode.optional().describe('What may be done to the device: the stricter of the Fleet and the policies in Git.'),
  fed: z
    .array(z.string().max(300))
    .max(10_000)
    .optional()
    .describe('Fields of the spec that NetBox has the word on and that came from there. While there are any, mode is Approve at most.'),
  revision: z.string().max(200).optional().describe('Revision that last changed what this device should be.'),
  signers: z
    .array(z.string().max(200))
    .max(mostSigners)
    .optional()
    .describe('Who signed the commits that changed what this device should be, since it last was that. Absent: not known.'),
  appliedRevision: z.string().max(200).optional().describe('Revision that the device was last seen to equal.'),
  digest: z.string().max(80).optional().describe('Digest of the intended configuration, secrets as keyed versions.'),
  version: z.string().max(100).optional().describe('Software version that the device reports.'),
  receipt: z.string().max(80).optional().describe('Digest of the receipt that the last change left on the device.'),
  held: z
    .strictObject({
      by: z.string().max(200).describe('Who holds the device.'),
      reason: z.string().max(1000).describe('Why.'),
      until: z.string().max(40).optional().describe('When the hold ends by itself, ISO 8601. Absent: never.'),
      where: z
        .enum(['Object', 'Device', 'Drift', 'Rollback'])
        .describe(
          'Object: asked for by plumb hold. Device: by a hold file on the device itself. Drift: somebody changed an enforced device. Rollback: somebody took it back.',
        ),
    })
    .optional()
    .describe('Set while the device is held: nothing is written to it.'),
});
export type DeviceStatus = z.infer<typeof DeviceStatus>;

/** State of one end of a session as its device reports it. What moves all the time (prefixes, uptime) is a metric. */
export const BGPSessionStatus = z.strictObject({
  ...commonStatus,
  ends: z
    .array(
      z.strictObject({
        device: z.string().max(63).describe('Device that reports.'),
        neighbor: z.string().max(64).describe('Address of the neighbor as the device has it.'),
        families: z
          .array(
            z.strictObject({
              family: z.string().max(40).describe('Address family.'),
              state: z.string().max(40).describe('Established, or the word that the platform uses.'),
            }),
          )
          .max(8)
          .describe('State per address family.'),
      }),
    )
    .max(2)
    .default([])
    .describe('The managed ends.'),
});
export type BGPSessionStatus = z.infer<typeof BGPSessionStatus>;
