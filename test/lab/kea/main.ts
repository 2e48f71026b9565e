/**
 * The Kea lab by hand: node test/lab/kea/main.ts up SPEC.json | down [PREFIX] | status | ask PREFIX SERVER dhcp4|dhcp6 COMMAND [ARGUMENTS]
 * SPEC.json is a KeaSpec; a lab that is built here stays until `down`.
 */
import { readFileSync } from 'node:fs';
import { attach, down, type JsonMap, type KeaSpec, list, type Service, up, whyNot } from './index.ts';

const [verb = '', ...words] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);

switch (verb) {
  case 'up': {
    const missing = whyNot();
    if (missing !== undefined) throw new Error(`no lab here: ${missing}`);
    const spec = JSON.parse(readFileSync(words[0] ?? '', 'utf8')) as KeaSpec;
    const { facts } = await up({ ...spec, keep: true });
    print(`${facts.prefix} stands; ${facts.dir}/lab.json describes it`);
    for (const { name, url, user } of Object.values(facts.servers)) print(`  ${name.padEnd(16)} ${url} as ${user}`);
    break;
  }
  case 'down':
    for (const prefix of words.length > 0 ? words : list()) await down(prefix);
    break;
  case 'status':
    for (const prefix of list()) print(prefix);
    break;
  case 'ask': {
    const [prefix = '', server = '', service = '', command = '', args = '{}'] = words;
    print(JSON.stringify(await attach(prefix).command(server, service as Service, command, JSON.parse(args) as JsonMap), null, 2));
    break;
  }
  default:
    print('up SPEC.json | down [PREFIX] | status | ask PREFIX SERVER dhcp4|dhcp6 COMMAND [ARGUMENTS]');
    process.exitCode = 2;
}
