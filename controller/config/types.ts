/** A line of configuration and what is inside it. Text is canonical and masked; white space is folded, no indentation. */
export interface Node {
  readonly text: string;
  /** Identity among its siblings: same key, same thing, perhaps with another value. */
  readonly key: string;
  readonly children: readonly Node[];
  /** 1-based line in the text it was parsed from; 0 for a node made by the engine. */
  readonly line: number;
}

export interface Tree {
  readonly platform: string;
  readonly version: string;
  readonly roots: readonly Node[];
}
