import { z } from 'zod';
import { parsePattern } from '../lib/index.ts';
import { HostAddress } from './scalars.ts';

/** In which steps a change goes over the network. A set is what changes as one unit: a device, or both ends of a session. */
export const RolloutPolicy = z.strictObject({
  canary: z.int().min(0).max(100).default(1).describe('Sets that go first, and bake, before any other. 0: none.'),
  waves: z
    .array(z.int().min(1).max(100))
    .max(10)
    .refine((waves) => waves.at(-1) === 100 && waves.every((wave, i) => i === 0 || wave > (waves[i - 1] ?? 0)), {
      error: 'do not grow to 100; write growing percentages with 100 at the end, for example [10, 50, 100]',
    })
    .default([100])
    .describe('The waves after the canary, each as the percentage of all sets that is done at its end, for example 10, 50, 100.'),
  bakeSeconds: z.int().min(0).max(86_400).default(60).describe('How long a wave is watched before the next one begins.'),
  atOnce: z.int().min(1).max(1000).default(10).describe('Sets that change at the same time.'),
  onFailure: z
    .enum(['Keep', 'RollBack'])
    .default('Keep')
    .describe('When a set fails, no further one begins. Keep: those that were confirmed stay. RollBack: they are taken back as well.'),
});
export type RolloutPolicy = z.infer<typeof RolloutPolicy>;

/** Traffic is led away before a change that resets sessions, and comes back after it. */
export const DrainPolicy = z.strictObject({
  scope: z.enum(['Session', 'Device']).describe('Session: the sessions that the change resets. Device: every session of the device.'),
  waitSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(120)
    .describe('How long traffic has to leave. A change whose traffic stays does not begin.'),
  leftPrefixes: z.int().min(0).max(10_000_000).default(0).describe('Prefixes per session that may still be in use when the change begins.'),
});
export type DrainPolicy = z.infer<typeof DrainPolicy>;

function mistakeOf(expect: string): string | undefined {
  const pattern = parsePattern(expect);
  if ('mistake' in pattern) return pattern.mistake;
  const isAlways = ['', 'x', '% Unknown command\n'].every((output) => pattern.isFoundIn(output));
  return isAlways ? 'is found in any output; write what must stand there' : undefined;
}

/** What must hold after a change, beside management and the sessions. Asked before too: what did not hold before does not count. */
export const ProbePolicy = z.strictObject({
  pings: z
    .array(
      z.strictObject({
        to: HostAddress.describe('Address that the device must reach.'),
        from: HostAddress.optional().describe('Source address. Default: what the device takes.'),
      }),
    )
    .max(32)
    .default([])
    .describe('Addresses that the device must reach.'),
  commands: z
    .array(
      z.strictObject({
        command: z
          .string()
          .max(200)
          .regex(/^show [A-Za-z0-9 ./:_-]+$/, {
            error: 'is none that is run for a probe; write show and plain words, without | and quotes, for example show bgp summary',
          })
          .describe('A show command.'),
        expect: z
          .string()
          .min(1)
          .max(500)
          .superRefine((text, context) => {
            const mistake = mistakeOf(text);
            if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake });
          })
          .describe('RE2 regular expression that is found in its output. (?m) makes ^ and $ those of a line.'),
      }),
    )
    .max(16)
    .default([])
    .describe('Commands whose output must match.'),
});
export type ProbePolicy = z.infer<typeof ProbePolicy>;
