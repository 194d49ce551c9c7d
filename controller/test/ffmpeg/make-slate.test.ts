// Slates: loops of whole frames, as the channel is.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openFfmpeg } from '../../src/ffmpeg/open-ffmpeg.ts';
import { silentLog } from '../../src/log.ts';
import { inspect, watch } from './fixtures/films.ts';
import { nowhereVaapi, openFontless, openHere, picture, settings } from './fixtures/orders.ts';

const never = new AbortController().signal;
const folder = t.testdir({});

t.test('1.92 s at 25/s and 48 kHz: 48 frames and 90 of sound, with the text in the middle', async (t) => {
  const path = join(folder, 'slate.ts');
  writeFileSync(path, await openHere().makeSlate(picture, ['████████', 'Starting'], never));
  const { video, audio, videoPackets, audioPackets } = await inspect(path);
  t.match(video, { id: '0x100', codec_name: 'h264', profile: 'High', level: 40, width: 160, height: 90 });
  t.match(audio, { id: '0x101', codec_name: 'aac', sample_rate: '48000', channels: 2 });
  t.equal(videoPackets.length, 48);
  t.equal(audioPackets.length, 90);
  t.equal(videoPackets[0]?.flags.startsWith('K'), true);
  const at = await watch(path);
  t.ok(Array.from({ length: 40 }, (_, i) => at(1, 0.5, 0.25 + i / 80)[0]).some((value) => value > 200));
});

t.test('large pictures at 50/s too, in memory', async (t) => {
  const large = {
    ...picture,
    width: 1888,
    height: 1062,
    rate: { num: 50, den: 1 },
    gop: 50,
    h264Level: '4.2',
    videoBps: 8_000_000,
  };
  const bytes = await openHere().makeSlate(large, ['Large'], never);
  t.ok(bytes.length % 188 === 0 && bytes.length < 1_000_000);
});

t.test('without the hardware that was asked for a slate is made in software', async (t) => {
  const told: string[] = [];
  const log = { ...silentLog, warn: (_fields: object, text: string) => void told.push(text) };
  const bytes = await openFfmpeg(nowhereVaapi, log).makeSlate(picture, ['Text'], never);
  t.ok(bytes.length > 0);
  t.same(told, ['a slate is made without channels.acceleration']);
});

t.test('without a font a slate has no text; without ffmpeg there is none, by key', async (t) => {
  t.ok((await openFontless(folder).makeSlate(picture, ['Text'], never)).length > 0);
  const without = openFfmpeg({ ...settings, ffmpeg: '/nowhere/ffmpeg' }, silentLog);
  await t.rejects(without.makeSlate(picture, ['Text'], never), { code: 'upstream_failed', message: /channels\.ffmpeg/u });
  await t.rejects(openHere().makeSlate(picture, [], AbortSignal.abort()), { name: 'AbortError' });
});
