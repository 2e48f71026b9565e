import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files of half a minute and more, about the longest first: what begins last is waited for alone, and a fresh clone knows no times of its own.
 * Those with leases and intervals of seconds (`operator/kube`) begin beside the kills, which only wait, and are over when NetBox has work.
 */
const slowest: readonly string[] = [
  'conformance/kill-router',
  'conformance/kill-plumb',
  'operator/kube/availability',
  'operator/kube/hard-days',
  'conformance/netbox',
  'conformance/walk',
  'conformance/policies',
  'conformance/up-killed',
  'conformance/package',
  'conformance/dhcp-pair',
  'conformance/netbox-plugins',
  'conformance/triangle',
  'chart/installed',
  'conformance/orphans',
  'conformance/netbox-world',
  'operator/kube/killing',
  'operator/kube/commands',
  'operator/kube/regions',
  'operator/kube/frozen-leader',
  'e2e/journey',
  'e2e/dhcp',
  'e2e/dhcp-closing',
  'e2e/offline',
  'change/real',
  'driver/guard',
  'operator/plan-commands',
  'operator/netbox',
  'operator/real',
  'operator/commands',
  'operator/plans-figures',
  'e2e/dhcp-guard',
  'import/capture-real',
  'driver/contract',
  'import/command',
  'operator/plans-waves',
  'operator/clock',
  'operator/plans-hard-days',
  'operator/plans',
  'e2e/dhcp-probe',
  'engine/effects',
  'e2e/ci-recipes',
  'operator/plans-budgets',
  'operator/fleet-spec',
  'driver/kea/guard',
  'operator/device-quiet',
];

/** The files above in their order, then all others in vitest's. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification) => {
      const rank = slowest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return rank < 0 ? slowest.length : rank;
    };
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
