import { defineErrors } from '../lib/index.ts';

/** What is wrong with policies beyond their form. */
export const errors = defineErrors({
  ShadowedTerm: {
    severity: 'warning',
    message: (f: { policy: string; term: string; by: string }) =>
      `RoutePolicy/${f.policy}: term ${f.term} never decides: ${f.by} decided every route before that it matches`,
    next: 'Move it above them, let it match something else, or remove it.',
  },
  ImpossibleTerm: {
    severity: 'warning',
    message: (f: { policy: string; term: string; why: string }) => `RoutePolicy/${f.policy}: term ${f.term} never matches: ${f.why}`,
    next: (f: { next: string }) => f.next,
  },
});
