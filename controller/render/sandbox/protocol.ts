import type { Fault } from './strict-runtime.ts';

/** Parent to child: template code, sent once per child and key. */
export interface KeepTemplate {
  type: 'template';
  /** Digest of the source and the name it answers to. */
  key: string;
  name: string;
  source: string;
}

/** Parent to child: one render. `input` is the JSON text of a RenderInput. */
export interface RunRender {
  type: 'render';
  id: number;
  /** Keys of the templates that the render may use. */
  templates: readonly string[];
  input: string;
  limitMs: number;
}

export type ToChild = KeepTemplate | RunRender;

/** Child to parent. Nothing in it is believed before `readReply` looked at it. */
export type Reply =
  | { id: number; ended: 'text'; text: string; tookMs: number }
  | { id: number; ended: 'fault'; fault: Fault; tookMs: number }
  | { id: number; ended: 'timeout' };

/** A reply in its exact shape, or undefined: a child that was taken over can send anything. */
export function readReply(message: unknown): Reply | undefined {
  if (!isRecord(message) || typeof message['id'] !== 'number') return undefined;
  const { id, ended } = message;
  if (ended === 'timeout') return { id, ended };
  if (ended !== 'output' || typeof message['output'] !== 'string') return undefined;
  const tookMs = count(message['tookMs']);
  const output = parseJson(message['output']);
  if (!isRecord(output)) return undefined;
  if (output['ok'] === true && typeof output['text'] === 'string') return { id, ended: 'text', text: output['text'], tookMs };
  const fault = readFault(output['fault']);
  return fault === undefined ? undefined : { id, ended: 'fault', fault, tookMs };
}

function readFault(value: unknown): Fault | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, template, line, col, expression, says, path, known } = value;
  if (kind !== 'UnknownName' && kind !== 'BadValue' && kind !== 'Failed' && kind !== 'TooLarge') return undefined;
  return {
    kind,
    template: plainText(template),
    line: count(line),
    col: count(col),
    expression: plainText(expression),
    says: plainText(says),
    path: plainText(path),
    known: Array.isArray(known) ? known.slice(0, 200).map(plainText) : [],
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Printable text of at most 500 characters: it ends up on terminals. */
function plainText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 500).replaceAll(/\p{Cc}/gu, ' ') : '';
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 1;
}
