// One programme from order to end: lengths, parameter sets, copies, cards, and all that can go wrong. Real ffmpeg, tiny films.
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { openFfmpeg } from '../../src/ffmpeg/open-ffmpeg.ts';
import { silentLog } from '../../src/log.ts';
import type { ProgrammeOrder } from '../../src/on-air/programme-order.ts';
import { h264, inspect, makeFilm, play, sources, watch } from './fixtures/films.ts';
import { isNormal } from './fixtures/is-normal.ts';
import { cardOrder, fileOrder, knownMedia, nowhereVaapi, openFontless, openHere, picture } from './fixtures/orders.ts';

// Many runs of ffmpeg on a machine that tests other things as well.
t.setTimeout(90_000);
const ffmpeg = openHere();
const folder = t.testdir({});
const film = (name: string, args: readonly string[]): string => makeFilm(folder, name, args);
const playHere = (order: ProgrammeOrder) => play(ffmpeg, order, folder);
const never = new AbortController().signal;
const plain = film('plain.mkv', [...sources(), ...h264, '-c:a', 'aac']);

/** SPS and PPS of the first key frame. */
function parameterSets(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes);
  const at = buffer.indexOf(Buffer.from([0, 0, 0, 1, 0x67]));
  return buffer.subarray(at, at + 40).toString('hex');
}

t.test('row 86: an offset into a file, as MPEG-TS from its first byte', async (t) => {
  await isNormal(t, { ...fileOrder({ from: plain, seekMs: 1_000 }), durationMs: 1_000, hurry: true }, folder);
});

t.test('a file longer or shorter than its entry is cut or stands still, to the frame', async (t) => {
  await isNormal(t, { ...fileOrder({ from: plain }), durationMs: 1_200 }, folder);
  const at = await watch(await isNormal(t, { ...fileOrder({ from: plain }), durationMs: 3_000 }, folder));
  const [first, last] = [at(2.1, 0.5, 0.5), at(2.9, 0.5, 0.5)];
  t.ok(
    first.every((value, i) => Math.abs(value - (last[i] ?? 0)) < 12),
    'its last frame stays',
  );
  await isNormal(t, { ...fileOrder({ from: plain, seekMs: 1_900 }), durationMs: 1_000 }, folder);
});

t.test('sound or picture that begin late begin at 0 all the same', async (t) => {
  const [video, audio] = [sources('96x54', 1.5).slice(0, 4), sources('96x54', 1.5).slice(4)];
  const lateSound = film('late-sound.mkv', [...video, '-itsoffset', '0.6', ...audio, ...h264, '-c:a', 'aac']);
  const latePicture = film('late-picture.mkv', ['-itsoffset', '0.6', ...video, ...audio, ...h264, '-c:a', 'aac']);
  for (const from of [lateSound, latePicture]) await isNormal(t, { ...fileOrder({ from }), durationMs: 1_200 }, folder);
  const later = film('later-sound.mkv', [
    ...sources('96x54', 4).slice(0, 4),
    '-itsoffset',
    '3',
    ...audio,
    ...h264,
    '-c:a',
    'aac',
  ]);
  const media = await ffmpeg.probeMedia(later, never);
  t.ok(Math.abs((media.audio[0]?.lateMs ?? 0) - 3_000) < 50);
  await isNormal(t, { ...fileOrder({ from: later, seekMs: 500, media }), durationMs: 1_200 }, folder);
});

t.test('a broadcast that changes its size and goes from stereo to 5.1 in the middle goes on in step', async (t) => {
  const stereo = film('one.ts', [...sources('160x120', 1.5), '-ac', '2', '-c:v', 'mpeg2video', '-c:a', 'ac3']);
  const mix = ['-af', 'pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0', '-output_ts_offset', '1.5'];
  const surround = film('two.ts', [...sources('192x108', 1.5), ...mix, '-c:v', 'mpeg2video', '-c:a', 'ac3']);
  const from = join(folder, 'change.ts');
  writeFileSync(from, Buffer.concat([readFileSync(stereo), readFileSync(surround)]));
  const { path, end } = await playHere({ ...fileOrder({ from }), durationMs: 3_000 });
  t.equal(end.problem, null);
  const { videoPackets, audioPackets } = await inspect(path);
  const [first, last] = [videoPackets[0]?.pts ?? 0, videoPackets.at(-1)?.pts ?? 0];
  t.equal(videoPackets.length, 75);
  t.equal(last - first, 74 * 3_600, 'every frame in its place');
  const steps = audioPackets.map(({ dts }, i) => dts - (audioPackets[i - 1]?.dts ?? dts - 1_920));
  t.ok(
    steps.every((step) => step > 0),
    'never back',
  );
  t.ok(
    Math.abs(audioPackets.length - 142) <= 4 && steps.filter((step) => step !== 1_920).length <= 4,
    `${audioPackets.length} frames of sound, as good as all in step`,
  );
});

