/**
 * The lab by hand: node test/lab/main.ts up SPEC.json | down [PREFIX] | status | vtysh PREFIX ROUTER LINE…
 * SPEC.json is a LabSpec; a lab that is built here stays until `down`.
 */
import { readFileSync } from 'node:fs';
import { attach, down, type LabSpec, list, up, whyNot } from './frr.ts';

const [verb = '', ...words] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);

switch (verb) {
  case 'up': {
    const missing = whyNot();
    if (missing !== undefined) throw new Error(`no lab here: ${missing}`);
    const spec = JSON.parse(readFileSync(words[0] ?? '', 'utf8')) as LabSpec;
    const { facts } = await up({ ...spec, keep: true });
    print(`${facts.prefix} stands; ${facts.dir}/lab.json describes it`);
    for (const { name, port } of Object.values(facts.routers)) {
      if (port !== undefined) print(`  ${name.padEnd(16)} ssh -i ${facts.users.human.key} -p ${port} ${facts.users.human.user}@127.0.0.1`);
    }
    break;
  }
  case 'down':
    for (const prefix of words.length > 0 ? words : list()) await down(prefix);
    break;
  case 'status':
    for (const prefix of list()) print(prefix);
    break;
  case 'vtysh': {
    const [prefix = '', router = '', ...lines] = words;
    process.stdout.write(await attach(prefix).vtysh(router, ...lines));
    break;
  }
  default:
    print('up SPEC.json | down [PREFIX] | status | vtysh PREFIX ROUTER LINE…');
    process.exitCode = 2;
}
