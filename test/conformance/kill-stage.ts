import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { expect } from 'vitest';
import { edit, type Example, git, plumb, plumbPath, type Said, upExample } from '../lab/example-network.ts';
import { until } from '../lab/shell.ts';

/** Long enough to be probed, short enough to wait for: the least that apply accepts is 32 s. */
export const deadline = ['--deadline', '40'];

const router = 'edge1-fra';

interface Running {
  child: ChildProcess;
  /** Standard output and error so far. */
  said: () => string;
  /** In the moment in which it says this: some of them are short. */
  heard: (words: string) => Promise<void>;
  ended: Promise<number | string>;
}

/** A network of real routers on one of which a change is begun, and then something dies. */
export interface KillStage {
  example: Example;
  router: string;
  /** Configuration of the router as every test finds it. */
  old: string;
  running(): Promise<string>;
  plumb(...argv: string[]): Promise<Said>;
  verdict(): Promise<string>;
  /** Begins to apply a change of a description to these words. */
  begin(words: string): Running;
  isNew(config: string, words: string): boolean;
  /** What the next run makes of it: old or new, said as it is, and never anything between. */
  resolve(words: string): Promise<'old' | 'new'>;
  /** Back to where every test begins, through the front door: the router is changeable after whatever was done to it. */
  comeBack(): Promise<void>;
}

export async function openKillStage(prefix: string): Promise<KillStage> {
  const example = await upExample(`${prefix}${process.pid.toString(36)}`);
  const running = () => example.lab.vtysh(router, 'show running-config no-header');
  const run = (...argv: string[]) => plumb(example, argv);
  const verdict = async () => {
    const { stdout } = await run('drift', router, '-o', 'json');
    const { devices } = JSON.parse(stdout) as { devices: { verdict: string; reason?: string }[] };
    return devices[0]?.reason ?? devices[0]?.verdict ?? 'no verdict';
  };
  await until('a settled router', async () => (await verdict()) === 'InSync', 60_000);
  const old = await running();
  const isNew = (config: string, words: string) => config === old.replace(/(neighbor 192\.0\.2\.0 description ).*/, `$1${words}`);
  return {
    example,
    router,
    old,
    running,
    plumb: run,
    verdict,
    begin: (words) => begin(example, words),
    isNew,
    resolve: async (words) => {
      const next = await run('apply', router, '--yes', '--retry', ...deadline);
      expect([next.code, next.stdout, isNew(await running(), words)]).toEqual([
        0,
        expect.stringMatching(/Confirmed|Nothing to change/),
        true,
      ]);
      expect(await verdict()).toBe('InSync');
      return next.stdout.includes('Nothing to change') ? 'new' : 'old';
    },
    comeBack: async () => {
      await example.lab.freeDisk(router);
      await git(example, 'checkout', '-q', '.');
      if ((await running()) === old && (await verdict()) === 'InSync') return;
      const { code, stdout, stderr } = await run('apply', router, '--yes', '--retry', '--accept-unsaved', ...deadline);
      const now = [code, await running(), await verdict()];
      if (now[0] !== 0 || now[1] !== old || now[2] !== 'InSync')
        throw new Error(`the router did not come back: ${now.join('\n')}\n${stdout}${stderr}`);
    },
  };
}

function begin(example: Example, words: string): Running {
  edit(example, 'sessions/external.yaml', 'relationship: Transit', `relationship: Transit\n  description: ${words}`);
  const child = spawn(plumbPath, ['apply', router, '--yes', ...deadline], {
    cwd: example.repository,
    env: { ...process.env, PLUMB_STORE: example.store, PLUMB_SECRETS: example.secrets, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const news = new EventEmitter();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      news.emit('said');
    });
  const ended = new Promise<number | string>((resolve) => child.on('close', (code, signal) => resolve(code ?? signal ?? 'no code')));
  const heard = async (words: string) => {
    let isOver = false;
    void ended.then(() => news.emit('said', (isOver = true)));
    while (!said.includes(words)) {
      if (isOver) throw new Error(`plumb ended without a word of ${words}: ${said}`);
      await once(news, 'said');
    }
  };
  return { child, said: () => said, heard, ended };
}
