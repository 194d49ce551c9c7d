// Sends hooks on kept connections, each as soon as the one before it was answered: `node hook-load.child.ts JSON`; tells counts and times as JSON.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { HookLoad, HooksSent } from './hook-load.ts';

const { url, secret, connections, file, userId, itemIds, hooks } = JSON.parse(process.argv[2] ?? '') as HookLoad;
const { hostname, port, pathname } = new URL(url);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as { readonly body: Readonly<Record<string, unknown>> };
const counted = { next: 0, taken: 0, refused: 0 };

/** As the plugin would say it now: the recorded one, about another film, at this moment. */
function hook(): string | null {
  const n = counted.next;
  counted.next += 1;
  if (n >= hooks) return null;
  const body = JSON.stringify({
    ...recorded.body,
    ...{ Favorite: false, PlaybackPositionTicks: (n + 1) * 10_000_000, SaveReason: 'PlaybackProgress' },
    UserId: userId,
    ItemId: itemIds[n % itemIds.length],
    Name: `Film ${n % itemIds.length}`,
    UtcTimestamp: new Date().toISOString(),
  });
  return `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nX-Headgate-Secret: ${secret}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Answers with what each of its hooks waited, ms. */
async function send(): Promise<readonly number[]> {
  const { promise, resolve } = Promise.withResolvers<readonly number[]>();
  const times: number[] = [];
  let at = 0;
  let head = '';
  const socket = connect({ host: hostname, port: Number(port), noDelay: true }, one);
  function one(): void {
    const text = hook();
    if (text === null) {
      socket.destroy();
      resolve(times);
      return;
    }
    at = performance.now();
    head = '';
    socket.write(text);
  }
  socket.on('data', (chunk) => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head.slice(0, end + 2))?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) throw new Error(`an answer without a length: ${head.slice(0, end)}`);
    if (head.length - end - 4 < length) return;
    times.push(performance.now() - at);
    if (head.startsWith('HTTP/1.1 200')) counted.taken += 1;
    else counted.refused += 1;
    one();
  });
  socket.on('error', (error) => {
    throw error;
  });
  return await promise;
}

const began = performance.now();
const times = (await Promise.all(Array.from({ length: connections }, send))).flat();
const ms = performance.now() - began;
const p99Ms = times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? Number.NaN;
const sent: HooksSent = { ms, taken: counted.taken, refused: counted.refused, p99Ms };
console.log(JSON.stringify(sent));
