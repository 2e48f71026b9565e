import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { openTerminal, printRecord } from './terminal.ts';

const hasScript = spawnSync('script', ['--version']).status === 0;

/** Asks on a terminal of its own, made by `script`, and presses keys when the question stands there. */
function askWith(keys: string, options = ''): Promise<string> {
  const program = `
    const { openTerminal } = await import(${JSON.stringify(new URL('./terminal.ts', import.meta.url).href)});
    console.log('answered', String(await openTerminal({ color: false, ${options} }).confirm('Apply?')));
    process.stdin.unref();`;
  const quoted = [process.execPath, '--input-type=module', '-e', program].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['-qec', quoted, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
  return new Promise((resolve, reject) => {
    let said = '';
    let pressed = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (pressed || !said.includes('Type yes to go on')) return;
      pressed = true;
      child.stdin.write(keys);
    });
    child.on('error', reject).on('close', () => resolve(/answered (\w+)/.exec(said)?.[1] ?? said));
  });
}

describe.skipIf(!hasScript)('a question on a terminal', () => {
  it.each([
    { keys: 'yes\r', what: 'yes', answer: 'true' },
    { keys: ' yes \r', what: 'yes with blanks', answer: 'true' },
    { keys: 'y\r', what: 'y alone', answer: 'false' },
    { keys: '\r', what: 'an empty line', answer: 'false' },
    { keys: '\u0003', what: 'Ctrl-C', answer: 'false' },
    { keys: '\u0004', what: 'Ctrl-D', answer: 'false' },
  ])('takes $what for $answer', async ({ keys, answer }) => expect(await askWith(keys)).toBe(answer));
});

it.skipIf(!hasScript)('takes a question back when the command is told to end', async () => {
  expect(await askWith('', 'signal: AbortSignal.timeout(200)')).toBe('false');
});

it('takes silence for a no when nobody can answer', async () => {
  expect(await openTerminal({ color: false }).confirm('Apply?')).toBe(false);
});

it('prints JSON and YAML of the same record, without what is undefined', () => {
  const record = { device: 'edge1-fra', verdict: 'InSync', reason: undefined };
  expect(printRecord(record, 'json')).toBe('{\n  "device": "edge1-fra",\n  "verdict": "InSync"\n}\n');
  expect(printRecord(record, 'yaml')).toBe('device: edge1-fra\nverdict: InSync\n');
});
