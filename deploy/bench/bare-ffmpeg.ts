// ffmpeg by itself on the same film, as a baseline: when its first key frame came out of its pipe.
import { spawn } from 'node:child_process';
import { keyFrames } from './key-frames.ts';
import type { Arrival } from './stream-viewer.ts';

export type BareRun = {
  /** ms from the spawn to the first byte. */
  readonly firstMs: number;
  /** ms to the last byte of the first key frame. */
  readonly keyMs: number;
};

const LIMIT_MS = 20_000;
/** A key frame is whole when something follows it. */
const ENOUGH = 2;

/** `headers` go before the first `-i` of the list. Ended as soon as the figures are there. */
export async function bareFfmpeg(args: readonly string[], headers: Readonly<Record<string, string>>): Promise<BareRun> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const at = args.indexOf('-i');
  const askedAt = performance.now();
  const child = spawn('ffmpeg', [...args.slice(0, at), '-headers', lines.join(''), ...args.slice(at)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const arrivals: Arrival[] = [];
  let body = Buffer.alloc(0);
  for await (const piece of child.stdout) {
    body = Buffer.concat([body, piece as Buffer]);
    arrivals.push({ at: performance.now(), bytes: body.length });
    if (arrivals.length >= ENOUGH && keyFrames(body).length > 0) break;
  }
  clearTimeout(limit);
  child.kill('SIGKILL');
  const to = keyFrames(body)[0]?.to ?? Number.POSITIVE_INFINITY;
  const whole = arrivals.find(({ bytes }) => bytes >= to)?.at ?? Number.NaN;
  return { firstMs: (arrivals[0]?.at ?? Number.NaN) - askedAt, keyMs: whole - askedAt };
}
