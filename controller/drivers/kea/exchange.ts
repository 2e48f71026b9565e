import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { parseAddress, type Clock } from '../../lib/index.ts';
import type { KeaExchange } from '../contract.ts';

const tries = 3;
/** Two servers that share the load share the clients: each of several asks for itself. */
const clients = 4;
const tryMs = 1_000;

/** The last that asked from an address: both servers of a pair are asked at once, and one port has one owner. */
const turns = new Map<string, Promise<unknown>>();

/**
 * Asks for an address as a relay would for one of its clients, and takes none: DHCPv4 discover and offer, DHCPv6 solicit and advertise. Undefined when
 * one was offered, else why not. The ports of relays are privileged: without that right nothing can be asked, and that is said.
 */
export async function findUnanswered(exchange: KeaExchange, clock: Clock, signal: AbortSignal): Promise<string | undefined> {
  const key = `${exchange.service} ${exchange.from}`;
  const mine = (turns.get(key) ?? Promise.resolve()).then(() => ask(exchange, clock, signal));
  const turn = mine.catch(() => undefined);
  turns.set(key, turn);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === turn) turns.delete(key);
  }
}

async function ask(exchange: KeaExchange, clock: Clock, signal: AbortSignal): Promise<string | undefined> {
  const messages = Array.from({ length: clients }, () => (exchange.service === 'dhcp4' ? discover(exchange.from) : solicit(exchange.from)));
  const [theirs, ours] = exchange.service === 'dhcp4' ? [67, 67] : [547, 547];
  const socket = createSocket({ type: exchange.service === 'dhcp4' ? 'udp4' : 'udp6' });
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  try {
    return await new Promise<string | undefined>((resolve) => {
      socket.on('error', (error) => resolve(`no exchange from ${exchange.from}: ${error.message}`));
      socket.on('message', (answer) => {
        if (messages.some((message) => isOffer(exchange, message, answer))) resolve(undefined);
      });
      socket.bind(ours, exchange.from, () => {
        void (async () => {
          for (let i = 0; i < tries && !stop.aborted; i++) {
            for (const { bytes } of messages) socket.send(bytes, theirs, exchange.to);
            await clock.sleep(tryMs, stop).catch(() => undefined);
          }
          resolve(`nobody was offered an address: ${exchange.to} did not answer ${tries} times, asked from ${exchange.from}`);
        })();
      });
    });
  } finally {
    // A closed socket that is asked to send once more would end the process.
    over.abort();
    socket.close();
  }
}

interface Message {
  bytes: Buffer;
  id: Buffer;
}

/** BOOTP with the relay's address in it; the server answers to that. */
function discover(from: string): Message {
  const id = randomBytes(4);
  const bytes = Buffer.alloc(240);
  bytes.set([1, 1, 6, 1]); // request, Ethernet, six bytes of address, one hop
  id.copy(bytes, 4);
  bytes.set(from.split('.').map(Number), 24);
  bytes.set(client(), 28);
  bytes.set([0x63, 0x82, 0x53, 0x63], 236);
  const options = [53, 1, 1, 55, 3, 1, 3, 51, 255];
  return { bytes: Buffer.concat([bytes, Buffer.from(options)]), id };
}

/** RELAY-FORW around a SOLICIT for one address. */
function solicit(from: string): Message {
  const id = randomBytes(3);
  const duid = Buffer.concat([Buffer.from([0, 3, 0, 1]), client()]);
  const association = Buffer.concat([randomBytes(4), Buffer.alloc(8)]);
  const inner = Buffer.concat([Buffer.from([1]), id, option6(1, duid), option6(3, association), option6(8, Buffer.alloc(2))]);
  const peer = Buffer.concat([Buffer.from('fe80000000000000', 'hex'), Buffer.from([0, 0, 0, 0xff, 0xfe, 0, 0, 1])]);
  return { bytes: Buffer.concat([Buffer.from([12, 0]), toBytes(from), peer, option6(9, inner)]), id };
}

function option6(code: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(data.length, 2);
  return Buffer.concat([head, data]);
}

/** A locally administered hardware address that no client has. */
function client(): Buffer {
  return Buffer.concat([Buffer.from([0x02, 0x70, 0x6c]), randomBytes(3)]);
}

function toBytes(address: string): Buffer {
  const hex = (parseAddress(address)?.value ?? 0n).toString(16).padStart(32, '0');
  return Buffer.from(hex, 'hex');
}

function isOffer({ service }: KeaExchange, { id }: Message, answer: Buffer): boolean {
  if (service === 'dhcp4') {
    // A reply with our number that offers an address; message type 2 in the options.
    return (
      answer.length > 243 &&
      answer[0] === 2 &&
      answer.subarray(4, 8).equals(id) &&
      answer.readUInt32BE(16) !== 0 &&
      answer.includes(Buffer.from([53, 1, 2]), 240)
    );
  }
  const inner = innerOf(answer);
  // ADVERTISE with an address in it (option 5, 24 bytes).
  return inner !== undefined && inner[0] === 2 && inner.subarray(1, 4).equals(id) && inner.includes(Buffer.from([0, 5, 0, 24]));
}

/** The message in a RELAY-REPL. */
function innerOf(answer: Buffer): Buffer | undefined {
  if (answer[0] !== 13) return undefined;
  for (let at = 34; at + 4 <= answer.length; ) {
    const [code, length] = [answer.readUInt16BE(at), answer.readUInt16BE(at + 2)];
    if (code === 9) return answer.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}
