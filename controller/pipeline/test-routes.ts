import type { CheckedState } from '../api/index.ts';
import { compileAll } from '../compile/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import { runRouteTests } from '../policy/index.ts';

/** Runs the RouteTests of a state, those with the names or all: how many there are, and which do not hold. */
export function testRoutes(state: CheckedState, names: readonly string[] = []): { tests: number; failures: readonly PlumblineError[] } {
  const all = [...state.objects.RouteTest.values()];
  const tests = names.length === 0 ? all : all.filter(({ metadata }) => names.includes(metadata.name));
  if (tests.length === 0) return { tests: 0, failures: [] };
  const compiled = compileAll(state);
  const broken = compiled.flatMap(({ intent, problems }) => (intent ? [] : problems));
  return {
    tests: tests.length,
    failures: [
      ...broken,
      ...runRouteTests(
        tests,
        compiled.flatMap(({ intent }) => intent ?? []),
      ),
    ],
  };
}
