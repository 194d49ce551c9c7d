// Whatever a file looks like, what comes out is the channel's: real ffmpeg, tiny films, decoded frames.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { detectOrphanGuard } from '../../src/ffmpeg/orphan-guard.ts';
import { createStartProgramme } from '../../src/ffmpeg/start-programme.ts';
import { silentLog } from '../../src/log.ts';
import type { VideoInfo } from '../../src/on-air/media-info.ts';
import type { ProgrammeOrder } from '../../src/on-air/programme-order.ts';
import { h264, makeFilm, play, sources, watch } from './fixtures/films.ts';
import { imageSubtitles } from './fixtures/image-subtitles.ts';
import { isNormal } from './fixtures/is-normal.ts';
import { cardOrder, fileOrder, knownMedia, openHere, settings } from './fixtures/orders.ts';

const ffmpeg = openHere();
const folder = t.testdir({});
const film = (name: string, args: readonly string[]): string => makeFilm(folder, name, args);
const colour = (of: string, size = '192x108', s = 1): readonly string[] => [
  '-f',
  'lavfi',
  '-i',
  `color=${of}:s=${size}:r=25:d=${s}`,
];
/** Dolby Vision as some files have it: HDR, without a tag in the picture. */
const dolby: VideoInfo = {
  ...{ codec: 'hevc', profile: 'Main 10', level: 120, width: 192, height: 108, sampleAspect: null, rate: { num: 25, den: 1 } },
  ...{ pixelFormat: 'yuv420p10le', interlaced: false, hdr: true, transfer: 'pq' },
};
const [black, white] = [24, 200];

t.test('4:3 stands between bars, a wide one under bars, anamorphic and turned ones are as they are meant', async (t) => {
  const corners = [
    [0.02, 0.5],
    [0.5, 0.01],
    [0.5, 0.5],
  ] as const;
  const bright = async (from: string): Promise<readonly boolean[]> => {
    const at = await watch(await isNormal(t, { ...fileOrder({ from }), durationMs: 400 }, folder));
    return corners.map(([x, y]) => at(0.2, x, y)[0] > white);
  };
  t.same(await bright(film('43.mkv', [...colour('white', '160x120'), ...h264])), [false, true, true], '4:3: bars left and right');
  t.same(await bright(film('wide.mkv', [...colour('white', '240x100'), ...h264])), [true, false, true], 'wide: above and below');
  const anamorphic = film('ana.mkv', [...colour('white', '160x120'), '-vf', 'setsar=4/3', ...h264]);
  t.same(await bright(anamorphic), [true, true, true], '4:3 by pixels that are 4:3 themselves is 16:9');
  t.same(await bright(film('odd.mkv', [...colour('white', '161x91'), '-c:v', 'ffv1'])), [true, true, true], 'odd sizes');
  const upright = film('upright.mp4', [...colour('white', '180x320'), ...h264]);
  const turned = film('turned.mp4', ['-i', upright, '-c', 'copy', '-metadata:s:v', 'rotate=90']);
  t.match((await ffmpeg.probeMedia(turned, new AbortController().signal)).video, { width: 320, height: 180 });
  t.same(await bright(turned), [true, true, true], 'turned');
});

t.test('interlaced, 10 bit, HDR, variable rate: all become the ordinary picture', async (t) => {
  const [interlace, flags] = [
    'testsrc2=s=192x108:r=50:d=1,tinterlace=interleave_top,setfield=tff',
    ['-flags', '+ildct+ilme', '-x264-params', 'tff=1'],
  ] as const;
  const interlaced = film('interlaced.ts', ['-f', 'lavfi', '-i', interlace, ...h264, ...flags]);
  t.equal((await ffmpeg.probeMedia(interlaced, new AbortController().signal)).video?.interlaced, true);
  await isNormal(t, { ...fileOrder({ from: interlaced }), durationMs: 800 }, folder);
  const tenBit = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le'];
  await isNormal(
    t,
    { ...fileOrder({ from: film('10bit.mkv', [...sources('192x108', 1), ...tenBit, '-c:a', 'flac']) }), durationMs: 800 },
    folder,
  );
  for (const transfer of ['smpte2084', 'arib-std-b67']) {
    const tags = ['-color_primaries', 'bt2020', '-color_trc', transfer, '-colorspace', 'bt2020nc', '-color_range', 'tv'];
    const hdr = film(`${transfer}.mkv`, [...colour('0x306030'), ...tenBit, ...tags]);
    t.equal((await ffmpeg.probeMedia(hdr, new AbortController().signal)).video?.hdr, true);
    const at = await watch(await isNormal(t, { ...fileOrder({ from: hdr }), durationMs: 400 }, folder));
    const seen = at(0.2, 0.5, 0.5);
    t.ok(
      [0x30, 0x60, 0x30].some((value, i) => Math.abs(value - (seen[i] ?? 0)) > 20),
      `${transfer}: ${seen} is mapped`,
    );
  }
  const untold = fileOrder({
    from: film('untold.mkv', [...colour('gray'), ...tenBit]),
    media: { ...knownMedia, audio: [], video: dolby },
  });
  await isNormal(t, { ...untold, durationMs: 400 }, folder);
  const dull = { settings, guard: detectOrphanGuard(), probeMedia: ffmpeg.probeMedia, zscale: async () => false, log: silentLog };
  const { end } = await play({ startProgramme: createStartProgramme(dull) }, { ...untold, durationMs: 400 }, folder);
  t.equal(end.problem, null, 'without zscale');
  const uneven = "testsrc2=s=192x108:r=60:d=1.2,select='lt(n,20)+not(mod(n,5))'";
  await isNormal(
    t,
    { ...fileOrder({ from: film('vfr.mkv', ['-f', 'lavfi', '-i', uneven, '-fps_mode', 'vfr', ...h264]) }), durationMs: 1_000 },
    folder,
  );
});

