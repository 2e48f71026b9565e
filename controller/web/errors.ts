import { defineErrors } from '../lib/index.ts';

export const errors = defineErrors({
  ListenRefused: {
    message: (f: { host: string; port: number; why: string }) => `nobody can listen at ${f.host} port ${f.port}: ${f.why}`,
    next: 'Name another port with --port (0 takes a free one), or end what listens there: ss -tlnp shows it.',
  },
});
