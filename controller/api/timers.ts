import { z } from 'zod';

/** BGP timers of a session. A hold time of 0 means that the session is never declared dead; RFC 4271 forbids 1 and 2. */
export const Timers = z
  .strictObject({
    keepaliveSeconds: z
      .int()
      .min(0)
      .max(21_845)
      .optional()
      .describe('Seconds between keepalives. Default: what the platform does, 60 on FRR.'),
    holdSeconds: z
      .int()
      .min(0)
      .max(65_535)
      .refine((hold) => hold !== 1 && hold !== 2, { error: 'is not allowed by RFC 4271; write 0 (never expires) or at least 3' })
      .optional()
      .describe('Seconds without a message after which the session is dead; 0 or at least 3. Default: what the platform does, 180 on FRR.'),
    connectRetrySeconds: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('Seconds between attempts to connect. Default: what the platform does, 120 on FRR.'),
  })
  .refine((timers) => (timers.keepaliveSeconds === undefined) === (timers.holdSeconds === undefined), {
    error: 'keepaliveSeconds and holdSeconds go together; write both: routers take them as one command',
  })
  .refine((timers) => !timers.holdSeconds || !timers.keepaliveSeconds || timers.keepaliveSeconds * 3 <= timers.holdSeconds, {
    error: 'keepaliveSeconds is more than a third of holdSeconds; write a longer hold time: one lost message would end the session',
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'has(self.keepaliveSeconds) == has(self.holdSeconds)', message: 'write keepaliveSeconds and holdSeconds together' },
      {
        rule: '!has(self.holdSeconds) || (self.holdSeconds != 1 && self.holdSeconds != 2)',
        message: 'RFC 4271 forbids a hold time of 1 or 2 seconds',
      },
      {
        rule: '!has(self.holdSeconds) || !has(self.keepaliveSeconds) || self.holdSeconds == 0 || self.keepaliveSeconds * 3 <= self.holdSeconds',
        message: 'keepaliveSeconds may be at most a third of holdSeconds',
      },
    ],
  });
export type Timers = z.infer<typeof Timers>;
