import { defineErrors } from '../lib/index.ts';

/** What is wrong with policies beyond their form. */
export const errors = defineErrors({
  ShadowedTerm: {
    severity: 'warning',
    message: (f: { policy: string; term: string; by: string }) =>
      `RoutePolicy/${f.policy}: term ${f.term} never decides: ${f.by} decided every route before that it matches`,
    next: 'Move it above them, let it match something else, or remove it.',
  },
  RouteTestFailed: {
    message: (f: { test: string; prefix: string; why: string }) => `RouteTest/${f.test}: ${f.prefix}: ${f.why}`,
    next: 'Correct what Git says of the routes, or the test when it is no longer what you want.',
  },
  RouteTestNeighbor: {
    message: (f: { test: string; neighbor: string; device: string | undefined; near: string | undefined }) =>
      `RouteTest/${f.test}: ${f.device === undefined ? 'no device' : f.device} has ${f.device === undefined ? 'a' : 'no'} session with a neighbor outside called ${f.neighbor}`,
    next: (f: { near: string | undefined }) =>
      f.near === undefined ? 'Write external.name of a session.' : `Write ${f.near}, if that is what you mean.`,
  },
  ImpossibleTerm: {
    severity: 'warning',
    message: (f: { policy: string; term: string; why: string }) => `RoutePolicy/${f.policy}: term ${f.term} never matches: ${f.why}`,
    next: (f: { next: string }) => f.next,
  },
});
