import type { CheckedState } from '../api/index.ts';
import { nearest, type PlumblineError } from '../lib/index.ts';
import { readBuiltinTemplates, templatesAmong } from '../render/index.ts';
import { errors } from './errors.ts';

/** Templates of the repository that would change nothing: most of all those whose name was mistyped. */
export function checkTemplates({ objects, files }: CheckedState): readonly PlumblineError[] {
  const builtin = readBuiltinTemplates();
  const own = templatesAmong(files);
  const replaceable = new Set([...builtin, ...own].map(({ name }) => name));
  const profiles = [...objects.DeviceProfile.values()];

  const idle = profiles.flatMap((profile) => {
    const { platform, templates } = profile.spec;
    const known = builtin.flatMap(({ name }) => (name.startsWith(`${platform}/`) ? name.slice(platform.length + 1) : []));
    return Object.keys(templates)
      .filter((name) => !replaceable.has(name.startsWith(`${platform}/`) ? name : `${platform}/${name}`))
      .map((name) =>
        errors.TemplateReplacesNothing(
          { object: `DeviceProfile/${profile.metadata.name}`, name, near: nearest(name, known), known: known.join(', ') },
          { at: profile.locate(['spec', 'templates', name]) },
        ),
      );
  });

  const sections = [...objects.Device.values(), ...profiles].flatMap(({ spec }) => spec.sections);
  const named = new Set([...sections.map(({ template }) => template), ...profiles.flatMap(({ spec }) => Object.values(spec.templates))]);
  const unused = own.filter(
    ({ name, file }) =>
      !builtin.some((each) => each.name === name) &&
      !named.has(file) &&
      !own.some((each) => each.file !== file && each.text.includes(name)),
  );
  return [
    ...idle,
    ...unused.map(({ name, file }) => {
      const near = nearest(
        name,
        builtin.map((each) => each.name),
      );
      return errors.UnusedTemplate({ near: near && `templates/${near}` }, { at: { file, line: 1, col: 1 } });
    }),
  ];
}
