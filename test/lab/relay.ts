/**
 * The loopback door. Started inside the lab's management namespace with listening sockets of the outside as fd 3, 4, …:
 * what is accepted outside goes to a router's sshd inside. `doors.json` is read again for every connection, so that
 * a test can swap two routers behind one address.
 */
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';

const [doorsPath = '', count = '0'] = process.argv.slice(2);

for (let door = 0; door < Number(count); door++) {
  createServer((outside) => {
    const addresses = JSON.parse(readFileSync(doorsPath, 'utf8')) as string[];
    const inside = connect({ host: addresses[door] ?? '', port: 22 });
    outside.pipe(inside).pipe(outside);
    outside.on('error', () => inside.destroy()).on('close', () => inside.destroy());
    inside.on('error', () => outside.destroy()).on('close', () => outside.destroy());
  }).listen({ fd: 3 + door });
}
