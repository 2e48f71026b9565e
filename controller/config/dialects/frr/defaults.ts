import type { Around, Row } from '../../dialect.ts';

/** What goes without saying: the first entry that fits decides, and nothing else does. */
type Default = readonly { readonly profile?: 'datacenter'; readonly before?: string; readonly from?: string; readonly is: boolean }[];

const inDatacenter: Default = [{ profile: 'datacenter', is: true }];
const outsideDatacenter: Default = [{ profile: 'datacenter', is: false }, { is: true }];

/**
 * Lines whose default follows from the profile (`frr defaults`) or the release: FRR prints only the other form. 8.4.4 was asked; the other releases are
 * from FRR's own table (`FRR_CFG_DEFAULT_BOOL` in bgpd/bgp_vty.c), release notes and pull requests 14661 and 19024, and were not run. A release that was
 * not tried is reported on only.
 */
const defaults = {
  'bgp log-neighbor-changes': inDatacenter,
  'bgp deterministic-med': inDatacenter,
  'bgp default show-hostname': inDatacenter,
  'bgp default show-nexthop-hostname': inDatacenter,
  'log-adjacency-changes': inDatacenter,
  'bgp ebgp-requires-policy': outsideDatacenter,
  'bgp suppress-duplicates': [{ before: '7.6', is: false }, { is: true }],
  'bgp hard-administrative-reset': [{ before: '8.3', is: false }, { is: true }],
  'bgp graceful-restart notification': [{ before: '8.3', is: false }, { is: true }],
  'bgp enforce-first-as': [{ from: '10.0', is: true }],
  'neighbor enforce-first-as': [{ from: '10.0', is: true }],
  'bgp reject-as-sets': [{ from: '10.5', is: true }],
} as const satisfies Readonly<Record<string, Default>>;

/** A row of a line of the table. */
export function byDefault(line: keyof typeof defaults): Pick<Row, 'on'> {
  const rows: Default = defaults[line];
  return {
    on: (_words, around, version) => {
      const fits = rows.find(
        ({ profile, before, from }) =>
          (profile === undefined || profile === profileOf(around)) &&
          (before === undefined || isBefore(version, before)) &&
          (from === undefined || !isBefore(version, from)),
      );
      return fits?.is ?? false;
    },
  };
}

/** As the text says, else the device that it is for. */
function profileOf(around: Around): string {
  let said: string | undefined;
  for (let outer: Around | undefined = around; outer && said === undefined; outer = outer.around) said = outer.lineOf('frr defaults');
  return said?.split(' ')[2] ?? 'traditional';
}

/** `8.4.4-1~deb12u1` is before `10.0`; a text without a version is none. */
function isBefore(version: string, release: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number.parseFloat);
  const [otherMajor = 0, otherMinor = 0] = release.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
