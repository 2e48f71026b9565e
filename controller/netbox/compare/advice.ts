import type { NetBoxObject, RecordAdvice } from '../../api/index.ts';
import { type Kind, resources } from '../resources.ts';
import type { Assertion } from './asserted.ts';
import type { Extra } from './compare.ts';
import type { Reason } from './judge.ts';

/** Why, and the safe next action: in words, and as a command where there is one. */
interface Said {
  why: string;
  next: RecordAdvice;
}

/** For one field. */
export function adviseField({ owner, source }: Assertion, field: string, reason: Reason): Said {
  const [kind, device = ''] = owner.split('/');
  const place = `${source.file}:${source.line}`;
  const on = kind === 'Device' ? ` ${device}` : '';
  switch (reason) {
    case 'NetBoxStale':
      return {
        why: 'Git and the device agree, NetBox says something else',
        next: { words: 'Write it into NetBox; nothing is sent to the device', command: `plumb netbox record${on}` },
      };
    case 'OnlyGitSays':
      return {
        why: `Git and NetBox disagree, and the device does not tell its ${field}`,
        next: { words: `Write it into NetBox where Git is right; otherwise correct ${place}`, command: `plumb netbox record${on}` },
      };
    case 'Elsewhere':
      return {
        why: 'NetBox has it on another device, and this one does not tell whether it holds it',
        next: { words: `Take it off the other device in NetBox where that is wrong; otherwise correct ${place}` },
      };
    case 'DeviceMoved':
      return {
        why: 'somebody changed the device and recorded it in NetBox, and Git does not know',
        next: {
          words: `Write it into Git at ${place} where it is right; otherwise put the device back, and then NetBox`,
          command: `plumb why ${device}`,
        },
      };
    case 'ThreeWords':
      return {
        why: 'Git, NetBox and the device say three different things',
        next: { words: 'Find out which is right. Settle Git and the device first, NetBox follows', command: `plumb why ${device}` },
      };
    case 'NotRead':
      return {
        why: 'Git and NetBox disagree, and the device was not read',
        next: { words: 'Nothing is written until the device says which of them is right', command: `plumb drift ${device}` },
      };
    case 'NeverAdopted':
      return {
        why: 'NetBox and the device agree against Git, and the device was never seen equal to Git: nobody knows who moved',
        next: { words: 'Write into Git what the device has right, then adopt', command: `plumb adopt ${device}` },
      };
    case 'Same':
    case 'NotAsserted':
    case 'RolloutAhead':
      return { why: 'NetBox is what it should be', next: { words: 'Nothing to do' } };
  }
}

export function adviseMissing({ owner, kind, makeNeeds }: Assertion): Said {
  const [ownerKind, device = ''] = owner.split('/');
  const { word } = resources[kind];
  const why = `NetBox has no such ${word}`;
  if (makeNeeds !== undefined) return { why, next: { words: `Make it in NetBox; or let Git say what it takes to make it: ${makeNeeds}` } };
  const command = ownerKind === 'Device' ? `plumb netbox record ${device}` : 'plumb netbox record';
  return { why, next: { words: 'Let it be made in NetBox', command } };
}

/** For what is not there, nor its site. */
export function adviseUnseen({ kind }: Assertion, site: string): Said {
  return {
    why: `NetBox shows no such ${resources[kind].word}, nor site ${site}: it has none, or the token may not see it`,
    next: { words: `Give the token the right to view site ${site} and what is in it, or make the site in NetBox` },
  };
}

/** For what NetBox has as objects of their own that Plumbline does not write. */
export function adviseByHand({ source }: Assertion): Said {
  return {
    why: 'Git and NetBox disagree',
    next: { words: `Change it in NetBox by hand where Git is right; otherwise correct ${source.file}:${source.line}` },
  };
}

/** For what only a list can tell that the token may not view. */
export function adviseForbidden(list: Kind): Said {
  const { word, path, model } = resources[list];
  return {
    why: `the token may not view ${path} of NetBox, so nobody knows what it holds`,
    next: { words: `Give the token the right to view ${model} (${word}) without constraints; all else is compared` },
  };
}

export function adviseDuplicates({ kind }: Assertion, objects: readonly NetBoxObject[]): Said {
  const ids = objects.map(({ id }) => id).join(', ');
  return {
    why: `NetBox holds it ${objects.length} times: ${resources[kind].word} ${ids}`,
    next: { words: 'Nobody can say which is meant, so none of them is written. Delete all but one in NetBox' },
  };
}

export function adviseExtra(extra: Extra): Said {
  const { assertion, object, judged } = extra;
  const place = `${assertion.source.file}:${assertion.source.line}`;
  if (judged.reason !== 'NetBoxStale' && judged.reason !== 'OnlyGitSays') return adviseField(assertion, 'addresses', judged.reason);
  const why =
    judged.reason === 'NetBoxStale'
      ? 'neither Git nor the device has this address'
      : 'Git does not list this address, and the device does not tell';
  if (object.plumblineId !== undefined) {
    const command = `plumb netbox record ${assertion.owner.split('/')[1] ?? ''} --delete`;
    return { why, next: { words: 'Plumbline made it. Let it be deleted, or list it in Git again', command } };
  }
  return { why, next: { words: `Delete it in NetBox, or list it in Git at ${place}; Plumbline deletes only what it made` } };
}
