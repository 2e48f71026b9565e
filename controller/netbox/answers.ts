import type { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';
import { RetryAfter } from './retry-after.ts';

/** An answer that is no success. */
export interface Refusal {
  host: string;
  /** `PATCH dcim/devices`. */
  what: string;
  statusCode: number;
  contentType: string;
  text: string;
  location: string | string[] | undefined;
  retryAfter: string | string[] | undefined;
}

/** The errors of one row of a bulk write. `index` counts in what was sent; NetBox names changed rows by id. */
export interface RowFault {
  index?: number;
  id?: number;
  why: string;
}

/** A refusal keeps what NetBox said of each row (4.7 and later), so that one bad row need not block its neighbours. */
export class RefusedRows extends Error {
  readonly rows: readonly RowFault[];

  constructor(rows: readonly RowFault[]) {
    super('rows were refused');
    this.rows = rows;
  }
}

/** One answer of NetBox, or of a proxy in front of it, as an error of the catalogue. */
export function explainRefusal(refusal: Refusal): PlumblineError {
  const { host, what, statusCode, contentType, text } = refusal;
  const body = contentType.includes('json') ? tryParse(text) : undefined;
  const why = body === undefined ? `HTTP ${statusCode}${firstWords(text, contentType)}` : shorten(wordsOf(body));
  if (statusCode < 400) {
    return errors.NetBoxUnreadable({
      host,
      what,
      why: `it points to ${String(refusal.location)}: write the address that NetBox itself has`,
    });
  }
  switch (statusCode) {
    case 401:
      return errors.NetBoxAuthFailed({ host, why });
    case 403:
      // NetBox says 403 for a bad token too.
      return /permission/i.test(why) ? errors.NetBoxForbidden({ host, what, why }) : errors.NetBoxAuthFailed({ host, why });
    case 404:
      return errors.NetBoxLacks({ host, what });
    case 409:
      return errors.NetBoxInUse({ host, what, why });
    case 412:
      return errors.NetBoxChanged({ host, what });
    case 429:
      // Refused before anything was done, so a write may be sent again as well.
      return errors.NetBoxUnreachable(
        { host, why: 'it is asked too often (HTTP 429)' },
        { cause: new RetryAfter(waitOf(refusal.retryAfter)) },
      );
    case 400:
      return errors.NetBoxRejected({ host, what, why }, { cause: new RefusedRows(rowFaults(body)) });
    default:
      return unwell(refusal, why);
  }
}

/** A proxy that gave up may have handed the request on before: a write is then not known to be undone. */
function unwell({ host, what, statusCode, retryAfter }: Refusal, why: string): PlumblineError {
  if (statusCode < 500) return errors.NetBoxRejected({ host, what, why });
  if (what.startsWith('GET')) return errors.NetBoxUnreachable({ host, why }, { cause: new RetryAfter(waitOf(retryAfter)) });
  return errors.NetBoxOutcomeUnknown({ host, what, why });
}

/** Seconds, as servers under load write it. A date is not waited for. */
function waitOf(retryAfter: string | string[] | undefined): number | undefined {
  const seconds = Number(retryAfter);
  return retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** `{"detail", "errors": [{"index" or "id", "errors"}]}` of 4.7, or `[{}, {"slug": […]}]` of older ones. */
function rowFaults(body: unknown): RowFault[] {
  if (Array.isArray(body)) {
    if (!body.every((row) => typeof row === 'object')) return [];
    return body.flatMap((row: object, index) => (Object.keys(row).length === 0 ? [] : [{ index, why: shorten(wordsOf(row)) }]));
  }
  const rows = (body as { errors?: unknown } | undefined)?.errors;
  if (!Array.isArray(rows)) return [];
  return (rows as { index?: unknown; id?: unknown; errors?: unknown }[]).map(({ index, id, errors }) => ({
    ...(typeof index === 'number' && { index }),
    ...(typeof id === 'number' && { id }),
    why: shorten(wordsOf(errors)),
  }));
}

/** Errors of NetBox are lists and objects in each other: `site: This field is required.` */
function wordsOf(body: unknown): string {
  if (Array.isArray(body)) return [...new Set(body.map(wordsOf).filter((each) => each !== ''))].join('; ');
  if (typeof body !== 'object' || body === null) return String(body);
  const general = new Set(['detail', 'errors', '__all__', 'non_field_errors', 'index', 'id', 'error', 'exception']);
  return Object.entries(body)
    .filter(([name]) => name !== 'index' && name !== 'id' && name !== 'python_version' && name !== 'netbox_version')
    .map(([name, value]) => (general.has(name) ? wordsOf(value) : `${name}: ${wordsOf(value)}`))
    .filter((each) => each !== '')
    .join('; ');
}

/** A delete that is protected lists every object in the way: 11,000 names in one string were seen. */
function shorten(words: string): string {
  return words.length <= 400 ? words : `${words.slice(0, 400)} …`;
}

function firstWords(text: string, contentType: string): string {
  const plain = contentType.includes('html') ? /<title>([^<]*)<\/title>/i.exec(text)?.[1] : text;
  const line = plain?.trim().split('\n')[0]?.slice(0, 120) ?? '';
  return line === '' ? '' : `: ${line}`;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
