// The splicer with real ffmpeg on both sides: sources of all sorts, and what ffmpeg, ffprobe and a second checker find in what became of them.
import t from 'tap';
import { askFfmpeg, CLEAN } from './fixtures/ask-ffmpeg.ts';
import { checkStream, holes } from './fixtures/check-stream.ts';
import { joinInTurn, makeUnits, PAL } from './fixtures/join-in-turn.ts';
import { joinMixedSources, readAll } from './fixtures/join-sources.ts';
import { makeCopiedSource, makeSource } from './fixtures/make-source.ts';

t.test('row 86: sources of mixed codecs, sizes and rates join without an error, a gap or an overlap', async (t) => {
  const { bytes, joins, gaps, lateTicks, frameTicks } = await joinMixedSources(14, 7);
  const report = checkStream(bytes);
  const { probed, ...verdict } = await askFfmpeg(bytes);
  t.ok(joins >= 14, `${joins} joins`);
  t.same(report.faults, []);
  t.same(verdict, CLEAN);
  t.same(probed, { video: report.video, audio: report.audio, falling: 0, corrupt: 0 });
  t.ok(Math.max(...gaps) <= 1, `${gaps}`);
  t.same(holes(report.pts.video, frameTicks, 1), [], 'every picture begins where the one before ends');
  for (const hole of holes(report.pts.audio, 1_920, 1)) t.ok(hole > 0 && hole < 1_920, `${hole} ticks without sound`);
  for (const late of lateTicks) t.ok(late > -2 && late < frameTicks, `${late} ticks late`);
  t.ok(report.longestPcrGap <= 9_000, `${report.longestPcrGap} ticks between two PCR`);
});

t.test(
  'the same sources put together as bytes are what the splicer spares: ffmpeg finds errors, and so does the checker',
  async (t) => {
    const [one, two] = [await makeSource({ seconds: 1 }), await makeSource({ seconds: 1.3 })];
    const bytes = Buffer.concat([one, two]);
    const verdict = await askFfmpeg(bytes);
    t.ok(verdict.continuityErrors > 0 && verdict.nonMonotonicJellyfin > 0, JSON.stringify(verdict));
    t.ok(checkStream(bytes).faults.length > 0);
  },
);

t.test(
  'programmes with B-frames that are copied, out of Matroska and with a clock from 1.4 s, join each other and a slate without any',
  async (t) => {
    const sources = [
      readAll(await makeCopiedSource({ bFrames: 3, gop: 25, flags: [] })),
      readAll(await makeCopiedSource({ bFrames: 2, gop: 50, seconds: 1.6, hz: 700 })),
      readAll(await makeSource({ bFrames: 1, gop: 12, seconds: 1.2, flags: ['-output_ts_offset', '7'] })),
    ];
    const [slate = []] = await makeUnits({ seconds: 1.92, gop: 24 });
    const { report, verdict, gaps, late, audioHoles } = await joinInTurn(sources, slate, PAL);
    const { probed, ...rest } = verdict;
    t.ok(gaps.length >= 11, `${gaps.length} joins`);
    t.same(report.faults, []);
    t.same(rest, CLEAN);
    t.equal(probed.falling, 0);
    // Matroska's milliseconds shift a frame by half of one, 45 ticks.
    t.same(holes(report.pts.video, 3_600, 100), []);
    t.ok(Math.max(...gaps) <= 1, `${gaps}`);
    for (const hole of audioHoles) t.ok(hole > -100 && hole < 1_920, `${hole} ticks without sound`);
    // Up to the picture that the last B-frames need: here three of them, and the frame that stands across the boundary.
    for (const ticks of late) t.ok(ticks > -2 && ticks < 4 * 3_600, `${ticks} ticks late`);
  },
);
