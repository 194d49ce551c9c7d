// A program that publishes channels on loopback, for the simulator's tests: playlist, guide, and MPEG-TS out of real ffmpeg at real speed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export type Upstream = AsyncDisposable & {
  readonly url: string;
  /** `METHOD PATH AGENT`. */
  readonly asked: string[];
  /** Streams that flow now, by path. */
  flowing(path: string): number;
  /** What the next request for a path meets. */
  behave(path: string, how: 'silent' | 'empty' | 'short' | 'broken'): void;
  playlist: string;
  guide: string;
};

/** 4 s of a picture of that size. */
function clip(width: number, height: number): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'live-upstream-'));
  const file = join(folder, 'clip.ts');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=${width}x${height}:r=25:d=4`, '-f', 'lavfi', '-i', 'sine=r=48000:d=4'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-profile:v', 'baseline', '-level', '3.0', '-pix_fmt', 'yuv420p', '-g', '25'],
    ...['-c:a', 'aac', '-ac', '1', '-f', 'mpegts', file],
  ]);
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true });
  return bytes;
}

/** Whole at once, then its tail again every 50 ms, so that a stream never ends by itself. */
export async function openUpstream(sizes: Readonly<Record<string, readonly [width: number, height: number]>>): Promise<Upstream> {
  const made = new Map<string, Buffer>();
  const once = (width: number, height: number) => {
    const bytes = made.get(`${width}x${height}`) ?? clip(width, height);
    made.set(`${width}x${height}`, bytes);
    return bytes;
  };
  const clips = new Map(Object.entries(sizes).map(([path, [width, height]]) => [path, once(width, height)]));
  const asked: string[] = [];
  const flowing = new Map<string, number>();
  const odd = new Map<string, string>();
  const stream = (path: string, bytes: Buffer, response: ServerResponse): unknown => {
    const how = odd.get(path);
    odd.delete(path);
    if (how === 'silent') return null;
    if (how === 'broken') return response.writeHead(502).end('<html>Bad Gateway</html>');
    response.writeHead(200, { 'Content-Type': 'video/mp2t' });
    if (how === 'empty') return response.end();
    if (how === 'short') return response.end(bytes.subarray(0, 188 * 100));
    flowing.set(path, (flowing.get(path) ?? 0) + 1);
    response.write(bytes);
    const timer = setInterval(() => response.write(bytes.subarray(-188 * 10)), 50);
    return response.once('close', () => {
      clearInterval(timer);
      flowing.set(path, (flowing.get(path) ?? 1) - 1);
    });
  };
  const state = { playlist: '', guide: '' };
  const server = createServer((request, response): unknown => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    asked.push(`${request.method} ${path} ${request.headers['user-agent'] ?? ''}`);
    if (path === '/tv.m3u') return response.end(state.playlist);
    if (path === '/guide.xml') return response.end(state.guide);
    if (path === '/guide.xml.gz') return response.end(gzipSync(state.guide));
    const bytes = clips.get(path);
    if (!bytes) return response.writeHead(404).end();
    if (request.method === 'HEAD') return response.writeHead(200, { 'Content-Type': 'video/MP2T' }).end();
    return stream(path, bytes, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    url,
    asked,
    flowing: (path: string) => flowing.get(path) ?? 0,
    behave: (path: string, how: string) => void odd.set(path, how),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
