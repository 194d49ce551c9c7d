// Twenty minutes of the real stream process and the real ffmpeg over a dozen boundaries, with files up to 2 s longer and shorter than the schedule has them (ruling 5).
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { z } from 'zod';
import { systemClock } from '../../src/clock.ts';
import { handedOver, route } from '../../src/http/route.ts';
import type { PlanStep } from '../../src/on-air/plan-step.ts';
import { openLiveHost } from '../../src/wiring/live-host.ts';
import { rememberingLog, serve } from '../http/serve.ts';
import { type ColourFilm, makeColourFilm, seenIn, whichFilm } from './colour-films.ts';
import { film, filmMedia, folderOf, look, planFrom, settingsIn } from './station.ts';
import { askFfmpeg, CLEAN } from './transport-stream/fixtures/ask-ffmpeg.ts';
import { checkStream, holes } from './transport-stream/fixtures/check-stream.ts';

/** `DRIFT_MINUTES` is for trying this file out; the proof takes twenty. */
const MINUTES = Number(process.env['DRIFT_MINUTES'] ?? 20);
const PARTS = 13;
const PART_S = Math.round((MINUTES * 60) / (PARTS - 0.5));
const FRAME_TICKS = 3_600;
const GOP_MS = (look.picture.gop * 1_000) / 25;
const SAMPLE_MS = 10_000;
/** Longer (above 0) or shorter than the schedule thinks. */
const OFF_BY_S = [2, -2, 1.3, -0.7, 0.4];
const COLOURS = ['0xa03030', '0x30a030', '0x3030a0', '0xa0a020', '0x20a0a0'];
const RATES = ['25', '24', '30000/1001', '24000/1001', '50'];

const folder = folderOf(t);

async function makeFilms(): Promise<readonly ColourFilm[]> {
  const films: ColourFilm[] = [];
  for (const [index, offBy] of OFF_BY_S.entries()) {
    const [colour = '', rate = ''] = [COLOURS[index], RATES[index]];
    const shape = { colour, rate, seconds: PART_S + offBy, tone: 300 + 100 * index };
    films.push(await makeColourFilm(`${folder}/film-${index}.mkv`, shape));
  }
  return films;
}

function stepsFrom(startMs: number, films: readonly ColourFilm[]): readonly PlanStep[] {
  const parts = Array.from({ length: PARTS }, (_, index) => {
    const { path } = films[index % films.length] ?? { path: '' };
    const [num = 25, den = 1] = (RATES[index % RATES.length] ?? '').split('/').map(Number);
    const media = filmMedia(PART_S * 1_000);
    const video = media.video && { ...media.video, rate: { num, den } };
    return [PART_S, film(path, { media: { ...media, video } })] as const;
  });
  return planFrom(startMs, [...parts, [3_600, { kind: 'card', lines: ['The end'], image: null }]]);
}

type Received = { readonly path: string; readonly marks: readonly { readonly atMs: number; readonly bytes: number }[] };

/** Saves what comes; marks when how much of it was there. */
async function watch(url: string, forMs: number): Promise<Received> {
  const path = `${folder}/watched.ts`;
  const file = createWriteStream(path);
  const request = get(url);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const marks: { atMs: number; bytes: number }[] = [];
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    marks.push({ atMs: Date.now(), bytes });
    file.write(chunk);
  });
  await wait(forMs);
  request.destroy();
  file.end();
  await once(file, 'close');
  return { path, marks };
}

/** Where each picture begins and when it is shown, in order of arrival; ticks without the wrap, which 20 minutes do not reach. */
function picturesOf(stream: Uint8Array): readonly { readonly offset: number; readonly ticks: number }[] {
  const found: { offset: number; ticks: number }[] = [];
  for (let offset = 0; offset + 188 <= stream.length; offset += 188) {
    const byte = (at: number): number => stream[offset + at] ?? 0;
    if ((byte(1) & 0x5f) !== 0x41 || byte(2) !== 0) continue;
    const pes = 4 + ((byte(3) & 32) > 0 ? 1 + byte(4) : 0);
    const at = pes + 9;
    const low = ((byte(at + 1) << 7) | (byte(at + 2) >> 1)) * 32_768 + ((byte(at + 3) << 7) | (byte(at + 4) >> 1));
    found.push({ offset, ticks: ((byte(at) >> 1) & 7) * 2 ** 30 + low });
  }
  return found;
}

