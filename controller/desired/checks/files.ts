import type { DesiredObject, Section, ValuePath } from '../../api/index.ts';
import { nearest, type PlumblineError } from '../../lib/index.ts';
import { formatPath } from '../words.ts';
import { errors } from './errors.ts';
import { findRepetitions, nameOf, placeOf } from './input.ts';
import { between, ofLoad, type Rule, type SeenObject } from './rule.ts';

/** Kinds that name files. */
const owning = ['Device', 'DeviceProfile', 'PrefixSet', 'DHCPSubnet'] as const;

/** Files that sections, template overrides and lists name. */
const checkPaths = ofLoad(({ objects, broken, files }) => {
  const problems: PlumblineError[] = [];
  const mustExist = (object: DesiredObject, file: string | undefined, path: ValuePath): void => {
    if (file === undefined || files.has(file)) return;
    const suggestion = nearest(file, files);
    problems.push(errors.MissingFile({ object: nameOf(object), path: formatPath(path), file, suggestion }, { at: object.locate(path) }));
  };

  const rests = broken.flatMap(({ rest }) => (rest ? [rest] : []));
  for (const owner of [...owning.flatMap((kind): DesiredObject[] => [...objects[kind].values()]), ...rests]) {
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
  return problems;
});

const sees = { Device: ['profile', 'sections'], DeviceProfile: ['sections'] } as const;

/** Names of sections. */
const checkSections = between(sees, ({ objects: { Device, DeviceProfile } }) =>
  [...Device.values()].flatMap((device) => checkSectionNames(device, DeviceProfile.get(device.spec.profile ?? ''))),
);

export const checkFiles: readonly Rule[] = [checkPaths, checkSections];

/** A device and its profile share one set of section names: the name is the owner in reports. */
function checkSectionNames(
  device: SeenObject<'Device', typeof sees.Device>,
  profile: SeenObject<'DeviceProfile', typeof sees.DeviceProfile> | undefined,
): PlumblineError[] {
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
