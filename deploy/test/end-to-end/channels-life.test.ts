// A channel's life seen from outside: made of a library and a genre, listed, watched by two at once, kept over a restart, deleted.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { call } from './fixtures/api.ts';
import {
  type ChannelAnswer,
  type Entry,
  enterChannelsHome,
  ffmpegsOf,
  filmLibrary,
  makeFilms,
  picturesOf,
  startChannelsHome,
  watch,
} from './fixtures/channels-home.ts';
import { until } from './fixtures/until.ts';

const DAY_MS = 86_400_000;
const run = promisify(execFile);

t.test('the life of a channel', async (t) => {
  const films = await makeFilms(t);
  const { home, api, library, create, token } = await startChannelsHome(t, {
    jellyfin: { library: [filmLibrary(films, 600_000)] },
  });
  const player = await token('player');
  let channel: ChannelAnswer | undefined;
  const id = (): number => channel?.id ?? 0;

  await t.test(
    'rows 75, 76, 82, 85, 109: a library and a genre are a channel with a week of it, without gap or overlap',
    async (t) => {
      const body = { name: 'Crime & more', libraries: [library], genre_filters: [{ genre: 'Crime', content_type: 'movie' }] };
      const startAt = new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString();
      const made = await api.call('POST', '/api/channels/', { ...body, start_at: startAt });
      t.equal(made.status, 201, made.text);
      channel = made.body as ChannelAnswer;
      t.match(channel, { name: 'Crime & more', channel_number: `100.${id()}`, schedule_error: null });
      const through = Date.parse(channel.schedule_generated_through ?? '');
      t.ok(through - Date.now() >= 7 * DAY_MS, `through ${channel.schedule_generated_through}`);
      const from = new Date(Date.now() - 3_600_000).toISOString();
      const entries = await api.get<readonly Entry[]>(
        `/api/schedules/channel/${id()}?start=${from}&end=${encodeURIComponent(channel.schedule_generated_through ?? '')}`,
      );
      t.ok(entries.length > 1_000, `${entries.length} entries`);
      t.equal(entries[0]?.start_time, startAt, 'from where it was to begin');
      t.ok(
        entries.every(({ end_time }, i) => i === entries.length - 1 || end_time === entries[i + 1]?.start_time),
        'each end is the next start',
      );
      t.ok(
        entries.every(({ genres, kind }) => kind === 'programme' && genres.includes('Crime')),
        'only what was wanted',
      );
      t.ok(Date.parse(entries.at(-1)?.end_time ?? '') - Date.now() >= 7 * DAY_MS);
    },
  );

  await t.test(
    'rows 77, 80, 84, 124, 140: two clients, by token and by log-in, go over a boundary and see the same item at the same moment, where the schedule says',
    async (t) => {
      const byToken = await watch(t, `${player.root}/${id()}.ts`);
      t.equal(byToken.status, 200);
      t.equal(byToken.contentType, 'video/mp2t');
      const login = await call(`${home.httpUrl}/api/login`, 'POST', { body: { password: home.adminPassword } });
      const bySession = await watch(t, `${home.httpUrl}/api/livetv/stream/${id()}`, { cookie: login.cookie });
      t.equal(bySession.status, 200);
      const { title } = await api.get<Entry>(`/api/schedules/channel/${id()}/now`);
      // By hand, over what is on: the boundary comes while we watch, however busy the machine is.
      const boundary = Math.ceil(Date.now() / 1_000) * 1_000 + 8_000;
      const next = { title: title === 'Alpha' ? 'Beta' : 'Alpha' };
      const item = home.jellyfin.items.find(({ name }) => name === next.title)?.id;
      const entry = { channel_id: id(), media_item_id: item, start_time: new Date(boundary).toISOString() };
      const placed = await api.call('POST', '/api/schedules', entry);
      t.equal(placed.status, 201, placed.text);
      await wait(boundary + 6_000 - Date.now());
      t.match(await ffmpegsOf(home), [{ name: 'ffmpeg' }], 'one works for both');
      const at = Date.now();
      const [one, two] = await Promise.all([byToken.stop(), bySession.stop()]);
      t.equal(one[0], 0x47, 'a transport stream');
      const [a, b] = await Promise.all([picturesOf(one), picturesOf(two)]);
      const [lastA, lastB] = [a.at(-1), b.at(-1)];
      t.equal(lastA?.film, next.title, 'what the schedule says');
      t.equal(lastB?.film, next.title);
      t.ok(Math.abs((lastA?.atMs ?? 0) - (lastB?.atMs ?? 0)) <= 1_000, `${lastA?.atMs} and ${lastB?.atMs} ms`);
      // A viewer is 3 s and a second of film behind the schedule at most; brightness tells the time to some tenths of a second.
      const behind = at - boundary - (lastA?.atMs ?? 0);
      t.ok(behind > -1_000 && behind < 5_000, `${behind} ms behind the schedule`);
      for (const pictures of [a, b])
        t.ok(
          pictures.some(({ film }) => film === title),
          'both are in one stream',
        );
      const file = join(home.folder, 'boundary.ts');
      await writeFile(file, one);
      const { stdout } = await run('ffprobe', [
        '-v',
        'error',
        '-select_streams',
        'v',
        '-show_entries',
        'packet=dts',
        '-of',
        'csv=p=0',
        file,
      ]);
      const times = stdout
        .split(/[\s,]+/)
        .filter(Boolean)
        .map(Number);
      t.ok(
        times.length > 50 && times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0)),
        `${times.length} packets, times rise`,
      );
    },
  );

  await t.test('rows 93, 94, 110: what is left out of a change stays; one that is off is nowhere', async (t) => {
    const other = await create({ name: 'Other', channel_number: '7', description: 'all of it' });
    const ask = (body: unknown) => api.call('PUT', `/api/channels/${other.id}`, body);
    t.match((await ask({ name: 'Another' })).body, { name: 'Another', channel_number: '7', description: 'all of it' });
    t.equal((await ask({ schedule_type: 'by hand' })).status, 400);
    t.match((await ask({ enabled: false })).body, { enabled: false, name: 'Another' });
    for (const path of ['/api/livetv/m3u/all', '/api/livetv/xmltv/all'])
      t.notOk((await api.call('GET', path)).text.includes('Another'), path);
    t.equal((await watch(t, `${player.root}/${other.id}.ts`)).status, 403);
    t.equal((await api.call('GET', `/api/livetv/stream/${other.id}`)).status, 403);
    t.match((await ask({ enabled: true })).body, { enabled: true });
    const list = await api.get<readonly ChannelAnswer[]>('/api/channels/');
    t.same(
      list.map(({ name }) => name),
      ['Another', 'Crime & more'],
      'row 107: by number',
    );
    const m3u = (await api.call('GET', '/api/livetv/m3u/all')).text;
    t.ok(m3u.indexOf('Another') < m3u.indexOf('Crime & more'), 'row 120: by number');
  });

  await t.test('rows 79, 121–123, 125: playlists and guides of one and of all, valid by the DTD', async (t) => {
    for (const which of ['all', String(id())]) {
      const m3u = await api.call('GET', `/api/livetv/m3u/${which}`);
      t.equal(m3u.status, 200);
      t.match(m3u.text, /^#EXTM3U/);
      t.match(m3u.text, new RegExp(`/api/livetv/stream/${id()}\\n`));
      const guide = await api.call('GET', `/api/livetv/xmltv/${which}`);
      t.equal(guide.status, 200);
      t.match(guide.text, /Crime &amp; more/);
      const file = join(home.folder, `${which}.xml`);
      await writeFile(file, guide.text);
      const said = await run('tv_validate_file', ['--dtd-file', '/usr/share/xmltv/xmltv.dtd', file]);
      t.equal(`${said.stdout}${said.stderr}`.includes('rror'), false, said.stderr);
    }
    for (const path of ['m3u/9999', 'xmltv/9999', 'stream/9999'])
      t.equal((await api.call('GET', `/api/livetv/${path}`)).status, 404, path);
  });

  await t.test('rows 104–106, 108, 117, 118, 126: the API tells of itself; log-in and JSON bodies are needed', async (t) => {
    t.match((await api.call('GET', '/api')).body, { name: 'Headgate', version: /./ });
    for (const path of ['/health', '/healthz', '/openapi.json', '/docs'])
      t.equal((await api.call('GET', path)).status, 200, path);
    t.match((await api.call('GET', `/api/channels/${id()}`)).body, { id: id() });
    t.equal((await api.call('GET', '/api/channels/9999')).status, 404);
    for (const path of ['/api/jellyfin/users', '/api/jellyfin/libraries', `/api/jellyfin/items/${library.library_id}`]) {
      const { status, text } = await api.call('GET', path);
      t.equal(status, 200, path);
      t.notOk(text.includes(home.jellyfin.apiKey), path);
    }
    const form = await api.call('POST', '/api/channels/?name=Query', undefined, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    t.ok([400, 415, 422].includes(form.status), `form: ${form.status}`);
    for (const path of [`stream/${id()}`, 'm3u/all', 'xmltv/all'])
      t.equal((await fetch(`${home.httpUrl}/api/livetv/${path}`)).status, 401, path);
    for (const path of [`${id()}.ts`, 'playlist.m3u', 'guide.xml'])
      t.equal((await fetch(`${home.httpUrl}/live/${'x'.repeat(player.secret.length)}/${path}`)).status, 404, path);
    t.equal((await watch(t, `${player.root}/9999.ts`)).status, 404);
  });

  await t.test('row 77: a restart changes neither schedule nor addresses', async (t) => {
    const range = `start=${new Date(Date.now() - 600_000).toISOString()}&end=${new Date(Date.now() + 7 * DAY_MS).toISOString()}`;
    const before = (await api.call('GET', `/api/schedules/channel/${id()}?${range}`)).text;
    const playlist = await (await fetch(`${player.root}/playlist.m3u`)).text();
    t.equal(await home.controller.stop(), 0);
    await home.controller.start();
    const again = await enterChannelsHome(home);
    t.equal((await again.api.call('GET', `/api/schedules/channel/${id()}?${range}`)).text === before, true, 'byte by byte');
    t.equal(await (await fetch(`${player.root}/playlist.m3u`)).text(), playlist);
    const watching = await watch(t, `${player.root}/${id()}.ts`);
    t.equal(watching.status, 200);
    await until('it flows', () => watching.bytes() > 200_000);
    t.equal((await again.api.call('DELETE', `/api/channels/${id()}`)).status, 204, 'row 111');
    await until('its viewers leave', () => watching.ended());
    for (const path of [`/api/channels/${id()}`, `/api/schedules/channel/${id()}`, `/api/livetv/m3u/${id()}`])
      t.equal((await again.api.call('GET', path)).status, 404, `row 102: ${path}`);
    t.equal((await fetch(`${player.root}/${id()}.ts`)).status, 404);
    await until('no ffmpeg is left', async () => (await ffmpegsOf(home)).length === 0, { show: () => id() });
    const next = await again.create({ name: 'Next' });
    t.ok(next.id > id(), 'an id is never used again');
  });
});
