import type { Around, Row } from '../../dialect.ts';

type Aftermath = NonNullable<Row['aftermath']>;

/** Whether a neighbor carries a family without being told to: FRR prints only what differs from this. */
export function isActiveByDefault(words: readonly string[], family: Around): boolean {
  const [, peer = ''] = words;
  const instance = family.around;
  if (!instance) return false;
  const group = groupOf(peer, instance);
  if (group === undefined) return isDefaultFamily(family.text, instance);
  const said = family.lineOf(`neighbor ${group} activate`);
  return said === undefined ? isDefaultFamily(family.text, instance) : !said.startsWith('no ');
}

function groupOf(peer: string, instance: Around): string | undefined {
  const words = (instance.lineOf(`neighbor ${peer} member`) ?? instance.lineOf(`neighbor ${peer} interface`))?.split(' ') ?? [];
  const at = words.indexOf('peer-group');
  return at < 0 ? undefined : words[at + 1];
}

function isDefaultFamily(opener: string, instance: Around): boolean {
  const [, afi = '', safi = ''] = opener.split(' ');
  if (afi === 'ipv4' && safi === 'unicast') return instance.lineOf('bgp default ipv4-unicast') === undefined;
  return instance.lineOf(`bgp default ${afi}-${safi}`) !== undefined;
}

/**
 * `bgp default FAMILY` is for neighbors to come: those that are there stay as they are, and are printed anew, because what goes without
 * saying has changed.
 */
export function keepActivations(family: string): Aftermath {
  const section = `address-family ${family.replace('-', ' ')}`;
  return (instance, edit, { changed }) => {
    if (!changed) return;
    const inside = instance.inside(section);
    const isNowOn = isDefaultFamily(section, instance);
    const seen = new Set<string>();
    for (const line of instance.lines()) {
      const [word, peer = '', what = ''] = line.split(' ');
      if (word !== 'neighbor' || !['remote-as', 'peer-group', 'interface'].includes(what)) continue;
      if (seen.has(peer) || groupOf(peer, instance) !== undefined) continue;
      seen.add(peer);
      const key = `neighbor ${peer} activate`;
      const said = inside?.lineOf(key);
      if (said === undefined) edit.put([section], isNowOn ? `no ${key}` : key);
      else if (said.startsWith('no ') !== isNowOn) edit.drop([section], key);
    }
  };
}

/** What is said of a group is said of its members, whatever they had been told. */
export const followGroup: Aftermath = (family, edit, { words: [, group = ''] }) => {
  const instance = family.around;
  if (instance?.lineOf(`neighbor ${group} peer-group`) === undefined) return;
  for (const line of family.lines()) {
    const [, peer = '', what] = line.replace(/^no /, '').split(' ');
    if (what === 'activate' && groupOf(peer, instance) === group) edit.drop([], `neighbor ${peer} activate`);
  }
};
