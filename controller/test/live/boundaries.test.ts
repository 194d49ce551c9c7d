// Programme after programme on one connection, with the real ffmpeg: boundaries, skips, gaps in the table.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import {
  decode,
  film,
  folderOf,
  longestSilence,
  makeFilm,
  openStation,
  type Packet,
  planFrom,
  probe,
  SILENT_MS,
  until,
} from './station.ts';

const folder = folderOf(t);
const one = makeFilm(`${folder}/one.mkv`, 8);
const two = makeFilm(`${folder}/two.mkv`, 8, 880);
const FRAME = 0.04;

const of = (packets: readonly Packet[], kind: string): readonly Packet[] => packets.filter((packet) => packet.kind === kind);
const steps = (packets: readonly Packet[]): readonly number[] =>
  packets.slice(1).map(({ dts }, index) => dts - (packets[index]?.dts ?? 0));

t.test('row 140: boundaries are crossed on one connection, time stamps rise, no frame is missing', async (t) => {
  const station = await openStation(t, folder);
  station.steps = planFrom(Date.now() - 1_000, [
    [2.5, film(one)],
    [1.5, film(two)],
    [2.02, { kind: 'card', lines: ['Next at eight'], image: null }],
    [60, film(one, { fromMs: 3_000 })],
  ]);
  const viewer = station.watch();
  await until(() => station.told.some((each) => each.type === 'sessions' && each.sessions[0]?.boundaries === 3));
  await wait(500);
  const { packets, complaints } = await probe(folder, viewer.body());
  t.equal(complaints, '');
  const video = steps(of(packets, 'video'));
  t.ok(
    video.every((step) => step > 0 && step < 2 * FRAME - 0.001),
    `${video.filter((step) => step <= 0 || step > FRAME + 0.001)}`,
  );
  t.ok(steps(of(packets, 'audio')).every((step) => step > 0 && step < 0.1));
  t.equal(await decode(folder, viewer.body()), '');
  t.ok(longestSilence(viewer) < SILENT_MS, `${longestSilence(viewer)} ms without a byte`);
  t.ok(
    station.told.some((each) => each.type === 'wants-plan'),
    'a table that ends is asked to go on',
  );
});

t.test('a skip is seen as soon as the next programme has its first frame, and nobody is cut off', async (t) => {
  const station = await openStation(t, folder);
  station.steps = planFrom(Date.now() - 2_000, [[10, film(one)]]);
  const viewer = station.watch();
  await until(() => station.told.some((each) => each.type === 'sessions' && each.sessions[0]?.showing === 'programme'));
  const fromMs = Date.now();
  const [next] = planFrom(fromMs, [[60, film(two)]]);
  if (next === undefined) throw new Error('one step');
  station.live.hear({ type: 'plan', channel: 'c1', fromMs, steps: [{ ...next, entryId: 'skipped to' }] }, null);
  await until(() => station.told.some((each) => each.type === 'sessions' && each.sessions[0]?.entryId === 'skipped to'));
  await wait(300);
  t.equal(viewer.closed(), false);
  const { packets, complaints } = await probe(folder, viewer.body());
  t.equal(complaints, '');
  t.ok(steps(of(packets, 'video')).every((step) => step > 0 && step < 2 * FRAME));
  await until(() => station.pids().length === 1);
});

t.test('off air: where the table has nothing the slate is sent, and the next programme begins at its time', async (t) => {
  const station = await openStation(t, folder);
  station.steps = planFrom(Date.now() + 1_500, [[60, film(one)]]);
  const viewer = station.watch();
  await until(() => viewer.pieces.length > 0, 1_000);
  await until(() => station.told.some((each) => each.type === 'sessions' && each.sessions[0]?.showing === 'programme'));
  t.equal((await probe(folder, viewer.body())).complaints, '');
});
