/**
 * config: configuration text as a tree. parse → compare → plan → print, and simulate to prove it. Pure: no I/O, no clock.
 * Knows lines and sections, not what BGP means. A platform's habits are rows in `dialects/`; what a row may say stands at `Dialect`.
 */
export { runBatchLine } from './batch.ts';
export { type Dialect, type Row, type RowEffect } from './dialect.ts';
export { dialectFor, platforms } from './dialects/index.ts';
export { errors } from './errors.ts';
export { type Intended, type Owner, parseIntended } from './intended.ts';
export { editJson } from './kea/edit.ts';
export { isMap, type JsonMap, type JsonValue, mapsIn, textOf } from './kea/json.ts';
export { readServers, type ServerFound } from './kea/read.ts';
export { listItems } from './names.ts';
export { classify, type Ownership } from './ownership.ts';
export { parse, parseDocument, type ParseOptions } from './parse.ts';
export { type Patch, planPatch, type PlanOptions } from './plan.ts';
export { printNative } from './native.ts';
export { print } from './print.ts';
export { type FoundSecret, redact } from './secrets.ts';
export { simulate } from './simulate.ts';
export { diffText, phraseCommands, printCommands } from './text.ts';
export { type Item, type Node, type Tree } from './types.ts';
