import type { ExitCode } from './exit-code.ts';
import type { OutputFormat, Terminal } from './terminal.ts';

/** What every command gets beside its own options. */
export interface Context {
  terminal: Terminal;
  signal: AbortSignal;
  done: (code: ExitCode) => void;
  /** Options that stand on the command line, in their long form. */
  typed: readonly string[];
}

/** Where the desired state is read from. */
export interface SourceOptions {
  source: string;
  rev?: string;
}

/** Which devices a command is about. No name and no selector: all. */
export interface SelectionOptions {
  selector?: string;
}

/** What it takes to reach devices and to remember them. */
export interface FleetOptions {
  store?: string;
  secrets?: string;
  versionKey?: string;
  timeout: number;
}

export interface FormatOptions {
  output: OutputFormat;
}
