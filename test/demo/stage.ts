/** How a demo tells its story: a title for each step, each command as a user would type it with what it says, and a check of what came of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Example, plumb, type Said } from '../lab/example-network.ts';

const color = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
const started = Date.now();

export type Step<Place> = readonly [title: string, run: (place: Place) => Promise<void>];

/** Plays the steps; one that does not end as told ends the story with its error. */
export async function playSteps<Place>(steps: readonly Step<Place>[], place: Place): Promise<void> {
  for (const [index, [title, play]] of steps.entries()) {
    say(`\n${bold(`${index + 1}. ${title}`)}`);
    await play(place);
  }
  say(`\n${bold(`Done in ${seconds()} s:`)} ${steps.length} of ${steps.length} steps ended as they should.`);
}

/** Runs `plumb` before everybody's eyes; throws when it ends with another code than expected. */
export async function run(example: Pick<Example, 'repository' | 'secrets' | 'store'>, expected: number, ...argv: string[]): Promise<Said> {
  say(`\n  ${bold(`$ plumb ${argv.join(' ')}`)}`);
  const said = await plumb(example, argv, { onLine: (line) => line !== '' && say(faint(`    ${line}`)) });
  if (said.code !== expected) throw new Error(`plumb ${argv.join(' ')} ended with ${said.code}, expected ${expected}`);
  return said;
}

export function tellFailure(error: unknown): void {
  say(`\n${bold('The demo failed:')} ${error instanceof Error ? error.message : String(error)}`);
}

export async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 180_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`${what}: not within 3 minutes`);
    await delay(500);
  }
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function bold(text: string): string {
  return color ? `\u001b[1m${text}\u001b[0m` : text;
}

function faint(text: string): string {
  return color ? `\u001b[90m${text}\u001b[0m` : text;
}

/** Since the demo began. */
export function seconds(): number {
  return Math.round((Date.now() - started) / 1000);
}
