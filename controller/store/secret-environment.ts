import { errors } from './errors.ts';
import { readSecretValue } from './secret-value.ts';
import { readRules } from './secret-rules.ts';
import { type SecretSource, variableOf } from './secret-request.ts';

/** `PLUMB_SECRET_<NAME>_<KEY>` holds the value, the same with `_USE` at the end who may use it. */
export function readSecretEnvironment(environment: Readonly<Record<string, string | undefined>>): SecretSource {
  const askedAs = new Map<string, string>();
  return ({ name, key }, multiline) => {
    const variable = variableOf({ name, key });
    const ref = `${name}/${key}`;
    const value = environment[variable];
    // A name that ends in _USE is the rule of another secret, never a value.
    if (value === undefined || variable.endsWith('_USE')) return undefined;

    const other = askedAs.get(variable) ?? ref;
    if (other !== ref) return { problem: errors.SecretNameClash({ ref, other, variable }) };
    askedAs.set(variable, ref);

    const rules = environment[`${variable}_USE`];
    return {
      answer: readSecretValue(value, { ref, multiline, where: `variable ${variable}` }),
      rules: rules === undefined ? undefined : readRules(rules),
      where: `variable ${variable}_USE`,
    };
  };
}
