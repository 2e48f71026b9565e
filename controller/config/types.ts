import type { Dialect } from './dialect.ts';
import type { Rule } from './rules.ts';

/** A line of configuration and what is inside it. Text is canonical and masked; white space is folded, no indentation. */
export interface Node {
  readonly text: string;
  /** Identity among its siblings: same key, same thing, perhaps with another value. Readable: it is the line without its values. */
  readonly key: string;
  readonly children: readonly Node[];
  /** 1-based line in the text it was parsed from; 0 for a node made by the engine. */
  readonly line: number;
  /** Where the blocks around it end, in words: for a line that was flattened from braces. */
  readonly cuts?: readonly number[];
  /** Simulated: a negated line was taken back by its plain form, of which we do not know whether the device prints it. */
  readonly lifted?: true;
  /** The dialect row that knows this line, compiled. */
  readonly rule: Rule;
}

export interface Tree {
  readonly platform: string;
  readonly version: string;
  readonly dialect: Dialect;
  readonly roots: readonly Node[];
  /** Of a text in Git: keys of the items that it says although they go without saying. They are no nodes, and yet Git's. */
  readonly implied?: ReadonlySet<string>;
}

/** An owned unit of configuration: a line with its identity key under its section path. */
export interface Item {
  /** Section keys and line key, joined with ` > `. Stable while only values change. */
  readonly key: string;
  /** Section lines from the outside in, as they stand in the text. */
  readonly path: readonly string[];
  readonly text: string;
  /** Key of the named object the line belongs to (a route-map with all its terms, a neighbor with its lines in every family). */
  readonly object?: string;
  /** Words for people: it moves nothing, whoever wrote it. */
  readonly remark?: true;
}

export const keySeparator = ' > ';
