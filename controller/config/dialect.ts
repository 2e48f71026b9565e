import type { PlannedCommand } from '../api/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import type { Builder } from './builder.ts';
import type { Change } from './compare.ts';
import type { Flat } from './flat.ts';
import type { Rule } from './rules.ts';
import type { Node, Tree } from './types.ts';
import type { Numbers } from './numbers.ts';

/**
 * What a platform's configuration language is, as data. A dialect holds sections; a section holds rows; a row knows one kind of line.
 *
 * Pattern of a row, word by word:
 * - `neighbor` a literal; `in|out` one of several literals
 * - `{peer}` one word that identifies the line; `{rest*}` the rest of the line, identifying
 * - `<asn>` one word of value; `<text*>` the rest of the line as value, possibly empty
 * `{peer:address}` one identifying word that is an IP address
 * Literals and `{…}` make the key of the line; `<…>` does not, so a line with another value overwrites.
 * A row without `<…>` is a member of a set: its key is the whole line.
 */
export interface Dialect {
  readonly platform: string;
  /** How text nests. `rows`: the rows say which section takes a line, indentation only helps (FRR). `indent`: indentation alone.
   *  `braces` and `set` are flattened to one line per leaf; commands are `set …` and `delete …`. */
  readonly syntax: 'rows' | 'indent' | 'braces' | 'set';
  /** Words that negate a line; the first one is what we write. */
  readonly negation: readonly string[];
  /** Printed before an added line (`set` of the set-line family); none elsewhere. */
  readonly assertion?: string;
  /** How comment lines begin. */
  readonly comments: readonly string[];
  /** A line that is nothing but this closes the blocks at its depth: what follows is outside, indented or not. */
  readonly separator?: string;
  /** Words that close a block, in text that we read. */
  readonly exits: readonly string[];
  /** What we print to close a block; a row's `close` wins. */
  readonly exit: string;
  /** Lines that make a device commit what it has gathered so far, and do nothing else. */
  readonly settle?: readonly string[];
  /** Words may be shortened as long as they mean one thing. */
  readonly abbreviates?: boolean;
  /** Text removed when a row says nothing: the whole line, or only its key. */
  readonly removal: 'line' | 'key';
  /** What a negated line means when its row says nothing: the device prints it, or it only deletes. */
  readonly negated: 'kept' | 'deletes';
  /** Rows of the outermost level are in `root`. A section without rows takes every line as a member of a set. */
  readonly sections: Readonly<Record<string, readonly Row[]>>;
  /** Rows that every section has, after its own. */
  readonly everywhere?: readonly Row[];
  /** Makes text regular before it is read: indentation that words imply, lines of another grammar. Keeps the number of lines. */
  readonly prepare?: (text: string) => string;
  /** `graph` (default): create, rebind, delete. `level`: section by section, in the order of `places`; `kinds`: so, and lines of one kind
   *  together; for devices that take a change as
   *  one commit, and for those who want commands in the order of another tool. */
  readonly arrange?: 'graph' | 'level' | 'kinds';
  readonly places?: readonly Place[];
  /** `braces` and `set`: how a change of one set of lines is said. */
  readonly flat?: Flat;
  /** Last word on the commands as they are sent: what the platform joins into one line, or wants after a change. */
  readonly phrase?: (commands: readonly PlannedCommand[], live: Tree, want: Tree) => PlannedCommand[];
  /** For a platform whose configuration is a document, not lines: how it becomes lines. */
  readonly structured?: Structured;
  /** Whole-tree work after the lines are read: sequence numbers, lines that live in another section, implied lines. */
  readonly finish?: readonly Finish[];
  /** The line of a device that its defaults follow from. It counts for a text that is for the device and does not say it. */
  readonly profile?: RegExp;
  /** Versions of the software that the normalisers were tried on. */
  readonly versions: readonly string[];
}

