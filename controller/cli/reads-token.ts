import { errors } from './errors.ts';

const shortest = 24;

/** The token with which an operator gives the last reads away; undefined: it does not. Throws TokenTooShort. */
export function readsToken(environment: NodeJS.ProcessEnv): string | undefined {
  const token = environment['PLUMB_READS_TOKEN'];
  if (token === undefined || token === '') return undefined;
  if (token.length < shortest) throw errors.TokenTooShort({ variable: 'PLUMB_READS_TOKEN', shortest });
  return token;
}
