// What goes wrong while a channel is watched: ffmpeg killed, files broken, media servers silent.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Log } from '../../src/log.ts';
import {
  commandOf,
  decode,
  film,
  filmMedia,
  folderOf,
  longestSilence,
  makeFilm,
  openStation,
  planFrom,
  probe,
  SILENT_MS,
  type Station,
  until,
} from './station.ts';

const folder = folderOf(t);
const good = makeFilm(`${folder}/good.mkv`, 14);
const SECRET = 'k3y-of-the-house';

const session = (station: Station) => station.told.findLast((each) => each.type === 'sessions')?.sessions[0];
const isOn = (station: Station) => () => session(station)?.showing === 'programme';

/** A media server with ranges that wants the key; `hang` never sends more than the head. */
async function openServer(
  t: Test,
  path: string,
): Promise<{ readonly url: string; hang: boolean; readonly asked: IncomingMessage[] }> {
  const bytes = readFileSync(path);
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => serve(request, response));
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    asked.push(request);
    if (request.headers.authorization !== `MediaBrowser Token="${SECRET}"`) return void response.writeHead(401).end();
    if (media.hang) return;
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const part = bytes.subarray(from);
    const range = { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(from > 0 ? 206 : 200, { ...range, 'Accept-Ranges': 'bytes', 'Content-Length': part.length });
    response.end(part);
  };
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { readonly port: number };
  const media = { url: `http://127.0.0.1:${port}/Videos/1/stream?static=true`, hang: false, asked };
  return media;
}

t.test('an ffmpeg that is killed by SIGKILL is begun again: viewers go on without a gap', async (t) => {
  const station = await openStation(t, folder);
  station.steps = planFrom(Date.now() - 1_000, [[60, film(good)]]);
  const viewer = station.watch();
  await until(isOn(station));
  const [pid = 0] = station.pids();
  process.kill(-pid, 'SIGKILL');
  await until(() => session(station)?.restarts === 1 && isOn(station)());
  await wait(500);
  t.equal(viewer.closed(), false);
  t.ok(longestSilence(viewer) < SILENT_MS, `${longestSilence(viewer)} ms without a byte`);
  t.equal((await probe(folder, viewer.body())).complaints, '');
  t.equal(await decode(folder, viewer.body()), '');
});

t.test('a file that cannot be played: the card, told once, then the next programme at its time', async (t) => {
  const station = await openStation(t, folder);
  writeFileSync(`${folder}/broken.mkv`, readFileSync(good).subarray(200_000, 220_000));
  station.steps = planFrom(Date.now() - 500, [
    [4.5, film(`${folder}/broken.mkv`)],
    [60, film(good)],
  ]);
  const viewer = station.watch();
  await until(() => session(station)?.showing === 'card');
  await until(() => station.told.some(({ type }) => type === 'item-failed'));
  await until(isOn(station));
  t.equal(session(station)?.entryId, 'e1');
  const failures = station.told.filter((each) => each.type === 'item-failed');
  t.equal(failures.length, 1);
  t.match(failures[0], { channel: 'c1', entryId: 'e0' });
  t.ok(longestSilence(viewer) < SILENT_MS, `${longestSilence(viewer)} ms without a byte`);
  t.equal(await decode(folder, viewer.body()), '');
});

t.test('a file that breaks off in the middle: what there is, then the card, then the next programme at its time', async (t) => {
  const station = await openStation(t, folder);
  writeFileSync(`${folder}/cut.mkv`, readFileSync(makeFilm(`${folder}/short.mkv`, 2)).subarray(0, -2_000));
  // It says that it is much longer.
  station.steps = planFrom(Date.now() - 1_000, [
    [13, film(`${folder}/cut.mkv`)],
    [60, film(good)],
  ]);
  const viewer = station.watch();
  await until(isOn(station));
  t.equal(session(station)?.entryId, 'e0');
  await until(() => session(station)?.showing === 'card');
  await until(() => station.told.some(({ type }) => type === 'item-failed'));
  await until(isOn(station));
  t.equal(session(station)?.entryId, 'e1');
  t.ok(longestSilence(viewer) < SILENT_MS, `${longestSilence(viewer)} ms without a byte`);
  t.equal(await decode(folder, viewer.body()), '');
});

t.test('row 136: the media server gets the key, no command line and no log line does', async (t) => {
  const lines: string[] = [];
  const line = (fields: object, text: string): void => void lines.push(JSON.stringify([fields, text]));
  const log: Log = { debug: line, info: line, warn: line, error: line, child: () => log };
  const server = await openServer(t, good);
  const station = await openStation(t, folder, {}, log);
  const http = { url: server.url, headers: { Authorization: `MediaBrowser Token="${SECRET}"` } };
  station.steps = planFrom(Date.now() - 4_000, [[60, film('/not/here.mkv', { http, media: null })]]);
  station.watch();
  await until(isOn(station));
  const commands = station.pids().map(commandOf);
  t.equal(commands.length, 1);
  t.match(commands[0], /http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}/);
  t.notMatch(commands[0], SECRET);
  t.notMatch(commands[0], '/Videos/1/');
  t.ok(
    server.asked.some(({ headers }) => headers.range !== undefined),
    'it is sought by ranges',
  );
  t.ok(server.asked.every(({ headers }) => headers.authorization?.includes(SECRET)));
  t.notMatch(lines.join('\n'), SECRET);
  t.ok(lines.length > 0);
});

t.test('a media server that falls silent: the slate goes on, and the next programme comes in time', async (t) => {
  const server = await openServer(t, good);
  server.hang = true;
  const station = await openStation(t, folder);
  const http = { url: server.url, headers: { Authorization: `MediaBrowser Token="${SECRET}"` } };
  station.steps = planFrom(Date.now() - 1_000, [
    [3.5, film(null, { http, media: filmMedia(14_000) })],
    [60, film(good)],
  ]);
  const viewer = station.watch();
  await until(isOn(station));
  t.equal(session(station)?.entryId, 'e1');
  t.ok(longestSilence(viewer) < SILENT_MS, `${longestSilence(viewer)} ms without a byte`);
  t.equal(await decode(folder, viewer.body()), '');
});
