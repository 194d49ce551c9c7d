// The guide over restarts and changes, and what is planned while the Jellyfin is away.
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { type ChannelAnswer, type Entry, enterChannelsHome, startChannelsHome } from './fixtures/channels-home.ts';

const DAY_MS = 86_400_000;
const films = Array.from({ length: 8 }, (_, i) => ({
  name: `Film ${i}`,
  runtimeMs: (80 + i) * 60_000,
  genres: ['Crime'],
  overview: `What happens in ${i}.`,
}));

t.test('guide and schedule outlast restarts and a Jellyfin that is away', async (t) => {
  const { home, create, token } = await startChannelsHome(t, { jellyfin: { library: [{ name: 'Films', films }] } });
  const player = await token('player');
  const channel = await create({ name: 'Crime' });
  const guide = async (headers: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(`${player.root}/guide.xml`, { headers });
    return { status: answer.status, etag: answer.headers.get('etag') ?? '', text: await answer.text() };
  };
  const before = await guide();
  t.match(before.text, 'What happens in');
  t.match(before.text, '<category>movie</category>');

  await t.test(
    'the first guide after a start is as it was, with the Jellyfin gone: texts, genres, ETag (rows 77, 79)',
    async (t) => {
      t.equal(await home.controller.stop(), 0);
      await home.jellyfin.powerOff();
      await home.controller.start();
      const first = await guide({ 'if-none-match': before.etag });
      // A programme that came to its end meanwhile makes it another one.
      if (first.status !== 304) t.match(first.text, '<category>movie</category>');
      t.match((await guide()).text, 'What happens in');
    },
  );

  await t.test(
    'without it, days more are planned of what was read last, and what is new is kept for later (row 109)',
    async (t) => {
      const again = await logIn(home);
      const more = await again.call('POST', `/api/channels/${channel.id}/generate-schedule`, { days: 5 });
      t.equal(more.status, 200, more.text);
      const other = { library_id: 'f'.repeat(32), library_name: 'Other' };
      const made = await again.call('POST', '/api/channels', { name: 'New', libraries: [other] });
      t.match(made, { status: 201, body: { schedule_error: /./, schedule_generated_through: null } });
      const view = await again.get<ChannelAnswer>(`/api/channels/${channel.id}`);
      t.ok(Date.parse(view.schedule_generated_through ?? '') > Date.now() + 12 * DAY_MS);
    },
  );

  await t.test('back, another name is in guide and playlist at once, and nothing in the schedule moves (row 110)', async (t) => {
    await home.jellyfin.powerOn();
    const { api: now } = await enterChannelsHome(home);
    const entries = async () => await now.get<readonly Entry[]>(`/api/schedules/channel/${channel.id}`);
    const standing = await entries();
    const { etag } = await guide();
    t.equal((await now.call('PUT', `/api/channels/${channel.id}`, { name: 'Noir', channel_number: '7.2' })).status, 200);
    const after = await guide({ 'if-none-match': etag });
    t.equal(after.status, 200, 'another ETag');
    t.match(after.text, '<display-name>Noir</display-name><display-name>7.2</display-name>');
    t.match(await (await fetch(`${player.root}/playlist.m3u`)).text(), 'tvg-chno="7.2" tvg-name="Noir"');
    t.same(await entries(), standing);
  });
});
