// Units out of ffmpeg's transport stream, whole or not at all, whatever happens to its bytes on the way.
import t from 'tap';
import { createSplicer } from '../../../src/live/transport-stream/splicer.ts';
import type { Unit } from '../../../src/live/transport-stream/unit.ts';
import { createUnitReader } from '../../../src/live/transport-stream/unit-reader.ts';
import { askFfmpeg } from './fixtures/ask-ffmpeg.ts';
import { checkStream } from './fixtures/check-stream.ts';
import { bytesOf, nameOf, readAll, seededRandom } from './fixtures/join-sources.ts';
import { makeSource } from './fixtures/make-source.ts';

const PACKET = 188;
const source = await makeSource({ seconds: 1.2, bFrames: 2, gop: 10, flags: [] });
const whole = readAll(source);
const pidOf = (bytes: Uint8Array, packet: number) =>
  (((bytes[packet * PACKET + 1] ?? 0) & 0x1f) << 8) | (bytes[packet * PACKET + 2] ?? 0);

function read(...chunks: readonly Uint8Array[]): { units: readonly Unit[]; problem: string | null } {
  const reader = createUnitReader();
  const units = chunks.flatMap((chunk) => [...reader.push(chunk)]);
  return { units: [...units, ...reader.end()], problem: reader.problem() };
}

const equal = (some: readonly Unit[], others: readonly Unit[]): boolean => `${some.map(nameOf)}` === `${others.map(nameOf)}`;
const contentOf = ({ kind, pts, packets }: Unit): string => nameOf({ kind, pts, dts: 0, key: true, packets });
const originals = new Set(whole.map(contentOf));

/** As units are placed by a splicer, with what is wrong with the bytes. */
function spliced(units: readonly Unit[]): { bytes: Uint8Array; faults: readonly string[] } {
  const splicer = createSplicer({ frameTicks: 3_600, audioFrameTicks: 1_920, startTicks: 900_000 });
  const bytes = bytesOf(units.map((unit) => splicer.place(unit)).filter((placed) => placed !== null));
  return { bytes, faults: checkStream(bytes).faults };
}

t.test('all frames of ffmpeg come whole: 30 pictures, and sound frame by frame although a PES holds several', async (t) => {
  const video = whole.filter(({ kind }) => kind === 'video');
  const audio = whole.filter(({ kind }) => kind === 'audio');
  t.equal(video.length, 30);
  t.equal(video.filter(({ key }) => key).length, 3);
  t.ok(video[0]?.key && whole[0] === video[0], 'a key frame comes first');
  t.ok(audio.length >= 56 && audio.length <= 60, `${audio.length}`);
  for (const [index, { pts }] of audio.entries()) t.ok(Math.abs(pts - (audio[0]?.pts ?? 0) - index * 1_920) <= 1, `${pts}`);
  t.ok(
    video.some(({ pts, dts }) => pts > dts),
    'B-frames have a DTS of their own',
  );
  t.same(spliced(whole).faults, []);
  t.same(
    readAll(await makeSource({ seconds: 1.2, bFrames: 2, gop: 10, flags: ['-pes_payload_size', '0'] }))
      .map(({ pts }) => pts)
      .sort(),
    whole.map(({ pts }) => pts).sort(),
    'the same with a PES a frame',
  );
});

t.test('chunks may end at any byte', async (t) => {
  const random = seededRandom(3);
  for (let round = 0; round < 20; round++) {
    const reader = createUnitReader();
    const units: Unit[] = [];
    for (let from = 0; from < source.length; ) {
      const to = from + 1 + Math.floor(random() ** 3 * 4_000);
      // A buffer that is used again, as a reader of a pipe may do.
      const chunk = source.slice(from, to);
      units.push(...reader.push(chunk));
      chunk.fill(0);
      from = to;
    }
    units.push(...reader.end());
    t.ok(equal(units, whole), `round ${round}`);
  }
});

t.test('garbage before the stream and in it costs no more than what it hits', async (t) => {
  const random = seededRandom(5);
  for (let round = 0; round < 10; round++) {
    const noise = Uint8Array.from({ length: Math.floor(random() * 3_000) }, () => Math.floor(random() * 256));
    t.ok(equal(read(noise, source).units, whole), `${noise.length} bytes before`);
    const hit = PACKET * Math.floor((random() * source.length) / PACKET) + 20;
    const { units } = read(source.subarray(0, hit), noise, source.subarray(hit));
    t.same(spliced(units).faults, []);
    t.ok(units.length <= whole.length);
    if (noise.length > PACKET) t.ok(units.length > 10, `${units.length} are left`);
  }
});