t.test('row 139: the parameter sets are the same for every source, hurried or not, for cards and for slates', async (t) => {
  const from = film('other.avi', [...sources('160x120', 1, 30), '-c:v', 'mpeg4', '-c:a', 'mp3']);
  const one = parameterSets((await playHere({ ...fileOrder({ from: plain }), durationMs: 200 })).bytes);
  t.match(one, /^0000000167/u);
  t.equal(parameterSets((await playHere({ ...fileOrder({ from: plain }), durationMs: 200, hurry: true })).bytes), one, 'hurried');
  t.equal(parameterSets((await playHere({ ...fileOrder({ from }), durationMs: 200 })).bytes), one, 'another file');
  t.equal(parameterSets((await playHere({ ...cardOrder(['A card']), durationMs: 200 })).bytes), one, 'a card');
  t.equal(parameterSets(await ffmpeg.makeSlate(picture, ['A slate'], never)), one, 'a slate');
});

t.test("row 137: a copy has the file's own frames, its parameter sets before each key frame", async (t) => {
  for (const name of ['copy.mp4', 'copy.mkv', 'copy.ts']) {
    const from = film(name, [...sources('96x54', 2), ...h264, '-bf', '2', '-g', '25', '-c:a', 'aac']);
    const order = { ...fileOrder({ from }), transport: 'copy' } as const;
    const { path, bytes, end } = await playHere({ ...order, durationMs: 10_000 });
    t.equal(end.problem, null);
    const { video, audio, videoPackets } = await inspect(path);
    t.match(video, { id: '0x100', width: 96, height: 54 });
    t.match(audio, { id: '0x101', codec_name: 'aac' });
    t.equal(videoPackets.length, 50, name);
    let sets = 0;
    for (let at = bytes.indexOf(sps); at >= 0; at = bytes.indexOf(sps, at + 1)) sets += 1;
    t.ok(sets >= videoPackets.filter(({ flags }) => flags.startsWith('K')).length, `${sets} parameter sets`);
  }
});

const sps = Buffer.from([0, 0, 1, 0x67]);

t.test('a file that is cut off plays as far as it goes; one that is none is a problem without its address', async (t) => {
  const cut = join(folder, 'cut.mkv');
  copyFileSync(plain, cut);
  truncateSync(cut, Math.round(readFileSync(plain).length / 2));
  await isNormal(t, fileOrder({ from: cut }), folder);
  const broken = join(folder, 'broken.mp4');
  writeFileSync(broken, Buffer.alloc(50_000, 7));
  for (const [media, how] of [
    [null, /probing a file failed/u],
    [knownMedia, /^ffmpeg ended with code \d+: ./u],
  ] as const) {
    const { bytes, end } = await playHere(fileOrder({ from: broken, media }));
    t.equal(bytes.length, 0);
    t.match(end.problem, how);
  }
  t.match((await playHere(fileOrder({ from: join(folder, 'gone.mkv'), media: knownMedia }))).end.problem, /No such file/u);
});

t.test('row 136: a URL that holds a secret is never given to ffmpeg', async (t) => {
  for (const from of [
    'http://u:p@h/x',
    'http://127.0.0.1/x?api_key=k3y',
    'https://h/x?a=1&ApiKey=k3y',
    'http://h/?X-Plex-Token=k3y',
    'concat:/a|/b',
    'x.mkv',
  ]) {
    const { end } = await playHere(fileOrder({ from }));
    t.match(end.problem, /^this cannot be played: /u, from);
    t.notMatch(end.problem, /k3y|u:p/u);
  }
});

