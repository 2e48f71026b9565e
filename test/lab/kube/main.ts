/** The API server by hand: node test/lab/kube/main.ts build | up | down [DIR] | status. What is started here stays until `down`. */
import { build } from './build.ts';
import { down, list, up } from './server.ts';

const [verb = '', ...words] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);

switch (verb) {
  case 'build':
    await build(print);
    break;
  case 'up': {
    const lab = await up({ keep: true, say: print });
    print(`export KUBECONFIG=${lab.kubeconfig()}`);
    await lab.close();
    break;
  }
  case 'down':
    for (const dir of words.length > 0 ? words : list()) await down(dir);
    break;
  case 'status':
    for (const dir of list()) print(dir);
    break;
  default:
    print('build | up | down [DIR] | status');
    process.exitCode = 2;
}
