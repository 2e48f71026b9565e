/** NetBox by hand: node test/lab/netbox/main.ts install | up | down [DIR] | reset [DIR] | url | token | regen | status. What is started here stays until `down`. */
import { install } from './build.ts';
import { adminToken, attach, down, list, regenerate, up } from './server.ts';

const [verb = '', ...words] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);
const chosen = () => (words.length > 0 ? words : list());

switch (verb) {
  case 'install':
    print((await install(print)).python);
    break;
  case 'up': {
    const { dir, url, token } = await up({ keep: true, say: print });
    print(`${dir}\nexport PLUMB_NETBOX_URL=${url} PLUMB_NETBOX_TOKEN=${token}`);
    break;
  }
  case 'down':
    for (const dir of chosen()) await down(dir);
    break;
  case 'reset':
    for (const dir of chosen()) await attach(dir).reset();
    break;
  case 'url':
    for (const dir of chosen()) print(attach(dir).url);
    break;
  case 'token':
    print(adminToken);
    break;
  case 'regen':
    await regenerate(print);
    break;
  case 'status':
    for (const dir of list()) print(dir);
    break;
  default:
    print('install | up | down [DIR] | reset [DIR] | url | token | regen | status');
    process.exitCode = 2;
}
