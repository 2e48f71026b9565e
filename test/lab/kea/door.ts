/**
 * Lets a namespace reach what listens outside of it. Started inside: node door.ts PORT PATH. What is accepted on 127.0.0.1:PORT goes on to the unix
 * socket PATH, which namespaces do not part.
 */
import { connect, createServer } from 'node:net';

const [port = '0', path = ''] = process.argv.slice(2);

createServer((inside) => {
  const outside = connect(path);
  inside.pipe(outside).pipe(inside);
  inside.on('error', () => outside.destroy()).on('close', () => outside.destroy());
  outside.on('error', () => inside.destroy()).on('close', () => inside.destroy());
}).listen(Number(port), '127.0.0.1');
