// Asks one address over and over, on kept connections where the server keeps them, as fast as answers come: `node http-load.child.ts JSON`; tells the count and the last status as JSON.
import { connect, type Socket } from 'node:net';
import type { Load, Loaded } from './http-load.ts';

const { url, connections, ms, headers } = JSON.parse(process.argv[2] ?? '') as Load;
const { hostname, port, pathname, search } = new URL(url);
const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
const question = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${lines.join('')}\r\n`;
const end = performance.now() + ms;
const loaded: { -readonly [Key in keyof Loaded]: Loaded[Key] } = { answers: 0, bytes: 0, status: 0, ms: 0 };

/** Reads heads and lengths alone: whoever asks must not be slower than whoever answers. */
function ask(socket: Socket, done: () => void): void {
  let head = '';
  let missing = -1;
  let isLast = false;
  const over = (): void => {
    loaded.answers += 1;
    missing = -1;
    const isOver = performance.now() >= end;
    if (!isOver && !isLast) {
      socket.write(question);
      return;
    }
    socket.destroy();
    if (isOver) done();
    else open(done);
  };
  socket.on('data', (chunk) => {
    loaded.bytes += chunk.length;
    if (missing >= 0) missing -= chunk.length;
    else {
      head += chunk.toString('latin1');
      const at = head.indexOf('\r\n\r\n');
      if (at < 0) return;
      loaded.status = Number(head.slice(9, 12));
      isLast = /^HTTP\/1\.0|\r\nconnection: close/i.test(head.slice(0, at + 2));
      const length = Number(
        /\r\ncontent-length: (\d+)/i.exec(head.slice(0, at + 2))?.[1] ?? (loaded.status === 304 ? 0 : Number.NaN),
      );
      if (Number.isNaN(length)) throw new Error(`an answer without a length: ${head.slice(0, at)}`);
      missing = length - (head.length - at - 4);
      head = '';
    }
    if (missing === 0) over();
  });
  socket.on('error', (error) => {
    throw error;
  });
  socket.write(question);
}

function open(done: () => void): void {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => ask(socket, done));
}

const began = performance.now();
await Promise.all(
  Array.from({ length: connections }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    open(resolve);
    return promise;
  }),
);
loaded.ms = performance.now() - began;
console.log(JSON.stringify(loaded));
