// Watching a channel over real sockets with the real ffmpeg: tuning in, sharing, leaving.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import {
  commandOf,
  decode,
  film,
  folderOf,
  isAlive,
  makeFilm,
  openStation,
  type Packet,
  planFrom,
  probe,
  until,
} from './station.ts';

const folder = folderOf(t);
const one = makeFilm(`${folder}/one.mkv`, 12);
const FRAME = 0.04;

const of = (packets: readonly Packet[], kind: string): readonly Packet[] => packets.filter((packet) => packet.kind === kind);

t.test(
  'rows 86 and 124: bytes begin with 0x47 in a moment, an answer without length or chunks, and every frame can be decoded',
  async (t) => {
    const station = await openStation(t, folder);
    station.steps = planFrom(Date.now() - 4_000, [[60, film(one)]]);
    const viewer = station.watch();
    await until(() => viewer.pieces.length > 0, 1_000);
    t.match(viewer.head(), /^HTTP\/1\.1 200 OK\r\nContent-Type: video\/mp2t\r\n/);
    t.notMatch(viewer.head(), /content-length|transfer-encoding/i);
    t.equal(viewer.body()[0], 0x47);
    await until(() => station.told.some((each) => each.type === 'sessions' && each.sessions[0]?.showing === 'programme'));
    const joined = station.watch();
    await until(() => joined.pieces.length > 0, 1_000);
    await wait(1_500);
    const shared = joined.body();
    const watched = (performance.now() - (joined.pieces[0]?.at ?? 0)) / 1_000;
    for (const { body } of [viewer, joined]) {
      t.equal(body()[0], 0x47);
      const { packets, complaints } = await probe(folder, body());
      t.equal(complaints, '');
      t.ok(of(packets, 'video')[0]?.key);
      t.equal(await decode(folder, body()), '');
    }
    t.equal(station.pids().length, 1, 'two viewers, one ffmpeg');
    t.ok(viewer.body().includes(shared.subarray(0, 188 * 100)), 'both get the same bytes');
    const media = of((await probe(folder, shared)).packets, 'video').length * FRAME;
    t.ok(media > watched + 1.5, `a joiner gets 2 s and more at once: ${media}`);
    t.ok(media < watched + 4.5, `and is not further behind than 3 s and a GOP: ${media}`);
  },
);

t.test('rows 80, 134 and 135: the first programme frame is the one of now, less the burst', async (t) => {
  const station = await openStation(t, folder);
  const startMs = Date.now() - 6_000;
  station.steps = planFrom(startMs, [[10, film(one)]]);
  station.watch();
  await until(() => station.pids().length > 0);
  const at = /-ss (\S+)/.exec(commandOf(station.pids()[0] ?? 0))?.[1];
  const now = (Date.now() - startMs) / 1_000;
  t.ok(Math.abs(now - 2.5 - Number(at)) < 1, `now − start is ${now}, ffmpeg was sent to ${at}`);
  await until(() => station.told.some((each) => each.type === 'sessions' && each.sessions[0]?.showing === 'programme'));
  const latest = () => station.told.findLast((each) => each.type === 'sessions')?.sessions[0];
  // Once what ffmpeg brings at first has come.
  await until(() => Math.abs(latest()?.driftMs ?? Number.NaN) < 1_000 + 200);
  const session = latest();
  t.equal(session?.entryId, 'e0');
});

t.test('row 138: a viewer that leaves is known at once, and an idle channel keeps no ffmpeg', async (t) => {
  const station = await openStation(t, folder, { idleStopMs: 500 });
  station.steps = planFrom(Date.now(), [[60, film(one)]]);
  const viewer = station.watch();
  await until(() => station.pids().length === 1 && viewer.pieces.length > 2);
  const pids = station.pids();
  t.equal(pids.length, 1);
  viewer.socket.destroy();
  await until(() => station.told.some((each) => each.type === 'viewer-ended' && each.reason === 'the client left'), 2_000);
  await until(() => pids.every((pid) => !isAlive(pid)), 5_000);
  await until(() => (station.told.findLast((each) => each.type === 'sessions')?.sessions.length ?? 0) === 0, 5_000);
});

t.test(
  'a pre-warm gets the slate in real time without an ffmpeg; HEAD gets the head; too many are refused with 503',
  async (t) => {
    const station = await openStation(t, folder, { maxViewers: 2 });
    station.steps = planFrom(Date.now(), [[60, film(one)]]);
    station.slateOnly = true;
    const warm = station.watch();
    const head = station.watch('HEAD');
    await until(() => head.closed());
    t.match(head.head(), /^HTTP\/1\.1 200 OK\r\nContent-Type: video\/mp2t/);
    t.equal(head.body().length, 0);
    await wait(2_500);
    t.equal(station.pids().length, 0);
    const media = of((await probe(folder, warm.body())).packets, 'video').length * FRAME;
    t.ok(media > 2 && media < 4.5, `${media} s of pictures in 2.5 s`);
    t.equal(await decode(folder, warm.body()), '');
    station.watch();
    await until(() => station.told.some((each) => each.type === 'sessions' && each.sessions.length === 2));
    const refused = station.watch();
    await until(() => refused.closed());
    t.match(refused.head(), /^HTTP\/1\.1 503 Service Unavailable\r\n[\s\S]*Retry-After: /);
  },
);

t.test('where no more channels may run, one that nobody watches any more makes room, one that is watched does not', async (t) => {
  const station = await openStation(t, folder, { maxSessions: 1 });
  station.steps = planFrom(Date.now(), [[60, film(one)]]);
  const viewer = station.watch();
  await until(() => viewer.pieces.length > 0);
  station.slateOnly = true;
  const refused = station.watch();
  await until(() => refused.closed());
  t.match(refused.head(), /^HTTP\/1\.1 503 /);
  viewer.socket.destroy();
  await until(() => station.told.some((each) => each.type === 'viewer-ended' && each.reason === 'the client left'));
  const next = station.watch();
  await until(() => next.pieces.length > 0);
  await until(() => station.pids().length === 0);
});
