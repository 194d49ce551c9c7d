// What people type and what is missing: odd names through playlist and guide into Jellyfin's list, a server that is down, none at all.
import t from 'tap';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { logIn } from './fixtures/api.ts';
import { type ChannelAnswer, filmLibrary, makeFilms, startChannelsHome } from './fixtures/channels-home.ts';
import { until } from './fixtures/until.ts';

const NAMES = [
  'News & <b>',
  'Films, series, more',
  '24 Stunden',
  '3 "Quoted" \'names\'',
  'Kino 🎬 für Ö',
  '-1 tvg-id="x",y',
  '日本語 #EXTINF',
  'A channel whose name is long. '.repeat(8).trim(),
];

/** What the parser would take for the end of a field, or a leading number, is written with a letter that looks the same. */
const plain = (name: string): string => name.replaceAll('‚', ',').replaceAll(/[“”]/g, '"').replaceAll(/\s/g, ' ');

t.test('odd names, and a Jellyfin that is down', async (t) => {
  const films = await makeFilms(t, ['Alpha']);
  const { home, api, create, token } = await startChannelsHome(t, {
    jellyfin: { library: [filmLibrary(films)], probe: 'assume' },
  });
  const first = await create({ name: NAMES[0] });
  const { root } = await token('player');

  await t.test('rows 78, 79, 90: every name comes through API, M3U and XMLTV into Jellyfin as it was typed', async (t) => {
    // Without a schedule of their own they cost little.
    for (const name of NAMES.slice(1)) await create({ name, schedule_type: 'manual' });
    t.same(
      (await api.get<readonly ChannelAnswer[]>('/api/channels')).map(({ name }) => name),
      NAMES,
    );
    t.equal((await api.call('POST', '/api/livetv/register')).status, 200);
    await until('all are there', () => home.jellyfin.liveTv.channels().length === NAMES.length, {
      show: () => home.jellyfin.liveTv.channels().map(({ tuner }) => tuner.name),
    });
    await home.jellyfin.liveTv.guideSettled();
    const seen = home.jellyfin.liveTv.channels();
    t.same(seen.map(({ tuner }) => plain(tuner.name ?? '')).sort(), [...NAMES].sort());
    const news = seen.find(({ tuner }) => tuner.name === NAMES[0]);
    t.ok(home.jellyfin.liveTv.programmes(news?.id ?? '').length > 100, 'its guide is found');
    t.match(await (await fetch(`${root}/guide.xml`)).text(), /<display-name[^>]*>News &amp; &lt;b/);
    for (const name of ['', '   ', 'x'.repeat(256)])
      t.equal((await api.call('POST', '/api/channels', { name })).status, 400, `${name.length} characters`);
    t.equal(
      (await api.call('POST', '/api/channels', { name: 'Twice', channel_number: first.channel_number })).status,
      409,
      'row 92',
    );
    t.equal((await api.call('POST', '/api/channels', { name: 'Typo', librarys: [] })).status, 400, 'row 127');
  });

  await t.test(
    'row 109: with Jellyfin down a channel is kept, and says why it has no schedule; planned when it is back',
    async (t) => {
      await home.controller.stop();
      await home.jellyfin.powerOff();
      await home.controller.start();
      const again = await logIn(home);
      const library = { library_id: 'f'.repeat(32), library_name: 'Not read yet' };
      const known = (
        await again.get<
          readonly { readonly libraries: readonly { readonly library_id: string; readonly library_name: string }[] }[]
        >('/api/channels')
      )[0];
      const body = {
        name: 'Later',
        libraries: known?.libraries.map(({ library_id, library_name }) => ({ library_id, library_name })) ?? [library],
        years: { from: 1990 },
      };
      const strange = await again.call('POST', '/api/channels', { ...body, name: 'Elsewhere', libraries: [library] });
      t.equal(strange.status, 201, strange.text);
      const { id, schedule_error: error } = strange.body as ChannelAnswer;
      t.match(error, /./, 'the reason is told');
      t.equal((await again.call('GET', `/api/channels/${id}`)).status, 200);
      t.equal((await again.call('GET', '/api/jellyfin/libraries')).status >= 500, true);
      t.equal((await again.call('POST', '/api/livetv/register')).status >= 500, true);
      t.equal((await again.call('DELETE', `/api/channels/${id}`)).status, 204);
      const later = await again.call('POST', '/api/channels', body);
      t.equal(later.status, 201);
      await home.jellyfin.powerOn();
      const channel = async () =>
        (await again.call('GET', `/api/channels/${(later.body as ChannelAnswer).id}`)).body as ChannelAnswer;
      await until(
        'it is planned',
        async () => (await channel()).schedule_generated_through !== null && (await channel()).schedule_error === null,
        {
          mostMs: 40_000,
        },
      );
      await until('Live TV is as it should be', async () =>
        (await again.call('GET', '/api/livetv/status')).text.includes('"registered":true'),
      );
    },
  );
});

t.test('row 151: without any Jellyfin the app starts; what needs one is answered with 400 and a hint', async (t) => {
  const home = await startSimulatedHome({ withAgent: false, config: { media_servers: [] as never } });
  t.teardown(() => home[Symbol.asyncDispose]());
  await home.start();
  const api = await logIn(home);
  t.same(await api.get('/api/channels'), []);
  const made = await api.call('POST', '/api/channels', {
    name: 'None',
    libraries: [{ library_id: 'a'.repeat(32), library_name: 'Films' }],
  });
  for (const answer of [made, await api.call('POST', '/api/livetv/register'), await api.call('GET', '/api/jellyfin/libraries')]) {
    t.equal(answer.status, 400, answer.text);
    t.match(answer.text, /media_servers/);
  }
  t.equal((await api.call('POST', '/api/channels', { name: 'By hand', schedule_type: 'manual' })).status, 201);
});
