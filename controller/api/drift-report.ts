import { z } from 'zod';
import { commonStatus } from './conditions.ts';
import { Name } from './scalars.ts';
import type { RecordVerdict } from './verdict-records.ts';

/** Differences shown in the object; the rest stands in the full report, by digest. */
export const shownDifferences = 50;

const text = z.string().max(2000);

const ReportedDifference = z.strictObject({
  path: z.array(text).max(32).describe('Section lines from the outside in, then the line itself.'),
  verdict: z.enum(['Pending', 'Drifted', 'Diverged', 'Unadopted', 'New']).describe('Who moved. New: a line that nothing in Git claims.'),
  severity: z.enum(['info', 'warning', 'critical']).describe('How urgent.'),
  desired: text.optional().describe('What Git says. Absent: Git does not have it.'),
  baseline: text.optional().describe('What it was when it was last right.'),
  live: text.optional().describe('What the device holds. Absent: the device does not have it.'),
  source: z
    .strictObject({ file: z.string().max(1000).describe('File in Git.'), line: z.int().min(0).describe('Line in the file.') })
    .optional()
    .describe('Where Git says so.'),
  since: z.string().max(40).describe('First seen, ISO 8601.'),
});
export type ReportedDifference = z.infer<typeof ReportedDifference>;

/** From best to worst: that of a device is the worst of its fields. */
export const recordVerdicts = ['Match', 'Behind', 'Missing', 'Unknown', 'Ahead', 'Conflict'] as const satisfies readonly RecordVerdict[];

const value = text.describe('Empty: it has no value there.').optional();

/** One field, or one object, where NetBox is not what it should be, or nobody can say. */
const ReportedRecord = z.strictObject({
  record: z
    .enum(recordVerdicts)
    .exclude(['Match'])
    .describe(
      'Behind: Git and the device agree, NetBox does not. Ahead: NetBox and the device agree, and the device is not what it was when it was last right. Conflict: three words, or two objects. Missing: NetBox has no such object. Unknown: the device did not say.',
    ),
  severity: z.enum(['info', 'warning', 'critical']).describe('How urgent.'),
  object: text.describe('Kind and name in NetBox: interface edge1-fra > eth0.'),
  field: z.string().max(100).optional().describe('Absent: it is about the object as a whole.'),
  ids: z.array(z.int()).max(10).default([]).describe('Ids of the objects in NetBox.'),
  desired: value,
  recorded: value,
  live: value,
  baseline: value,
  source: z
    .strictObject({ file: z.string().max(1000).describe('File in Git.'), line: z.int().min(0).describe('Line in the file.') })
    .optional()
    .describe('Where Git says so.'),
  since: z.string().max(40).describe('First seen, ISO 8601.'),
  who: z
    .strictObject({
      who: z.string().max(200).describe('User name in NetBox.'),
      at: z.string().max(40).describe('When, ISO 8601.'),
      message: z.string().max(500).optional().describe('What the change log of NetBox says of it.'),
    })
    .optional()
    .describe('Who made it so in NetBox, where its change log tells.'),
  why: text.describe('Who disagrees with whom.'),
  next: text.describe('What is safe to do.'),
  command: text.optional().describe('The same as a command, where there is one.'),
});
export type ReportedRecord = z.infer<typeof ReportedRecord>;

/** People write the acknowledgement; the operator writes the rest. One report per device, of the name of the device. */
export const DriftReportSpec = z.strictObject({
  device: Name.describe('The device.'),
  acknowledgement: z
    .strictObject({
      owner: z.string().min(1).max(200).describe('Who looks after it.'),
      reason: z.string().min(1).max(1000).describe('Why it stands as it is.'),
      expires: z.iso.datetime().describe('Until when, ISO 8601. Afterwards it alerts again.'),
      digest: z.string().max(80).describe('Digest of the differences that were acknowledged: other ones alert again.'),
      recordDigest: z.string().max(80).optional().describe('The same of what NetBox says otherwise.'),
    })
    .optional()
    .describe('Set by plumb ack: no alert until it expires or something else differs.'),
});
export type DriftReportSpec = z.infer<typeof DriftReportSpec>;

export const DriftReportStatus = z.strictObject({
  ...commonStatus,
  verdict: z.enum(['Pending', 'Drifted', 'Diverged', 'Unadopted', 'InSync']).optional().describe('The worst of the differences.'),
  revision: z.string().max(200).optional().describe('Revision that the device was compared with.'),
  total: z.int().min(0).optional().describe('How many differences there are; the first of them are listed here.'),
  worst: z.enum(['info', 'warning', 'critical']).optional().describe('The worst severity.'),
  since: z.string().max(40).optional().describe('When the oldest of them was first seen, ISO 8601.'),
  digest: z.string().max(80).optional().describe('Digest of all differences, without their ages.'),
  report: z.string().max(80).optional().describe('Digest of the full report in the artifact store; plumb why prints it.'),
  differences: z.array(ReportedDifference).max(shownDifferences).default([]).describe('The first differences, the worst first.'),
  record: z.enum(recordVerdicts).optional().describe('What NetBox is beside it: the worst of its fields. Absent: there is no NetBox.'),
  recordTotal: z
    .int()
    .min(0)
    .optional()
    .describe('How many fields and objects of NetBox are not as they should be; the first are listed here.'),
  records: z.array(ReportedRecord).max(shownDifferences).optional().describe('The first of them, the worst first.'),
  recordDigest: z.string().max(80).optional().describe('Digest of all of them, without their ages.'),
  who: z
    .array(
      z.strictObject({
        who: z.string().max(200).describe('Login name, or what is known of the person.'),
        at: z.string().max(40).optional().describe('When, ISO 8601.'),
        how: z.string().max(200).describe('How the device tells: its command log, a login, the mark of Plumbline.'),
        what: z.string().max(500).optional().describe('What the device noted, secrets masked.'),
      }),
    )
    .max(10)
    .default([])
    .describe('Who may have changed the device. More than one: candidates.'),
  acknowledged: z.boolean().optional().describe('True while an acknowledgement is in force.'),
  recordAcknowledged: z.boolean().optional().describe('True while one of what NetBox says otherwise is in force.'),
});
export type DriftReportStatus = z.infer<typeof DriftReportStatus>;
