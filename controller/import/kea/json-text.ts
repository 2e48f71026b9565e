import { isMap, type JsonValue } from '../../config/index.ts';

const width = 120;

/** JSON as people write it: what is short stands on one line. No two braces stand together, so that it may be a template. */
export function writeJson(value: JsonValue, indent = ''): string {
  const short = oneLine(value);
  if (indent !== '' && short.length + indent.length <= width) return short;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((each) => inner + writeJson(each, inner)).join(',\n')}\n${indent}]`;
  if (!isMap(value)) return short;
  const lines = Object.entries(value).map(([key, each]) => `${inner}${JSON.stringify(key)}: ${writeJson(each, inner)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function oneLine(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${oneLine(each)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
