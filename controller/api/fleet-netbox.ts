import { z } from 'zod';
import { LabelSelector } from './labels.ts';
import { Name } from './scalars.ts';

const word = (what: string) =>
  z
    .enum(['Git', 'NetBox'])
    .default('Git')
    .describe(`${what} NetBox: taken from there where Git does not say it; both saying it differently is an error.`);

/** The inventory beside Git and the devices. Written by the platform team: nothing in Git can name another one or let it be written. */
export const FleetNetBox = z.strictObject({
  url: z
    .string()
    .max(500)
    .regex(/^https?:\/\/[^\s@?#]+$/, { error: 'write https://HOST or https://HOST/PATH, without a password in it' })
    .refine((url) => !/\/api\/?$/.test(url), { error: 'ends in /api; write the address that people open' })
    .describe('Address that people open, without /api. The token stands in the Secret, not here.'),
  secretRef: z
    .strictObject({ name: Name.describe('Name of the Secret, with the key token; ca.crt for a private authority.') })
    .describe('The token to read with, and to write with where record says so.'),
  record: z
    .enum(['Report', 'Enforce'])
    .default('Report')
    .describe(
      'Report: nothing is written into NetBox but by plumb netbox record. Enforce: what is Behind or Missing is written, after the device was looked at; nothing is ever deleted.',
    ),
  selector: LabelSelector.optional().describe('Devices of Git that are compared with it. Default: all.'),
  authority: z
    .strictObject({
      serial: word('The serial number of a device.'),
      description: word('Descriptions of the interfaces that Git lists.'),
      mtu: word('MTUs of the interfaces that Git lists.'),
      interfaces: word('Interfaces that Git does not list, with addresses, description and MTU.'),
    })
    .prefault({})
    .describe('Who has the word on a field. What NetBox feeds into a device makes it Approve at most.'),
  intervalSeconds: z
    .int()
    .min(5)
    .max(86_400)
    .default(300)
    .describe('How often it is read whole, once for all devices; its webhook asks at once.'),
  webhook: z
    .strictObject({
      secretRef: z
        .strictObject({ name: Name.describe('Name of the Secret, with the key token: the secret of the webhook in NetBox.') })
        .describe('What its bodies are signed with.'),
    })
    .optional()
    .describe('Take webhooks of NetBox at status.netboxWebhookPath. They only hint: what is read then decides.'),
  timeoutSeconds: z.int().min(1).max(3600).default(60).describe('Limit for one answer.'),
});
export type FleetNetBox = z.infer<typeof FleetNetBox>;