t.test('colours stay: green of SD and HD matrices comes out the same', async (t) => {
  for (const [size, matrix] of [
    ['192x108', 'smpte170m'],
    ['1280x720', 'bt709'],
  ] as const) {
    const tagged = [...colour('0x20c040', size, 0.4), '-vf', `scale=out_color_matrix=${matrix}`, ...h264, '-colorspace', matrix];
    const at = await watch(await isNormal(t, { ...fileOrder({ from: film(`${matrix}.mkv`, tagged) }), durationMs: 400 }, folder));
    const seen = at(0.2, 0.5, 0.5);
    t.ok(
      [0x20, 0xc0, 0x40].every((value, i) => Math.abs(value - (seen[i] ?? 0)) < 10),
      `${matrix}: ${seen}`,
    );
  }
});

t.test('rows 157 and 169: a watermark is in a decoded frame; one that is gone or no PNG costs nothing else', async (t) => {
  const logo = film('logo.png', [...colour('red', '40x40'), '-frames:v', '1']);
  const order = { ...fileOrder({ from: film('dark.mkv', [...colour('black'), ...h264]) }), durationMs: 400 };
  const watermark = { path: logo, corner: 'top-right', opacity: 1, widthPercent: 10 } as const;
  const places = [
    [0.92, 0.1],
    [0.08, 0.1],
    [0.92, 0.9],
    [0.5, 0.5],
  ] as const;
  const red = async (wish: ProgrammeOrder): Promise<readonly number[]> => {
    const at = await watch(await isNormal(t, wish, folder));
    return places.map(([x, y]) => at(0.3, x, y)[0]);
  };
  const [there, ...elsewhere] = await red({ ...order, watermark });
  t.ok((there ?? 0) > white, 'where it belongs');
  t.ok(
    elsewhere.every((value) => value < black),
    'and nowhere else',
  );
  const [, , half] = await red({ ...order, watermark: { ...watermark, corner: 'bottom-right', opacity: 0.5 } });
  t.ok((half ?? 0) > 90 && (half ?? 0) < 170, `half through (${half})`);
  t.ok(
    (await red({ ...order, watermark: { ...watermark, path: join(folder, 'gone.png') } })).every((value) => value < black),
    'gone',
  );
  const noPng = join(folder, 'text.png');
  writeFileSync(noPng, 'not a picture');
  t.ok(
    (await red({ ...order, watermark: { ...watermark, path: noPng } })).every((value) => value < black),
    'no PNG',
  );
  t.ok(((await red({ ...cardOrder(['Card']), durationMs: 400, watermark }))[0] ?? 0) > white, 'on a card');
});

/** Which of these moments have something bright around the middle. */
async function lit(t: Test, order: ProgrammeOrder, moments: readonly number[]): Promise<readonly boolean[]> {
  const at = await watch(await isNormal(t, order, folder));
  const places = Array.from({ length: 81 }, (_, i) => [0.3 + 0.05 * (i % 9), 0.3 + 0.05 * Math.floor(i / 9)] as const);
  return moments.map((s) => places.some(([x, y]) => at(s, x, y)[0] > white));
}

t.test('text subtitles are drawn at their time, also after a seek and out of a file with an odd name', async (t) => {
  const srt = join(folder, 'text.srt');
  writeFileSync(srt, '1\n00:00:01,000 --> 00:00:02,000\n{\\an5}████████████\n');
  const from = film("it's [a], b;c: 100%.mkv", [...colour('black', '192x108', 3), '-i', srt, ...h264, '-c:s', 'subrip']);
  const subtitle = { ordinal: 0, kind: 'text' } as const;
  t.same(await lit(t, { ...fileOrder({ from, subtitle }), durationMs: 2_400 }, [0.5, 1.5, 2.2]), [false, true, false]);
  t.same(await lit(t, { ...fileOrder({ from, seekMs: 800, subtitle }), durationMs: 1_600 }, [0.1, 0.7, 1.4]), [
    false,
    true,
    false,
  ]);
  t.same(await lit(t, { ...fileOrder({ from }), durationMs: 2_000 }, [1.5]), [false], 'none unless asked for');
});

t.test('image subtitles lie over the picture at their time, also after a seek', async (t) => {
  const sup = join(folder, 'box.sup');
  writeFileSync(sup, imageSubtitles(192, 108));
  const from = film('pgs.mkv', [...colour('black', '192x108', 3), '-i', sup, ...h264, '-c:s', 'copy']);
  const subtitle = { ordinal: 0, kind: 'bitmap' } as const;
  t.same(await lit(t, { ...fileOrder({ from, subtitle }), durationMs: 2_400 }, [0.5, 1.5, 2.2]), [false, true, false]);
  t.same(await lit(t, { ...fileOrder({ from, seekMs: 800, subtitle }), durationMs: 1_600 }, [0.1, 0.7, 1.4]), [
    false,
    true,
    false,
  ]);
});
