import { takeBoot, takeLifetimes, takeOptions } from './parts.ts';
import { type Take, takeField, takeMembers, text } from './take.ts';

/** Classes and option definitions in fields of `spec.dhcp` of a DeviceProfile. Classes are tried in order: behind one that is left, all are left. */
export function takeShared(take: Take): void {
  const family = take.unit === 'Dhcp4' ? 'IPv4' : 'IPv6';
  takeMembers(take, 'optionDefinitions', 'option-def', (inner) => {
    const { left, spec } = inner;
    const { name, code, space, type, array, 'record-types': record, encapsulate } = left;
    if (typeof name !== 'string' || typeof code !== 'number' || typeof type !== 'string') return undefined;
    Object.assign(spec, { name, family, code });
    if (typeof space === 'string' && space !== '' && space !== 'dhcp4' && space !== 'dhcp6') spec['space'] = space;
    spec['type'] = type;
    if (typeof record === 'string' && record !== '') spec['record'] = record.split(',').map((each) => each.trim());
    if (array === true) spec['array'] = true;
    if (typeof encapsulate === 'string' && encapsulate !== '') spec['encapsulates'] = encapsulate;
    for (const key of ['name', 'code', 'space', 'type', 'array', 'record-types', 'encapsulate']) delete left[key];
    return 'whole';
  });
  takeMembers(
    take,
    'clientClasses',
    'client-classes',
    (inner) => {
      const { left, spec } = inner;
      if (typeof left['name'] !== 'string') return undefined;
      Object.assign(spec, { name: left['name'], family });
      delete left['name'];
      takeField(inner, 'test', ['test'], text);
      takeField(inner, 'additional', ['only-if-required', 'only-in-additional-list'], (value) => (value === true ? true : undefined));
      takeLifetimes(inner);
      takeBoot(inner);
      takeOptions(inner);
      return 'whole';
    },
    { inOrder: true },
  );
}
