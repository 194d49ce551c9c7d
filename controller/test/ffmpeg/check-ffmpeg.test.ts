// What this machine's ffmpeg can do.
import t from 'tap';
import { openFfmpeg } from '../../src/ffmpeg/open-ffmpeg.ts';
import { silentLog } from '../../src/log.ts';
import { openFontless, openHere, settings } from './fixtures/orders.ts';

const never = new AbortController().signal;

t.test('an ordinary ffmpeg: its version, no problems, nothing lacking', async (t) => {
  const { version, problems, lacks } = await openHere().check(never);
  t.match(version, /^\d/u);
  t.same(problems, []);
  t.same(lacks, []);
});

t.test('what is wrong is told by key: no programs, no such hardware, no font', async (t) => {
  const check = (more: object) => openFfmpeg({ ...settings, ...more }, silentLog).check(never);
  t.match(await check({ ffmpeg: '/nowhere/ffmpeg' }), { version: null, problems: [/^channels\.ffmpeg: .*is not there/u] });
  t.match(await check({ ffprobe: '/nowhere/ffprobe' }), { problems: [/^channels\.ffprobe: /u] });
  const without = await check({ acceleration: 'vaapi', device: '/dev/dri/none' });
  t.match(without, { problems: [], lacks: [/^channels\.acceleration: encoding with vaapi failed.*in software$/u] });
  t.match(await openFontless(t.testdir({})).check(never), { problems: [], lacks: [/channels\.font/u] });
  await t.rejects(openHere().check(AbortSignal.abort()), { name: 'AbortError' });
});
