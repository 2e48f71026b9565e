import { anyKindNames, apiVersion, type Kind, kindNames, type ValuePath } from '../api/index.ts';
import { nearest, type PlumblineError, type Position } from '../lib/index.ts';
import { errors } from './errors.ts';
import { describeValue, listWords, shorten } from './words.ts';

/** What other tools and people call the things that our kinds hold. */
const otherWords: Readonly<Record<string, Kind>> = {
  router: 'Device',
  switch: 'Device',
  host: 'Device',
  profile: 'DeviceProfile',
  neighbor: 'BGPSession',
  bgpneighbor: 'BGPSession',
  bgppeer: 'BGPSession',
  peer: 'BGPSession',
  peering: 'BGPSession',
  session: 'BGPSession',
  neighborgroup: 'PeerGroup',
  peertemplate: 'PeerGroup',
  routemap: 'RoutePolicy',
  policy: 'RoutePolicy',
  prefixlist: 'PrefixSet',
  communitylist: 'CommunitySet',
  aspathlist: 'ASPathSet',
  aspathaccesslist: 'ASPathSet',
  window: 'ChangeWindow',
  maintenancewindow: 'ChangeWindow',
  freeze: 'ChangeWindow',
  changefreeze: 'ChangeWindow',
};

const versionHint = `Write apiVersion: ${apiVersion}. Files of other tools belong into a folder whose name begins with a dot, or into another repository.`;

/** The kind of a document; undefined, with a problem, when it has none that stands in Git. */
export function readKind(value: unknown, locate: Locate, problems: PlumblineError[]): Kind | undefined {
  if (typeof value !== 'object' || Array.isArray(value) || value === null) {
    const hint = `Every document begins with apiVersion: ${apiVersion} and kind: one of ${listWords(kindNames)}.`;
    const what = `the document is ${describeValue(value)}, not an object`;
    return void problems.push(errors.UnknownKind({ what, hint }, { at: locate([]) }));
  }
  const fields = value as Record<string, unknown>;
  if (fields['apiVersion'] !== apiVersion) return void problems.push(explainField('apiVersion', fields, versionHint, locate));
  const { kind } = fields;
  const known = kindNames.find((name) => name === kind);
  if (known === undefined) problems.push(explainField('kind', fields, kindHint(kind), locate));
  return known;
}

type Locate = (path: ValuePath, key?: boolean) => Position;

function kindHint(kind: unknown): string {
  return anyKindNames.some((name) => name === kind)
    ? 'Remove it here and apply it to the cluster; in Git it could widen its own rights.'
    : `Write one of ${listWords(kindNames)}.`;
}

function explainField(field: 'apiVersion' | 'kind', fields: Record<string, unknown>, hint: string, locate: Locate): PlumblineError {
  const found = fields[field];
  if (found !== undefined) {
    const what = field === 'kind' ? describeKind(found) : `apiVersion is ${describeValue(found)}`;
    return errors.UnknownKind({ what, hint }, { at: locate([field]) });
  }
  const meant = nearest(
    field,
    Object.keys(fields).filter((key) => key !== 'metadata' && key !== 'spec' && key !== 'apiVersion' && key !== 'kind'),
  );
  if (meant === undefined) return errors.UnknownKind({ what: `${field} is missing`, hint }, { at: locate([]) });
  return errors.UnknownKind({ what: `${shorten(meant)} is not a field, did you mean ${field}?`, hint }, { at: locate([meant], true) });
}

function describeKind(kind: unknown): string {
  if (typeof kind !== 'string') return `kind is ${describeValue(kind)}`;
  if (anyKindNames.some((name) => name === kind)) return `kind ${kind} stands in the cluster, not in Git`;
  const bare = kind.toLowerCase().replace(/[^a-z]/g, '');
  const suggestion = nearest(kind, kindNames) ?? (Object.hasOwn(otherWords, bare) ? otherWords[bare] : undefined);
  return `kind ${describeValue(kind)} does not exist${suggestion ? `, did you mean ${suggestion}?` : ''}`;
}