t.test(
  'where packets of the source are lost, broken or sent twice, what is left has no error, for the checker and for ffmpeg',
  async (t) => {
    const random = seededRandom(8);
    for (let round = 0; round < 12; round++) {
      const parts: Uint8Array[] = [];
      for (let from = 0; from < source.length; from += PACKET) {
        const packet = source.slice(from, from + PACKET);
        const chance = random();
        if (chance < 0.01) continue;
        if (chance < 0.015) packet[1] = (packet[1] ?? 0) | 0x80;
        parts.push(packet);
        if (chance > 0.9) parts.push(packet.slice());
      }
      const { units } = read(Buffer.concat(parts));
      const { bytes, faults } = spliced(units);
      t.same(faults, []);
      const strangers = units.filter((unit) => !originals.has(contentOf(unit)));
      t.same(strangers.map(nameOf), [], 'each is one of the source');
      if (round >= 2 || units.length === 0) continue;
      const { continuityErrors, corrupt, complaints } = await askFfmpeg(bytes);
      t.same({ continuityErrors, corrupt, complaints }, { continuityErrors: 0, corrupt: 0, complaints: [] });
    }
  },
);

t.test('a lost packet of a picture drops all up to the next key frame, one of the sound only its frames', async (t) => {
  const count = source.length / PACKET;
  const video = Array.from({ length: count }, (_, packet) => packet).filter((packet) => pidOf(source, packet) === 0x100);
  const hit = video[Math.floor(video.length / 2)] ?? 0;
  const { units } = read(source.subarray(0, hit * PACKET), source.subarray((hit + 1) * PACKET));
  const missing = whole.filter(({ pts, kind }) => !units.some((unit) => unit.pts === pts && unit.kind === kind));
  t.ok(missing.length > 0 && missing.length <= 10 && missing.every(({ kind }) => kind === 'video'), `${missing.length}`);
  const rest = units.filter(({ kind }) => kind === 'video');
  const resumed = rest.find((unit) => unit.dts > (missing[0]?.dts ?? 0));
  t.ok(resumed === undefined || resumed.key, 'it goes on with a key frame');
});

t.test('a source that ends in the middle of a frame gives all but that one', async (t) => {
  const random = seededRandom(13);
  for (let round = 0; round < 40; round++) {
    const end = Math.floor(random() * source.length);
    const { units } = read(source.subarray(0, end));
    const pictures = units.filter(({ kind }) => kind === 'video');
    t.ok(equal(pictures, whole.filter(({ kind }) => kind === 'video').slice(0, pictures.length)), `cut at ${end}`);
    t.same(spliced(units).faults, []);
  }
});

t.test('what is no such stream is said in a sentence', async (t) => {
  const noise = new Uint8Array(2 ** 21).map((_, index) => (index * 7_919) >> 3);
  t.equal(read(noise).problem, 'it is no MPEG transport stream');
  t.equal(read(new Uint8Array(0)).problem, null, 'nothing came, and nothing is known');
  t.equal(read(source).problem, null);
  const other = await makeSource({ seconds: 0.4, flags: ['-c:v', 'mpeg2video', '-profile:v', 'main', '-c:a', 'mp2'] });
  t.equal(read(other).problem, 'it has no H.264 picture (stream types 0x2, 0x3)');
  t.same(read(other).units, []);
  const silent = await makeSource({ seconds: 0.4, flags: ['-an'] });
  t.equal(read(silent).problem, 'it has no AAC sound');
  t.equal(read(silent).units.length, 10, 'its pictures come all the same');
});

t.test('sound without pictures, and pictures without an end, do not fill the memory', async (t) => {
  const packets = Array.from({ length: source.length / PACKET }, (_, packet) => packet);
  const soundOnly = Buffer.concat(
    packets
      .filter((packet) => pidOf(source, packet) !== 0x100)
      .map((packet) => source.subarray(packet * PACKET, (packet + 1) * PACKET)),
  );
  const reader = createUnitReader();
  for (let round = 0; round < 200; round++) t.same(reader.push(soundOnly), []);
  t.same(reader.end(), [], 'without a key frame nothing can begin');
  // A picture that never ends: its first packet, then packets that carry on with it.
  const first = packets.find((packet) => pidOf(source, packet) === 0x100) ?? 0;
  const endless = createUnitReader();
  endless.push(source.subarray(0, (first + 1) * PACKET));
  const before = process.memoryUsage().arrayBuffers;
  const carrying = new Uint8Array(16 * PACKET).fill(0xff);
  for (let i = 0; i < 16; i++)
    carrying.set([0x47, 0x01, 0x00, 0x10 | (((source[first * PACKET + 3] ?? 0) + 1 + i) & 15)], i * PACKET);
  for (let round = 0; round < 10_000; round++) endless.push(carrying);
  t.ok(
    process.memoryUsage().arrayBuffers - before < 40e6,
    `${process.memoryUsage().arrayBuffers - before} bytes for 30 MB of one picture`,
  );
  t.same(endless.end(), []);
});
