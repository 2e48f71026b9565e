import { z } from 'zod';
import { HostAddress } from './scalars.ts';

/** In which steps a change goes over the network. A set is what changes as one unit: a device, or both ends of a session. */
export const RolloutPolicy = z.strictObject({
  canary: z.int().min(0).max(100).default(1).describe('Sets that go first, and bake, before any other. 0: none.'),
  waves: z
    .array(z.int().min(1).max(100))
    .max(10)
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

/** Of several policies the most careful value of each field; of the waves, the list whose first different wave is the smaller one. */
export function mostCarefulRollout(policies: readonly RolloutPolicy[]): RolloutPolicy {
  const given = policies.length > 0 ? policies : [RolloutPolicy.parse({})];
  return {
    canary: Math.max(...given.map(({ canary }) => canary)),
    waves: given.map(({ waves }) => waves).reduce((a, b) => (isSmaller(b, a) ? b : a)),
    bakeSeconds: Math.max(...given.map(({ bakeSeconds }) => bakeSeconds)),
    atOnce: Math.min(...given.map(({ atOnce }) => atOnce)),
    onFailure: given.some(({ onFailure }) => onFailure === 'RollBack') ? 'RollBack' : 'Keep',
  };
}

function isSmaller(a: readonly number[], b: readonly number[]): boolean {
  const first = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? 100) - (b[i] ?? 100)).find((each) => each !== 0);
  return first !== undefined && first < 0;
}

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
          .regex(/^show [A-Za-z0-9 ./:_-]+$/, { error: 'write one show command; nothing else is run for a probe' })
          .describe('A show command.'),
        expect: z.string().min(1).max(500).describe('RE2 regular expression that its output must match.'),
      }),
    )
    .max(16)
    .default([])
    .describe('Commands whose output must match.'),
});
export type ProbePolicy = z.infer<typeof ProbePolicy>;
