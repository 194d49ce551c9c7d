// Viewers that are slower than the channel: skipped forward in the shared ring, harming nobody, ended where they take nothing.
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { createGopRing } from '../../src/live/transport-stream/gop-ring.ts';
import { createSplicer } from '../../src/live/transport-stream/splicer.ts';
import type { PlacedUnit } from '../../src/live/transport-stream/unit.ts';
import { createUnitReader } from '../../src/live/transport-stream/unit-reader.ts';
import { openViewer } from '../../src/live/viewer.ts';
import { film, folderOf, longestSilence, makeFilm, openStation, planFrom, probe, record, SILENT_MS, until } from './station.ts';

const folder = folderOf(t);
const good = makeFilm(`${folder}/good.mkv`, 14);

/** The same few seconds again and again on one time line. */
function* endless(path: string): Generator<PlacedUnit> {
  const reader = createUnitReader();
  const units = [...reader.push(readFileSync(path)), ...reader.end()];
  const splicer = createSplicer({ frameTicks: 3_600, audioFrameTicks: 1_920, startTicks: 900_000 });
  for (;;) {
    splicer.cut(splicer.endTicks());
    for (const unit of units) {
      const placed = splicer.place(unit);
      if (placed !== null) yield placed;
    }
  }
}

const facts = { id: 'v', channel: 'c1', consumer: 'test', address: '127.0.0.1', userAgent: null, method: 'GET' } as const;

t.test('one that does not read loses what fell out of the ring, and its player is told of the leap', async (t) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  t.teardown(() => server.close());
  const client = record((server.address() as { readonly port: number }).port);
  client.socket.pause();
  await until(() => sockets.length === 1);
  const [socket] = sockets;
  if (socket === undefined) throw new Error('no connection');
  const ring = createGopRing({ mostBytes: 2 ** 20, mostTicks: 900_000 });
  const reasons: string[] = [];
  const viewer = openViewer({ facts, socket, nowMs: 0, ring, joinAt: null, onEnd: (reason) => reasons.push(reason) });
  const units = endless(makeFilm(`${folder}/loop.ts`, 2));
  const push = (bytes: number): void => {
    for (let sum = 0; sum < bytes; ) {
      const { value } = units.next();
      sum += value.bytes.length;
      ring.push([value]);
      viewer.feed();
    }
  };
  push(12 * 2 ** 20);
  for (let seconds = 0; seconds < 28; seconds += 2) viewer.look(2_000);
  t.same(reasons, []);
  t.equal(viewer.skips(), 0, 'it is skipped when it can take something again');
  client.socket.resume();
  await until(() => viewer.skips() === 1 && socket.writableLength === 0);
  push(2 ** 19);
  await until(() => socket.writableLength === 0);
  viewer.look(2_000);
  t.ok(viewer.bps() > 0);
  await wait(100);
  const { packets, complaints } = await probe(folder, client.body());
  t.equal(complaints.replaceAll(/.*DTS discontinuity.*\n/g, ''), '', 'no continuity counter is wrong');
  t.ok(packets.length > 100);
  client.socket.pause();
  push(12 * 2 ** 20);
  viewer.look(2_000);
  for (let seconds = 0; seconds < 30; seconds += 2) viewer.look(2_000);
  t.same(reasons, ['the client took nothing for 30 s']);
  viewer.close();
  client.socket.destroy();
});

t.test('a viewer that does not read harms nobody', async (t) => {
  const station = await openStation(t, folder);
  station.steps = planFrom(Date.now() - 1_000, [[60, film(good)]]);
  const stalled = connect({ host: '127.0.0.1', port: station.port });
  t.teardown(() => stalled.destroy());
  stalled.write('GET / HTTP/1.1\r\n\r\n');
  stalled.pause();
  const viewer = station.watch();
  await until(() => station.told.some((each) => each.type === 'sessions' && each.sessions[0]?.showing === 'programme'));
  await wait(2_000);
  t.ok(longestSilence(viewer) < SILENT_MS, `${longestSilence(viewer)} ms without a byte`);
  t.equal((await probe(folder, viewer.body())).complaints, '');
  t.equal(station.told.findLast((each) => each.type === 'sessions')?.sessions[0]?.viewers.length, 2);
});
