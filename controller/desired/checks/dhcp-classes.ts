import type { DesiredObject, ValuePath } from '../../api/index.ts';
import { nearest, type PlumblineError } from '../../lib/index.ts';
import { formatPath } from '../words.ts';
import { errors } from './dhcp-errors.ts';
import type { DhcpView } from './dhcp-view.ts';
import { errors as commonErrors } from './errors.ts';
import { type CheckInput, findRepetitions, nameOf, placeOf } from './input.ts';

type Profile = DesiredObject<'DeviceProfile'>;

/** Classes that Kea or its hooks give. */
const builtIn = /^(ALL|KNOWN|UNKNOWN|BOOTP|DROP|SKIP_DDNS)$|^(VENDOR_CLASS_|HA_|AFTER_|EXTERNAL_|SPAWN_)./;

/** Classes that are named and those that are defined. */
export function checkClasses(view: DhcpView, { objects }: CheckInput): PlumblineError[] {
  const problems: PlumblineError[] = [];
  for (const profile of objects.DeviceProfile.values()) checkProfile(profile, problems);
  for (const subnet of objects.DHCPSubnet.values()) {
    const { spec } = subnet;
    for (const profile of new Set(view.serversOf(subnet).map((server) => server.profile))) {
      const scope: Scope = { object: subnet, profile, family: spec.family, classes: classesOf(profile, spec.family) };
      const chosenBy = (name: string | undefined, ...path: (string | number)[]): void => {
        if (name !== undefined) checkName(scope, name, ['spec', ...path], problems, true);
      };
      const named = (list: readonly string[], ...path: (string | number)[]): void => {
        for (const [i, name] of list.entries()) checkName(scope, name, ['spec', ...path, i], problems);
      };
      chosenBy(spec.clientClass, 'clientClass');
      named(spec.additionalClasses, 'additionalClasses');
      for (const [i, { clientClass }] of spec.bootByClass.entries()) {
        checkName(scope, clientClass, ['spec', 'bootByClass', i, 'clientClass'], problems);
        checkBoot(scope, clientClass, ['spec', 'bootByClass', i, 'clientClass'], problems);
      }
      for (const list of ['pools', 'prefixPools'] as const) {
        for (const [i, pool] of spec[list].entries()) {
          chosenBy(pool.clientClass, list, i, 'clientClass');
          named(pool.additionalClasses, list, i, 'additionalClasses');
        }
      }
      for (let i = 0; i < spec.reservations.length; i++) {
        const classes = spec.reservations[i]?.clientClasses;
        if (classes && classes.length > 0) named(classes, 'reservations', i, 'clientClasses');
      }
    }
  }
  return problems;
}

interface Scope {
  object: DesiredObject;
  profile: Profile | undefined;
  family: 'IPv4' | 'IPv6';
  /** Whether each class that is defined is additional. */
  classes: ReadonlyMap<string, boolean>;
}

function classesOf(profile: Profile | undefined, family: string): ReadonlyMap<string, boolean> {
  const all = profile?.spec.dhcp?.clientClasses ?? [];
  return new Map(all.filter((each) => each.family === family).map(({ name, additional }) => [name, additional]));
}

/** `chooses`: the class decides on a subnet or pool, so that it must be known before one is chosen. */
function checkName({ object, profile, classes }: Scope, name: string, path: ValuePath, problems: PlumblineError[], chooses = false): void {
  if (builtIn.test(name)) return;
  const additional = classes.get(name);
  if (additional === undefined) {
    const facts = {
      object: nameOf(object),
      path: formatPath(path),
      class: name,
      profile: profile ? nameOf(profile) : 'no profile of the servers',
      suggestion: nearest(name, classes.keys()),
    };
    problems.push(errors.UnknownClass(facts, { at: object.locate(path) }));
  } else if (additional && chooses) {
    problems.push(errors.ClassIsAdditional({ object: nameOf(object), path: formatPath(path), class: name }, { at: object.locate(path) }));
  }
}

/** A class that is tried for all subnets comes first. */
function checkBoot({ object, profile, family }: Scope, name: string, path: ValuePath, problems: PlumblineError[]): void {
  const all = profile?.spec.dhcp?.clientClasses ?? [];
  const i = all.findIndex((each) => each.family === family && each.name === name);
  const field = (['bootFile', 'nextServer', 'serverName'] as const).find((key) => all[i]?.[key] !== undefined);
  if (!profile || field === undefined) return;
  const where = placeOf({ object: profile, path: ['spec', 'dhcp', 'clientClasses', i, field] });
  problems.push(
    errors.ClassBootsItself({ object: nameOf(object), path: formatPath(path), class: name, where }, { at: object.locate(path) }),
  );
}

/** A class may be named by those that stand below it, and stands once. */
function checkProfile(profile: Profile, problems: PlumblineError[]): void {
  const all = profile.spec.dhcp?.clientClasses ?? [];
  const pathOf = (i: number, field: string): ValuePath => ['spec', 'dhcp', 'clientClasses', i, field];
  findRepetitions(
    all.map(({ family, name }, i) => [`${family} ${name}`, { object: profile, path: pathOf(i, 'name') }] as const),
    (again, first) => {
      const facts = { object: nameOf(profile), what: 'the name of this class', where: placeOf(first) };
      problems.push(commonErrors.DuplicateEntry(facts, { at: profile.locate(again.path) }));
    },
  );
  for (const family of ['IPv4', 'IPv6'] as const) {
    const classes = new Map<string, boolean>();
    for (const [i, each] of all.entries()) {
      if (each.family !== family) continue;
      for (const [, name = ''] of (each.test ?? '').matchAll(/\bmember\(\s*'([^']*)'\s*\)/g))
        checkName({ object: profile, profile, family, classes }, name, pathOf(i, 'test'), problems);
      classes.set(each.name, each.additional);
    }
  }
}
