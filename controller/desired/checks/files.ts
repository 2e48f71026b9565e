import type { DesiredObject, Section, ValuePath } from '../../api/index.ts';
import { nearest, type PlumblineError } from '../../lib/index.ts';
import { formatPath } from '../words.ts';
import { errors } from './errors.ts';
import { type CheckInput, findRepetitions, nameOf, placeOf } from './input.ts';
import { everyObject } from './references.ts';

/** Files that sections and template overrides name, and the names of sections. */
export function checkFiles({ objects, broken, files }: CheckInput): PlumblineError[] {
  const problems: PlumblineError[] = [];
  const mustExist = (object: DesiredObject, file: string | undefined, path: ValuePath): void => {
    if (file === undefined || files.has(file)) return;
    const suggestion = nearest(file, files);
    problems.push(errors.MissingFile({ object: nameOf(object), path: formatPath(path), file, suggestion }, { at: object.locate(path) }));
  };

  const rests = broken.flatMap(({ rest }) => (rest ? [rest] : []));
  for (const owner of [...everyObject(objects), ...rests]) {
    if ('entriesFile' in owner.spec) mustExist(owner, owner.spec.entriesFile, ['spec', 'entriesFile']);
    if ('reservationsFile' in owner.spec) mustExist(owner, owner.spec.reservationsFile, ['spec', 'reservationsFile']);
    if (!('sections' in owner.spec)) continue;
    owner.spec.sections.forEach((section: Section, i: number) => {
      mustExist(owner, section.file, ['spec', 'sections', i, 'file']);
      mustExist(owner, section.template, ['spec', 'sections', i, 'template']);
    });
    if (!('templates' in owner.spec)) continue;
    for (const [name, file] of Object.entries(owner.spec.templates)) mustExist(owner, file, ['spec', 'templates', name]);
  }
  for (const device of objects.Device.values())
    problems.push(...checkSectionNames(device, objects.DeviceProfile.get(device.spec.profile ?? '')));
  return problems;
}

/** A device and its profile share one set of section names: the name is the owner in reports. */
function checkSectionNames(device: DesiredObject<'Device'>, profile: DesiredObject<'DeviceProfile'> | undefined): PlumblineError[] {
  const problems: PlumblineError[] = [];
  const sections = [profile, device].flatMap((object) =>
    object
      ? object.spec.sections.map(
          (section: Section, i: number) => [section.name, { object, path: ['spec', 'sections', i, 'name'] as ValuePath }] as const,
        )
      : [],
  );
  findRepetitions(sections, (again, first) => {
    // Two of one name inside a profile are found once per device that uses it: blame the profile only there.
    const at = again.object.locate(again.path);
    problems.push(errors.DuplicateEntry({ object: nameOf(again.object), what: 'the name of this section', where: placeOf(first) }, { at }));
  });
  return problems;
}