t.test(
  `row 140: ${MINUTES} minutes of real ffmpeg, ${PARTS - 1} boundaries: schedule, picture and live edge agree`,
  async (t) => {
    const films = await makeFilms();
    const { log, lines } = rememberingLog();
    const drifts: { readonly atMs: number; readonly ms: number }[] = [];
    const failed: string[] = [];
    await using host = openLiveHost({
      ...{ settings: settingsIn(folder), log, clock: systemClock, wantsPlan: () => {}, viewerEnded: () => {} },
      itemFailed: (_, entryId, reason) => failed.push(`${entryId}: ${reason}`),
      onSessions: (sessions) => drifts.push(...sessions.map(({ driftMs: ms }) => ({ atMs: Date.now(), ms }))),
    });
    host.setLooks([look]);
    await host.ready;
    const steps = stepsFrom(Date.now() - 4_000, films);
    const facts = { id: 'v', channel: 'c1', consumer: 'test', address: '', userAgent: null, method: 'GET' } as const;
    const live = route({
      ...{ method: 'get', path: '/live/:token/:channel', summary: 'a channel', tags: ['live'], access: 'public' },
      response: z.any(),
      handler({ handOver }) {
        host.tune(facts, steps, false, handOver());
        return handedOver;
      },
    });
    const { url } = await serve(t, { routes: [live] });
    const { path, marks } = await watch(`${url}/live/abc/c1.ts`, (PARTS - 0.5) * PART_S * 1_000);
    const [session] = host.sessions();
    t.same(failed, [], 'no item failed');
    t.ok((session?.boundaries ?? 0) >= PARTS - 1, `${session?.boundaries} boundaries`);
    t.equal(session?.restarts, 0);
    const bytes = await readFile(path);
    const stream = bytes.subarray(0, bytes.length - (bytes.length % 188));

    const { probed, ...verdict } = await askFfmpeg(stream);
    t.same(verdict, CLEAN, 'ffmpeg finds nothing, plain and as Jellyfin reads it');
    t.match(probed, { falling: 0, corrupt: 0 });
    const report = checkStream(stream);
    t.same(report.faults, [], 'nor does a checker of our own');
    const gaps = holes(report.pts.video, FRAME_TICKS, 2);
    t.ok(
      gaps.every((gap) => gap >= -2 && gap <= FRAME_TICKS),
      `${gaps} ticks between pictures`,
    );

    const shown = report.pts.video.toSorted((a, b) => a - b);
    const seen = await seenIn(path);
    t.ok(Math.abs(seen.length - shown.length) <= 1, `${seen.length} pictures decoded of ${shown.length}`);
    const which = seen.map((one) => whichFilm(one, films));
    /** First picture of each programme but the first, which was joined on its way. */
    const begins = steps.slice(1, PARTS).map((step, index) => ({ step, own: (index + 1) % films.length }));
    let at = 0;
    const offsets = begins.map(({ own }) => {
      while (at < which.length && which[at] !== own) at += 1;
      return shown[at] ?? Number.NaN;
    });
    const [firstTicks = Number.NaN] = offsets;
    const firstMs = steps[1]?.startMs ?? Number.NaN;
    const msOf = (ticks: number): number => firstMs + (ticks - firstTicks) / 90;
    const late = begins.map(({ step }, index) => msOf(offsets[index] ?? Number.NaN) - step.startMs);
    t.ok(
      late.every((ms) => Math.abs(ms) <= 45),
      `each programme begins at its time: ${late.map(Math.round)} ms`,
    );

    // Each second of each film is where the schedule has it.
    const off: number[] = [];
    const worst: string[] = [];
    for (const [index, ticks] of shown.entries()) {
      const [one, before] = [seen[index], seen[index - 1]];
      if (one === undefined || before === undefined || which[index] === -1 || which[index] !== which[index - 1]) continue;
      if (Math.abs(one.y - before.y) < 12) continue;
      const step = steps.findLast(({ startMs }) => startMs <= msOf(ticks) + 20);
      const inside = msOf(ticks) - (step?.startMs ?? 0);
      off.push(inside - Math.round(inside / 1_000) * 1_000);
      // Whoever tunes in meets a programme that may be late by less than a GOP; from the next boundary on none is.
      const most = step === steps[0] ? GOP_MS : 85;
      if (Math.abs(off.at(-1) ?? 0) > most) worst.push(`${step?.entryId} at ${Math.round(inside)}`);
    }
    t.ok(off.length > MINUTES * 60 - 4 * PARTS, `${off.length} seconds seen`);
    t.same(worst, [], 'they lie within two frames, those of the first programme within a GOP');

    const pictures = picturesOf(stream);
    const edges: number[] = [];
    let read = 0;
    let front = 0;
    const startMs = marks[0]?.atMs ?? 0;
    let sampleMs = startMs + SAMPLE_MS;
    const boundaries = new Set(steps.slice(1, PARTS).map(({ startMs }) => startMs));
    for (const [index, { atMs, bytes: had }] of marks.entries()) {
      for (; (pictures[read]?.offset ?? Number.POSITIVE_INFINITY) + 188 <= had; read += 1)
        front = Math.max(front, (pictures[read]?.ticks ?? 0) + FRAME_TICKS);
      const nextMs = marks[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
      const passed = [...boundaries].find((ms) => ms + 200 < nextMs && ms + 200 >= atMs);
      if (passed !== undefined) boundaries.delete(passed);
      if (passed === undefined && nextMs <= sampleMs) continue;
      if (nextMs > sampleMs) sampleMs += SAMPLE_MS;
      edges.push(atMs - msOf(front));
    }
    t.equal(boundaries.size, 0, 'the edge was looked at at each boundary');
    t.ok(
      edges.every((ms) => Math.abs(ms) <= GOP_MS),
      `live edge behind the schedule by ${edges.map(Math.round)} ms`,
    );
    const told = drifts.filter(({ atMs }) => atMs > startMs + SAMPLE_MS).map(({ ms }) => Math.round(ms));
    t.ok(told.length > 0 && told.every((ms) => Math.abs(ms) <= GOP_MS), `the stream process says so: ${told} ms`);
    const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
    t.comment(
      `${marks.at(-1)?.bytes} bytes, ${edges.length} samples of the edge: ${Math.round(Math.min(...edges))} to ${Math.round(Math.max(...edges))}, mean ${Math.round(sum(edges) / edges.length)} ms; ` +
        `starts ${Math.round(Math.min(...late))} to ${Math.round(Math.max(...late))} ms; ${off.length} seconds, worst ${Math.round(Math.max(...off.map(Math.abs)))} ms; drift told up to ${Math.max(...told.map(Math.abs))} ms`,
    );
    t.notMatch(lines(), /"level":"error"/);
  },
);
