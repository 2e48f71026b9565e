import { isMap, type JsonValue } from '../../config/index.ts';
import type { Spec } from '../found.ts';
import { number, type Take, takeField, takeMembers, text, texts } from './take.ts';

/** What stands in servers, classes, subnets, pools and reservations alike. */

export function takeOptions(take: Take): void {
  takeMembers(take, 'options', 'option-data', ({ left, spec }) => {
    const { name, code, space, data, 'csv-format': csv, 'always-send': always, 'never-send': never } = left;
    if (typeof name === 'string' && name !== '') spec['name'] = name;
    else if (typeof code === 'number') spec['code'] = code;
    else return undefined;
    if (typeof space === 'string' && space !== '' && space !== 'dhcp4' && space !== 'dhcp6') spec['space'] = space;
    if (typeof data === 'string' && data !== '') spec['data'] = csv === false ? data.replace(/^0x/i, '') : data;
    if (csv === false && spec['data'] !== undefined) spec['hex'] = true;
    if (always === true) spec['alwaysSend'] = true;
    if (never === true) spec['neverSend'] = true;
    for (const key of ['name', 'code', 'space', 'data', 'csv-format', 'always-send', 'never-send']) delete left[key];
    return 'whole';
  });
}

export function takeClasses(take: Take): void {
  takeField(take, 'clientClass', ['client-class', 'client-classes'], (value) =>
    Array.isArray(value) ? (value.length === 1 ? text(value[0] ?? '') : undefined) : text(value),
  );
  takeField(take, 'additionalClasses', ['require-client-classes', 'evaluate-additional-classes'], texts);
}

const lifetimes = {
  validSeconds: 'valid-lifetime',
  minValidSeconds: 'min-valid-lifetime',
  maxValidSeconds: 'max-valid-lifetime',
  preferredSeconds: 'preferred-lifetime',
  minPreferredSeconds: 'min-preferred-lifetime',
  maxPreferredSeconds: 'max-preferred-lifetime',
  renewSeconds: 'renew-timer',
  rebindSeconds: 'rebind-timer',
};

export function takeLifetimes(take: Take): void {
  const spec: Spec = {};
  const inner: Take = { ...take, spec, path: take.path === '' ? 'lifetimes' : `${take.path}.lifetimes` };
  for (const [field, key] of Object.entries(lifetimes)) takeField(inner, field, [key], number);
  if (Object.keys(spec).length > 0) take.spec['lifetimes'] = spec;
}

/** Fields of a DHCPv4 message. */
export function takeBoot(take: Take): void {
  if (take.unit.startsWith('Dhcp6')) return;
  takeField(take, 'nextServer', ['next-server'], text);
  takeField(take, 'serverName', ['server-hostname'], text);
  takeField(take, 'bootFile', ['boot-file-name'], text);
}

/** The map under a key with nothing in it but these keys. */
export function onlyKeys(value: JsonValue, ...keys: string[]): Record<string, JsonValue> | undefined {
  return isMap(value) && Object.keys(value).every((key) => keys.includes(key)) ? value : undefined;
}
