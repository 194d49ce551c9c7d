// What the stream process is told to play.
import t from 'tap';
import { updateBody } from '../../src/channels/channels-api.ts';
import { entryBody } from '../../src/channels/schedules-api.ts';
import type { MediaInfo } from '../../src/on-air/media-info.ts';
import { body, DAY, HOUR, MINUTE, openChannels, START } from './open-channels.ts';

const media: MediaInfo = {
  durationMs: 90 * MINUTE,
  container: 'matroska',
  video: null,
  audio: ['eng', 'ger'].map((language, ordinal) => ({
    ordinal,
    codec: 'aac',
    profile: null,
    sampleRate: 48_000,
    channels: 2,
    language,
    isDefault: ordinal === 0,
  })),
  subtitles: [],
};

t.test(
  'rows 134, 135, 148: steps hold what is on and follow without a gap; the source is a path and a URL without a key',
  async (t) => {
    await using home = await openChannels(t);
    const { channels, clock, stores } = home;
    const { id } = await channels.create(body({ picture: { audio_language: 'deu', transport: 'auto' } }));
    await clock.advance(20 * MINUTE);
    const entries = await channels.entries(id, clock.now(), clock.now() + 3 * HOUR);
    const steps = await channels.steps(id, clock.now());
    t.same(
      steps.map(({ entryId, startMs, endMs }) => [entryId, startMs, endMs]),
      entries.map((one) => [one.id, one.startMs, one.endMs]),
    );
    t.ok(steps.every(({ endMs }, i) => endMs === (steps[i + 1]?.startMs ?? endMs)));
    t.match(steps[0], {
      startMs: START,
      transport: 'encode',
      source: { kind: 'item', fromMs: 0, media: null, audio: null, subtitle: null, gainDb: 0 },
    });
    const film = steps.find(({ title }) => title.startsWith('Film'));
    t.match(film, { source: { path: /^\/films\/f\d+.mkv$/, http: { url: /^http:\/\/main\/Items\/f\d+\/Download$/ } } });
    for (const { item } of entries)
      if (item !== null) await stores.probes.put({ ...item, probedAt: 1, ok: true, problem: null, media, gainDb: -3.5 });
    t.match(await channels.steps(id, clock.now()), [{ transport: 'copy', source: { audio: 1, gainDb: -3.5, media } }]);
    await t.rejects(channels.steps(9, clock.now()), { code: 'not_found' });
    await channels.update(id, updateBody.parse({ logo: '/logos/a.png', picture: { watermark: { corner: 'top-right' } } }));
    t.match(await channels.steps(id, clock.now()), [{ transport: 'encode' }], 'a copy has no watermark');
  },
);

t.test('cards say what comes next and when, by the clock on the home’s wall', async (t) => {
  await using home = await openChannels(t);
  const { channels } = home;
  const { id } = await channels.create(body({ schedule_type: 'manual' }));
  const start_time = '2026-11-21T20:15:00+01:00';
  const parsed = entryBody.parse({ channel_id: id, media_item_id: 'a-1', start_time });
  const { id: entryId } = await channels.addEntry(parsed);
  const next = { entryId, source: { kind: 'item' }, title: 'Series a: Part 1' };
  const startMs = Date.parse(start_time);
  const soon = await channels.steps(id, startMs - HOUR);
  t.match(soon, [{ startMs: startMs - HOUR, endMs: startMs, source: { lines: ['Next at 20:15: Series a: Part 1'] } }, next]);
  const far = await channels.steps(id, startMs - 6 * HOUR);
  t.match(far, [{ startMs: startMs - 6 * HOUR, endMs: startMs }, next], 'a long gap is one card');
  const other = await channels.create(body({ name: 'Two', rules: { filler: { kind: 'card', pad_to_minutes: 60 } } }));
  const steps = await channels.steps(other.id, START);
  const card = steps.find(({ source }) => source.kind === 'card');
  t.match(card, { source: { lines: ['Two', /^Next at \d\d:00: /] } });
  t.equal((await channels.entries(other.id, START, START + DAY)).filter(({ kind }) => kind === 'card').length > 5, true);
});