export interface Row {
  readonly match: string | readonly string[];
  /** The line opens a block; its lines follow the rows of this section. */
  readonly opens?: string;
  /** An empty block is the same as none: it comes with its first line and goes with its last. */
  readonly emptyIsAbsent?: boolean;
  /** Closes the block when printed. `''`: the platform has no word for it. */
  readonly close?: string;
  /** `opaque`: the text runs until the delimiter of the line comes again. `ordered`: the order of the lines inside matters and they carry
   *  no number. `whole`: sending the block replaces it. */
  readonly shape?: 'ordered' | 'whole' | 'opaque';
  /** Identity key, a template. Default: the literals and `{…}` of the pattern. */
  readonly key?: string;
  /** Lines inside are taken as they stand, in their order, and the same line may come twice. */
  readonly verbatim?: true;
  /** The line carries its place in an `ordered` block: a sequence number. Blocks with such lines only are compared line by line. */
  readonly numbered?: true;
  /** The value is a set of numbers that grows and shrinks. */
  readonly numbers?: Numbers;
  /** What removes the line, a template over the captures, `{line}` for the whole line. `null`: nothing can; a block is emptied. A function,
   *  where it depends on the words: several commands are lines of the answer. */
  readonly remove?: string | null | ((words: readonly string[]) => string | null);
  /** Beginnings of lines beside it that the device drops when this one comes, goes or changes. */
  readonly wipes?: readonly string[];
  /** A command, not configuration: it takes the line with this key away (template), or changes nothing (`''`). */
  readonly undoes?: string;
  /** The line says all of itself: nothing is put before it when it is sent. */
  readonly bare?: true;
  /** Taken back by itself, also where the line that carries its object goes. */
  readonly apart?: true;
  /** The negated line says what the device does anyway: when it goes, nothing is sent. */
  readonly fades?: true;
  /** Removing the line removes every line of its object, in every section of the object's scope. `last`: when no other line of the
   *  object that says so is left. */
  readonly cascades?: boolean | 'last';
  /** The device refuses the line while its object has no line that cascades. */
  readonly founded?: boolean | ((words: readonly string[]) => boolean);
  /** Another way to write the same line: words for the key, so that two ways are one line and the text stays as it was written. */
  readonly same?: (words: readonly string[]) => readonly string[];
  /** How a new value gets in. `overwrite` (default): send it. `recreate`: remove the old line first. `rebuild`: changing or removing
   *  the line costs the whole object, which is removed and built again. */
  readonly change?: 'overwrite' | 'recreate' | 'rebuild';
  /** Two lines of a section with the same slot cannot stand together: the old one goes before the new one comes. Template. */
  readonly slot?: string;
  /** When a removal happens: ahead of the whole change, before (default) or after the additions to the same section;
   *  `after` is make-before-break. */
  readonly removed?: 'first' | 'before' | 'after';
  /** The line outlives the section it stands in: it is taken back before the section goes. */
  readonly lingers?: boolean;
  /** The removal must be committed before anything is added again: the dialect's `settle` is printed in between. */
  readonly unsettles?: boolean;
  /** The device prints the negated form. Default: what the dialect says. */
  readonly negated?: 'kept' | 'deletes';
  /** The device does it unless told otherwise: it prints only the negated form, and the plain form is the same as no line. */
  readonly defaultOn?: boolean;
  /** The same where it depends on other lines or on the version: the form that says what the device does there anyway is not printed. */
  readonly on?: (words: readonly string[], around: Around, version: string) => boolean;
  /** What the line, coming or going, makes of other lines, beyond its object: for the simulator. */
  readonly aftermath?: (block: Around, edit: Edit, line: { readonly words: readonly string[]; readonly changed: boolean }) => void;
  /** The named object the line belongs to (template), and the section that holds the object; default: the section of the row. */
  readonly object?: string;
  readonly scope?: string;
  /** Template: the object that the line's object is a member of; members go with it. */
  readonly joins?: string;
  /** Several owners may write lines of the object: a neighbor that an object of Git makes, and a section says more of. */
  readonly shared?: true;
  /** Lets routes in or out, or stops them all: one of nobody in a section that Git uses is reported like a neighbor of nobody. */
  readonly traffic?: true;
  /** Words for people: it moves nothing, whoever wrote it. */
  readonly remark?: true;
  /** Names of objects that the line brings into being or needs, `KIND NAME` templates. A name that holds `{scope}` is local to the scope. */
  readonly defines?: string | readonly string[];
  readonly uses?: string | readonly string[];
  /** Place among the sections when several change: small first for what is made, last for what is removed. Default 50. */
  readonly order?: number;
  /** The same for removals that happen ahead of everything. Default: `order`. */
  readonly undoOrder?: number;
  /** Name of the capture that is a secret. */
  readonly secret?: string;
  readonly effect?: RowEffect;
  /** Where the line really lives: section lines, as templates, under the section it was written in. */
  readonly into?: readonly string[];
  /** The line names the lines beside it in their order. Where others are named beside those of Git, only the order of these counts. */
  readonly woven?: true;
  /** True: the engine never removes it, even when the intended text is meant to be the whole configuration. */
  readonly keep?: boolean;
  /** Canonical words of the line, or null when the line says what the device does anyway and does not print. */
  readonly normal?: (words: readonly string[], facts: NormalFacts) => readonly string[] | null;
}

