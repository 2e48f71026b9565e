import { readFileSync } from 'node:fs';

/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  word: string;
  text: string;
}

export interface Stage {
  /** The image it starts from. */
  from: string;
  name: string;
  instructions: Instruction[];
}

/** Reads what our Dockerfile uses of the language; throws for the rest, so that nothing is passed over. */
export function readDockerfile(path: string): Stage[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, word = '', text = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (!known.has(word)) throw new Error(`the test does not know this instruction: ${line}`);
    if (word === 'FROM') {
      const [from = '', , name = `${stages.length}`] = text.split(/ +/);
      stages.push({ from, name, instructions: [] });
    } else stages.at(-1)?.instructions.push({ word, text });
  }
  return stages;
}

const known: ReadonlySet<string> = new Set(['FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'ENV', 'EXPOSE', 'ENTRYPOINT', 'CMD']);

/** True for a path of the repository that a build gets to see. The last pattern that matches decides, as in .dockerignore. */
export function readDockerignore(path: string): (file: string) => boolean {
  const patterns = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const keeps = line.startsWith('!');
      const glob = keeps ? line.slice(1) : line;
      const source = glob.replaceAll('.', '\\.').replaceAll(/\*\*\/|\*/g, (star) => (star === '*' ? '[^/]*' : '(.*/)?'));
      return { keeps, expression: new RegExp(`^${source}(/|$)`) };
    });
  return (file) => patterns.findLast(({ expression }) => expression.test(file))?.keeps ?? true;
}
