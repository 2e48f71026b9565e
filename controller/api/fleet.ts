import { z } from 'zod';
import { commonStatus } from './conditions.ts';
import { FleetApproval, FleetChanges } from './fleet-changes.ts';
import { FleetNetBox } from './fleet-netbox.ts';
import { ReconcileMode } from './reconcile-policy.ts';
import { Line, Name } from './scalars.ts';

const seconds = (min: number, max: number) => z.int().min(min).max(max);

const secretRef = (keys: string) => z.strictObject({ name: Name.describe(`Name of the Secret, with the keys ${keys}.`) });

const GitSource = z
  .strictObject({
    url: z
      .string()
      .max(2000)
      .regex(/^(https:\/\/[^\s@]+|ssh:\/\/\S+|file:\/\/\/\S+)$/, {
        error: 'write https://HOST/PATH or ssh://USER@HOST/PATH, without a password in it',
      })
      .describe('Where the desired state is: https://… or ssh://git@HOST/PATH. Credentials stand in the Secret, not here.'),
    branch: Line.optional().describe('Follow this branch. Without branch, tag, semver and commit: main.'),
    tag: Line.optional().describe('Stay at this tag.'),
    semver: Line.optional().describe('Follow the highest tag in this range, for example >=1.2.0 <2.0.0.'),
    commit: z
      .string()
      .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, { error: 'write the full commit id, 40 hex digits' })
      .optional()
      .describe('Stay at this commit.'),
    intervalSeconds: seconds(5, 86_400).default(60).describe('How often Git is asked; a webhook asks at once.'),
    timeoutSeconds: seconds(1, 3600).default(60).describe('Limit for one fetch.'),
    secretRef: secretRef(
      'username and password, or bearerToken, or identity and known_hosts for ssh; ca.crt for a private authority; proxyPassword for the user of the proxy',
    ).optional(),
    proxy: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional()
      .meta({ format: undefined })
      .describe('HTTP proxy for https, for example http://USER@HOST:3128. Its password stands in the Secret.'),
  })
  .refine(({ url, proxy }) => proxy === undefined || url.startsWith('https:'), {
    path: ['proxy'],
    error: 'is for https, and would not be asked; take it out, or write an https URL',
  })
  .refine(({ branch, tag, semver, commit }) => [branch, tag, semver, commit].filter((each) => each !== undefined).length <= 1, {
    error: 'it names two places at once; write one of branch, tag, semver and commit',
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '[has(self.branch), has(self.tag), has(self.semver), has(self.commit)].filter(x, x).size() <= 1',
        message: 'write one of branch, tag, semver and commit',
      },
      { rule: "!has(self.proxy) || self.url.startsWith('https:')", message: 'proxy is for https' },
    ],
  });

const SourceRef = z.strictObject({
  kind: z.enum(['GitRepository', 'OCIRepository']).describe('Kind of the Flux source.'),
  name: Name.describe('Its name.'),
  namespace: Name.optional().describe('Its namespace. Default: the one of the Fleet.'),
});

/**
 * A network under watch: where its desired state comes from, and the ceiling of what may be done. Written by the platform team in the
 * cluster and never read from Git: a pull request can only be stricter. One per namespace.
 */
