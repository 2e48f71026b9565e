import { kindNames, selects } from '../../api/index.ts';
import { isSecretName } from '../issues.ts';
import { errors } from './errors.ts';
import { nameOf } from './input.ts';
import { between, type Rule, within } from './rule.ts';

/** Selectors that select something. */
const checkSelectors = between({ Device: 'all', ReconcilePolicy: 'all', ChangeWindow: 'all' }, ({ objects, unread }) => {
  // A device that cannot be read may carry the label.
  if (!unread.isEmpty) return [];
  const devices = [...objects.Device.values()];
  return [...objects.ReconcilePolicy.values(), ...objects.ChangeWindow.values()].flatMap((rule) =>
    devices.some((device) => selects(rule.spec.selector, device.metadata.labels))
      ? []
      : [errors.SelectsNothing({ object: nameOf(rule) }, { at: rule.locate(['spec', 'selector']) })],
  );
});

/** No secrets in labels and annotations. */
const findSecrets = within(kindNames, (object) =>
  (['labels', 'annotations'] as const).flatMap((list) =>
    Object.keys(object.metadata[list])
      .filter((key) => isSecretName(key.split('/').at(-1)))
      .map((key) => {
        const facts = { object: nameOf(object), key: `metadata.${list}.${key}` };
        return errors.SecretInMetadata(facts, { at: object.locate(['metadata', list, key]) });
      }),
  ),
);

export const checkMetadata: readonly Rule[] = [checkSelectors, findSecrets];
