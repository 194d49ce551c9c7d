// Sends hooks on kept connections, each as soon as the one before it was answered: `node hook-load.child.ts JSON`; tells counts and times as JSON.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { HookLoad, HooksSent } from './hook-load.ts';

const { url, secret, connections, file, userId, itemIds, hooks } = JSON.parse(process.argv[2] ?? '') as HookLoad;
const { hostname, port, pathname } = new URL(url);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as { readonly body: Readonly<Record<string, unknown>> };
const times: number[] = [];
const statuses = new Map<number, number>();
let next = 0;

/** As the plugin would say it now: the recorded one, about another film, at this moment. */
function hook(): string | null {
  const n = next;
  next += 1;
  if (n >= hooks) return null;
  const said = { Favorite: false, PlaybackPositionTicks: (n + 1) * 10_000_000, SaveReason: 'PlaybackProgress' };
  const body = JSON.stringify({
    ...recorded.body,
    ...said,
    UserId: userId,
    ItemId: itemIds[n % itemIds.length],
    Name: `Film ${n % itemIds.length}`,
    UtcTimestamp: new Date().toISOString(),
  });
  return `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nX-Headgate-Secret: ${secret}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function send(socket: Socket, done: () => void): void {
  let at = 0;
  let head = '';
  const one = (): void => {
    const text = hook();
    if (text === null) {
      socket.destroy();
      done();
      return;
    }
    at = performance.now();
    head = '';
    socket.write(text);
  };
  socket.on('data', (chunk) => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head.slice(0, end + 2))?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) throw new Error(`an answer without a length: ${head.slice(0, end)}`);
    if (head.length - end - 4 < length) return;
    times.push(performance.now() - at);
    const status = Number(head.slice(9, 12));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    one();
  });
  socket.on('error', (error) => {
    throw error;
  });
  one();
}

const began = performance.now();
await Promise.all(
  Array.from({ length: connections }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => send(socket, resolve));
    return promise;
  }),
);
const sorted = times.toSorted((a, b) => a - b);
const sent: HooksSent = {
  ms: performance.now() - began,
  taken: statuses.get(200) ?? 0,
  refused: times.length - (statuses.get(200) ?? 0),
  p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN,
};
console.log(JSON.stringify(sent));