export const FleetSpec = z
  .strictObject({
    git: GitSource.optional().describe('Read a Git repository. Either this or sourceRef.'),
    sourceRef: SourceRef.optional().describe('Read the artifact of a Flux source.'),
    path: z
      .string()
      .max(1000)
      .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), {
        error: 'leads out of the repository; write a folder inside it, for example network/desired-state',
      })
      .default('.')
      .describe('Folder of the desired state inside the repository.'),
    verify: z
      .strictObject({
        commits: z.enum(['Head', 'Every']).default('Head').describe('Head: the commit in force. Every: each commit since the last one.'),
        secretRef: secretRef('allowed_signers (SSH) or keys.asc (OpenPGP public keys, one after the other), or both'),
      })
      .optional()
      .describe('Take only commits that are signed by these people.'),
    allowRewind: z.boolean().default(false).describe('Also follow a history that goes backwards or was rewritten.'),
    revision: z
      .string()
      .max(200)
      .regex(/[0-9a-f]{40}$/, { error: 'write it as status.revision shows it, with the whole commit id at its end' })
      .optional()
      .describe('Pin: stay at this revision, whatever the branch says. Apart from the mode, so that a pinned fleet is still watched.'),
    suspend: z.boolean().default(false).describe('True: nothing is fetched, read or written.'),
    ceiling: ReconcileMode.default('Report').describe('The highest mode that a policy in Git can ask for.'),
    approval: FleetApproval.prefault({}).describe('Who must say yes before a change.'),
    changes: FleetChanges.prefault({}).describe('Limits of what is done at the same time, and when.'),
    reads: z
      .strictObject({
        intervalSeconds: seconds(1, 86_400).default(300).describe('How often each device is read, spread evenly.'),
        timeoutSeconds: seconds(1, 3600).default(60).describe('Limit for reading one device.'),
        atOnce: z.int().min(1).max(1000).default(64).describe('Devices read at the same time; no more than the --workers of the operator.'),
        refusedLogins: z
          .int()
          .min(1)
          .max(1000)
          .default(5)
          .describe('Devices in a row that refuse the login before all logins stop: accounts lock after too many.'),
      })
      .prefault({})
      .describe('How devices are read.'),
    release: z
      .strictObject({
        devices: z.int().min(1).max(100_000).default(5).describe('Devices that may leave Git in a day without a person.'),
        percent: z.int().min(1).max(100).default(10).describe('The same in percent of the fleet, from two devices on.'),
      })
      .prefault({})
      .describe('More devices that vanish from Git wait until a person says that it is meant.'),
    webhook: z
      .strictObject({ secretRef: secretRef('token') })
      .optional()
      .describe('Take webhooks of the Git host at status.webhookPath. They only hint; the fetch decides.'),
    netbox: FleetNetBox.optional().describe('NetBox, to say beside each verdict whether the record is right.'),
  })
  .refine(({ git, sourceRef }) => (git === undefined) !== (sourceRef === undefined), {
    error: 'it has no source, or two; write git or sourceRef',
  })
  .refine(({ sourceRef, verify, revision }) => sourceRef === undefined || (verify === undefined && revision === undefined), {
    error: 'verify and revision are of git; what sourceRef brings is verified and pinned in the Flux source',
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'has(self.git) != has(self.sourceRef)', message: 'write git or sourceRef' },
      {
        rule: '!has(self.sourceRef) || (!has(self.verify) && !has(self.revision))',
        message: 'verify and revision are of git; what sourceRef brings is verified and pinned in the Flux source',
      },
    ],
  });
export type FleetSpec = z.infer<typeof FleetSpec>;

export const FleetStatus = z.strictObject({
  ...commonStatus,
  revision: z.string().max(200).optional().describe('Revision in force: the last one without errors.'),
  attemptedRevision: z.string().max(200).optional().describe('Newest revision that was looked at, in force or refused.'),
  problems: z
    .array(z.string().max(2000))
    .max(20)
    .default([])
    .describe('The first errors of the newest revision, with file, line and column.'),
  webhookPath: z.string().max(200).optional().describe('Path for the webhook of the Git host.'),
  netboxWebhookPath: z.string().max(200).optional().describe('Path for the webhook of NetBox.'),
  releasing: z.array(z.string().max(63)).max(1000).default([]).describe('Devices that left Git and wait for a person.'),
});
export type FleetStatus = z.infer<typeof FleetStatus>;

/** The Fleet in charge of a namespace: the oldest, so that adding a second one disturbs nothing. Whoever means the Fleet means this one. */
export function fleetInCharge<Fleet extends { name: string; createdAt: string }>(fleets: readonly Fleet[]): Fleet | undefined {
  return fleets.toSorted((a, b) => (a.createdAt === b.createdAt ? (a.name < b.name ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1))[0];
}
