import {
  bootArchitectures,
  type DhcpClientClass,
  type DhcpClientClassIntent,
  type IpFamily,
  type OptionNames,
  type Owned,
  type ProfileDhcp,
} from '../api/index.ts';
import { compileBoot, compileLifetimes, compileOptions } from './dhcp-options.ts';

/** The client classes of a profile in one family, in their order. */
export function compileClasses(
  profile: ProfileDhcp | undefined,
  names: OptionNames,
  at: { owner: (i: number) => Owned; onMissing: (lacks: string) => void },
): DhcpClientClassIntent[] {
  const version = names.family === 'ipv4' ? 'IPv4' : 'IPv6';
  return (profile?.clientClasses ?? []).flatMap((each, i) =>
    each.family !== version
      ? []
      : [
          {
            ...at.owner(i),
            clientClass: each.name,
            test: testOf(each, names.family),
            additional: each.additional,
            options: compileOptions(each, names, at.onMissing),
            lifetimes: compileLifetimes(each.lifetimes),
            boot: compileBoot(each, names.family),
          },
        ],
  );
}

/** Kea's expression for who is in a class. */
function testOf({ test, architectures, ipxe }: DhcpClientClass, family: IpFamily): string | null {
  if (test !== undefined) return test;
  const option = family === 'ipv4' ? 'option[93].hex' : 'option[61].hex';
  const byArchitecture = architectures.map((name) => `${option} == 0x${bootArchitectures[name].toString(16).padStart(4, '0')}`);
  const parts = [byArchitecture.length > 1 && ipxe !== undefined ? `(${byArchitecture.join(' or ')})` : byArchitecture.join(' or ')];
  if (ipxe !== undefined) parts.push(ipxe ? ipxeTest[family] : `not (${ipxeTest[family]})`);
  const whole = parts.filter((part) => part !== '').join(' and ');
  return whole === '' ? null : whole;
}

/** iPXE names itself as the user class: alone in IPv4, with its length in front in IPv6. */
const ipxeTest: Record<IpFamily, string> = {
  ipv4: "option[77].hex == 'iPXE'",
  ipv6: "substring(option[15].hex,2,4) == 'iPXE'",
};
