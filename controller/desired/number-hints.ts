import type { z } from 'zod';
import { Asn } from '../api/index.ts';

/** What to write where a number was meant, from what stands there: the source text, without quotes. Undefined when it says nothing. */
export function numberHint(source: string, schema: z.core.$ZodType | undefined): string | undefined {
  const text = source.trim();
  if (isAsn(schema)) {
    const asdot = asdotValue(text);
    if (asdot !== undefined) return `Write ${asdot}: AS numbers stand here in plain decimal, not with a dot.`;
    const [, digits] = /^as ?([0-9]+)$/i.exec(text) ?? [];
    if (digits !== undefined) return `Write the number alone: ${digits}.`;
  }
  if (/^[0-9]{1,15}$/.test(text)) return `Write it without quotes: ${text}.`;
  if (/^[0-9]{1,3}([_, ][0-9]{3})+$/.test(text)) return `Write the digits without signs between them: ${text.replace(/[_, ]/g, '')}.`;
  const [, amount] = /^([0-9]{1,10}) ?(?:s|sec|secs|seconds|%)$/i.exec(text) ?? [];
  return amount === undefined ? undefined : `Write the number alone: ${amount}.`;
}

/** RFC 5396: an AS number as two halves with a dot. YAML makes a fraction of them, so that 1.10 and 1.100 would be one number. */
export function asdotValue(text: string): number | undefined {
  const [, high, low] = /^([0-9]{1,5})\.([0-9]{1,5})$/.exec(text) ?? [];
  if (high === undefined || low === undefined || Number(high) > 65_535 || Number(low) > 65_535) return undefined;
  return Number(high) * 65_536 + Number(low);
}

/** A description makes a copy of a schema; the definition inside stays the same object. */
function isAsn(schema: z.core.$ZodType | undefined): boolean {
  return schema?._zod.def === Asn._zod.def;
}