/** Whether the device holds such a line whatever is said: nothing takes it away. */
export function isPermanent({ keep, remove, emptyIsAbsent }: Row): boolean {
  return keep === true || (remove === null && !emptyIsAbsent);
}

/** Reads documents and writes their canonical lines. */
export interface Structured {
  /** False: the text is canonical lines already. */
  readonly isDocument: (text: string) => boolean;
  /** `placed`: somebody asks where things stand. `strict`: for every mistake. */
  readonly open: (
    text: string,
    options: {
      readonly file?: string;
      readonly placed: boolean;
      readonly strict: boolean;
      readonly onComment?: (said: string, line: number) => void;
    },
  ) => Document;
  /** The same for a document that was read already. */
  readonly wrap: (value: unknown) => Document;
  /** Changes as people count them: one for one thing that somebody did. */
  readonly countedOnce: (changes: readonly Change[], live: Tree, want: readonly Node[]) => readonly Change[];
  /** Values under the keys that hold secrets, by the place of their text: from the quote that opens it to the one that closes it. */
  readonly secrets: (
    text: string,
  ) => readonly { readonly start: number; readonly end: number; readonly value: string; readonly line: number }[];
}

export interface Document {
  /** Version of the software that wrote it, as far as it shows. */
  readonly version: string | undefined;
  readonly problems: readonly PlumblineError[];
  /**
   * Puts its lines into the tree; what holds no configuration is a problem. `like`: what an id is taken from where none is said. `onTwice` is told
   * of a value that stands in two places of the text.
   */
  readonly write: (
    builder: Builder,
    facts: {
      readonly version: string;
      readonly like: readonly Node[] | undefined;
      readonly onTwice: ((item: string, first: number, second: number) => void) | undefined;
    },
  ) => readonly PlumblineError[];
}

/**
 * What a change of the line costs.
 * none | soft (routes are exchanged again, no session drops) | reset (the session of `{peer}`) | reset-all, reset-ibgp, reset-ebgp (of the
 * instance) | later (accepted, has no effect until the session is reset) | clear (needs a clear by hand).
 */
export type RowEffect = 'none' | 'soft' | 'reset' | 'reset-all' | 'reset-ibgp' | 'reset-ebgp' | 'later' | 'clear';

/** A block as a row's function sees it. */
export interface Around {
  /** The line that opens the block; empty outside all. */
  readonly text: string;
  readonly around: Around | undefined;
  /** The line with this key, as it stands now. */
  lineOf(key: string): string | undefined;
  lines(): Iterable<string>;
  /** The block that this line opens here. */
  inside(key: string): Around | undefined;
}

/** How an aftermath changes lines in the block, or under a section of it. */
export interface Edit {
  put(sections: readonly string[], text: string): void;
  drop(sections: readonly string[], key: string): void;
}

export interface NormalFacts {
  readonly version: string;
  /** Section lines around the line, outermost first. */
  readonly path: readonly string[];
  readonly negated: boolean;
}

/** One pass over the whole tree, in place. */
export type Finish = (roots: Draft, facts: { readonly version: string; readonly place: Put }) => void;

/** A node that is still being built. */
export interface Draft {
  text: string;
  key: string;
  children: Draft[];
  line: number;
  cuts?: readonly number[];
  rule: Rule;
}

/** Puts a line into the block as the parser would, and gives the node; undefined when the line vanished in normalisation. */
export type Put = (block: Draft, text: string, line: number, path: readonly string[]) => Draft | undefined;

/**
 * Where lines stand among each other, by the beginning of the line (`*` one word, `a|b` either); the best match wins, lines without a place come
 * first, or where `...` stands. `-vlan` is the place of what
 * removes vlan lines, `+vlan` of what brings them, `=vlan` gives no place, only the places inside; removals without one go in the opposite order, ahead of everything. An entry with
 * entries of its own says so for the lines inside. Several may stand in one string, parted by `; `.
 */
export type Place = string | readonly [string, readonly Place[]];
