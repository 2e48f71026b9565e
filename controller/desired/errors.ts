import { defineErrors } from '../lib/index.ts';

/** A value of an object: `BGPSession/core-fra: spec.type`. */
export interface Place {
  object: string;
  path: string;
}

const at = ({ object, path }: Place): string => (path === '' ? object : `${object}: ${path}`);

/** `, did you mean X?` or nothing. */
export const orSuggest = (suggestion: string | undefined): string => (suggestion === undefined ? '' : `, did you mean ${suggestion}?`);

/** What can be wrong with a source, a file, a document or the shape of an object. Semantic rules: `checks/errors.ts`. */
export const errors = defineErrors({
  /** The folder or repository to read does not exist or cannot be read. Nothing was loaded. */
  SourceNotFound: {
    message: (f: { source: string; reason: string }) => `${f.source}: ${f.reason}`,
    next: 'Name an existing folder with desired state, or a revision of a Git repository that holds it.',
  },
  /** A revision name that Git does not know, or that does not look like one. */
  RevisionNotFound: {
    message: (f: { revision: string; reason: string }) => `revision ${f.revision}: ${f.reason}`,
    next: 'Name a branch, a tag or a commit of the repository, for example main or HEAD~1.',
  },
  /** Git stopped before everything was read. An incomplete read is never taken for a small repository. */
  SourceUnreadable: {
    retry: 'backoff',
    message: (f: { source: string; reason: string }) => `${f.source}: ${f.reason}`,
    next: 'Look at the repository with git fsck, or at the rights of the folder, and try again.',
  },
  /** The time limit passed before everything was read and checked. */
  CheckTooLong: {
    message: (f: { seconds: number; done: string }) => `checking stopped after ${f.seconds} s, ${f.done}`,
    next: 'Split the repository, or remove generated files from it.',
  },
  FileTooLarge: {
    message: (f: { bytes: number; limit: number }) => `the file has ${f.bytes} bytes, more than ${f.limit}`,
    next: 'Split it into several files; any number of objects and any layout will do.',
  },
  SourceTooLarge: {
    message: (f: { what: string; limit: number }) => `the repository holds more than ${f.limit} ${f.what}`,
    next: 'Keep only desired state in this folder, or give each region a repository of its own.',
  },
  FileUnreadable: {
    message: (f: { reason: string }) => `the file cannot be read: ${f.reason}`,
    next: 'Make it a regular file that this user may read.',
  },
  FileNameRefused: {
    message: (f: { name: string }) => `the file name ${f.name} holds control characters or a backslash`,
    next: 'Rename the file: letters, digits, dots, hyphens and underscores.',
  },
  NotUTF8: {
    message: (f: { byte: string }) => `the file is not UTF-8: byte ${f.byte}`,
    next: 'Save it as UTF-8 text.',
  },
  LinkRefused: {
    message: (f: { target: string }) => `the symbolic link leads out of the tree, to ${f.target}`,
    next: 'Put a regular file in its place: only what stands in the repository is read.',
  },

  YAMLSyntax: {
    message: (f: { what: string }) => f.what,
    next: (f: { hint: string }) => f.hint,
  },
  YAMLTooDeep: {
    message: (f: { limit: number }) => `lists and maps stand inside each other more than ${f.limit} levels deep`,
    next: 'No kind needs that; look for a bracket that was not closed.',
  },
  YAMLTooLarge: {
    message: (f: { what: string; limit: number }) => `more than ${f.limit} ${f.what}`,
    next: 'Split the file, and write values out instead of repeating them by alias.',
  },
  YAMLFeature: {
    message: (f: { what: string }) => f.what,
    next: (f: { hint: string }) => f.hint,
  },
  DuplicateKey: {
    message: (f: { key: string; first: string }) => `the key ${f.key} stands here a second time; the first is at ${f.first}`,
    next: 'Keep one of the two: which one counts differs from reader to reader.',
  },
  UnclearNumber: {
    message: (f: { text: string; why: string }) => `${f.text} ${f.why}`,
    next: (f: { hint: string }) => f.hint,
  },

  UnknownKind: {
    message: (f: { what: string }) => f.what,
    next: (f: { hint: string }) => f.hint,
  },
  UnknownField: {
    message: (f: Place & { suggestion: string | undefined }) => `${at(f)} is not a field${orSuggest(f.suggestion)}`,
    next: (f: { allowed: string; elsewhere: string }) => `${f.elsewhere}${f.elsewhere === '' ? 'W' : 'w'}rite one of ${f.allowed}.`,
  },
  MissingField: {
    message: (f: Place & { parent: string }) => `${at(f)} is missing`,
    next: (f: { description: string }) => `Add it. ${f.description}`,
  },
  WrongType: {
    message: (f: Place & { found: string; expected: string }) => `${at(f)} is ${f.found}, expected ${f.expected}`,
    next: (f: { hint: string }) => f.hint,
  },
  WrongValue: {
    message: (f: Place & { found: string; suggestion: string | undefined }) => `${at(f)} is ${f.found}${orSuggest(f.suggestion)}`,
    next: (f: { hint: string }) => f.hint,
  },
  FieldsDisagree: {
    message: (f: Place & { why: string }) => `${at(f)}: ${f.why}`,
    next: (f: { hint: string }) => f.hint,
  },
  ClearTextSecret: {
    message: (f: Place) => `${at(f)} holds what looks like a secret in clear text`,
    next: (f: { hint: string }) => f.hint,
  },
  /** A line of an `entriesFile` that is no entry. */
  WrongEntry: {
    message: (f: { object: string; found: string }) => `${f.object}: ${f.found} is no entry`,
    next: (f: { hint: string }) => f.hint,
  },
  /** Stands at the last problem shown of a file that has more. */
  MoreProblems: {
    message: (f: { count: number }) => `${f.count} more problems in this file are not shown`,
    next: 'Correct those above first; many have one cause.',
  },
  DuplicateObject: {
    message: (f: { object: string; first: string }) => `${f.object} is defined a second time; the first is at ${f.first}`,
    next: 'Rename or remove one of the two.',
  },
});