t.test('over HTTP, sought by ranges; a server that fails is a problem', async (t) => {
  const bytes = readFileSync(plain);
  const server = createServer((request, response) => {
    if (request.url !== '/film') return response.writeHead(503).end();
    const from = Number(/bytes=(\d+)-/u.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`, 'accept-ranges': 'bytes' };
    return response.writeHead(206, { ...range, 'content-length': bytes.length - from }).end(bytes.subarray(from));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await isNormal(t, { ...fileOrder({ from: `${at}/film`, seekMs: 500 }), durationMs: 1_000 }, folder);
  const { end } = await playHere(fileOrder({ from: `${at}/none?play=7`, media: knownMedia }));
  t.match(end.problem, /503|5XX/u);
  t.notMatch(end.problem, /play=7/u);
});

t.test('cards: text, a still image between bars, odd text, and no text where none can be drawn', async (t) => {
  const image = film('still.jpg', ['-f', 'lavfi', '-i', 'color=white:s=100x100', '-frames:v', '1']);
  const at = await watch(await isNormal(t, { ...cardOrder(['Next: 20:15'], image), durationMs: 1_200 }, folder));
  t.ok(at(1.1, 0.5, 0.2)[0] > 200 && at(1.1, 0.05, 0.5)[0] < 24);
  const shown = await watch(await isNormal(t, { ...cardOrder(['████████']), durationMs: 400 }, folder));
  t.ok(
    Array.from({ length: 90 }, (_, i) => shown(0.2, 0.5, i / 90)[0]).some((value) => value > 200),
    'text is seen',
  );
  await isNormal(
    t,
    {
      ...cardOrder([
        "it's 100% [a]: b, c; d\\ = {e} %{pts}\n\u0007",
        '',
        `${'long '.repeat(80)}${'x'.repeat(300)}`,
        '日本 👩‍👩‍👧',
      ]),
      durationMs: 200,
    },
    folder,
  );
  const { end, bytes } = await play(openFontless(folder), { ...cardOrder(['A']), durationMs: 200 }, folder);
  t.equal(end.problem, null);
  t.ok(bytes.length > 0, 'a card without text');
});

t.test('a broken logo costs the logo, a broken image the image, not the channel', async (t) => {
  const logo = film('logo.png', ['-f', 'lavfi', '-i', 'color=white:s=100x100', '-frames:v', '1']);
  truncateSync(logo, 60);
  const watermark = { path: logo, corner: 'top-left', opacity: 1, widthPercent: 10 } as const;
  for (const order of [fileOrder({ from: plain }), cardOrder(['A']), cardOrder(['A'], '/nowhere.jpg')]) {
    const { end, bytes } = await play(ffmpeg, { ...order, durationMs: 200, watermark }, folder);
    t.equal(end.problem, null);
    t.ok(bytes.length > 0);
  }
});

t.test('without the hardware that was asked for, a programme and a card are encoded in software', async (t) => {
  const accelerated = openFfmpeg(nowhereVaapi, silentLog);
  for (const order of [fileOrder({ from: plain }), cardOrder(['A'])]) {
    const { end, bytes } = await play(accelerated, { ...order, durationMs: 200 }, folder);
    t.equal(end.problem, null);
    t.ok(bytes.length > 0);
  }
  const { end } = await play(accelerated, fileOrder({ from: '/nowhere.mkv', media: knownMedia }), folder);
  t.match(end.problem, /No such file/u);
});

t.test('the signal ends it at once, also before it began; that is no problem', async (t) => {
  for (const when of ['before', 'while probing', 'while playing']) {
    const controller = new AbortController();
    if (when === 'before') controller.abort();
    const { output, ended } = ffmpeg.startProgramme({ ...fileOrder({ from: plain }), durationMs: 3_600_000 }, controller.signal);
    if (when === 'while probing') controller.abort();
    if (when === 'while playing') output.once('data', () => controller.abort());
    t.equal((await ended).problem, null, when);
    t.ok(output.destroyed, when);
  }
});

t.test('row 138: a reader that leaves ends ffmpeg, whether it plays or waits for a silent server', async (t) => {
  const server = createServer(() => asked());
  let asked = (): void => {};
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const silent = `http://127.0.0.1:${(server.address() as AddressInfo).port}/film.mkv`;
  for (const from of [plain, silent]) {
    const began = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const programme = ffmpeg.startProgramme({ ...fileOrder({ from, media: knownMedia }), durationMs: 3_600_000 }, never);
    if (from === plain) await new Promise((resolve) => programme.output.once('data', resolve));
    else await began;
    t.ok((programme.pid ?? 0) > 0);
    programme.output.destroy();
    t.equal((await programme.ended).problem, null);
  }
});

t.test('hurried, with little probing: sound that begins late, AC-3, an index at the end, HEVC', async (t) => {
  const [video, audio] = [sources('96x54', 1.5).slice(0, 4), sources('96x54', 1.5).slice(4)];
  const films = [
    film('hurry.mkv', [...video, '-itsoffset', '0.7', ...audio, ...h264, '-c:a', 'ac3']),
    film('hurry.mp4', [...video, ...audio, ...h264, '-c:a', 'aac']),
    film('hevc.mkv', [
      ...video,
      ...audio,
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-x265-params',
      'log-level=none',
      '-c:a',
      'libopus',
    ]),
  ];
  for (const from of films) await isNormal(t, { ...fileOrder({ from, seekMs: 200 }), durationMs: 800, hurry: true }, folder);
});
