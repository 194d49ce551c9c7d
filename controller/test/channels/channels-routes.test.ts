// Channels and schedules over real HTTP.
import t, { type Test } from 'tap';
import { channelsRoutes } from '../../src/channels/channels-routes.ts';
import { schedulesRoutes } from '../../src/channels/schedules-routes.ts';
import { bearer, call, serve } from '../http/serve.ts';
import { DAY, film, HOUR, MINUTE, openChannels, START, usual } from './open-channels.ts';

type Home = Awaited<ReturnType<typeof openChannels>>;

async function serveChannels(t: Test, options: Parameters<typeof openChannels>[1] = {}) {
  const home: Home = await openChannels(t, { folder: t.testdir({ home: {} }), ...options });
  const { url, auth } = await serve(t, { routes: [...channelsRoutes(home.channels), ...schedulesRoutes(home.channels)] });
  t.teardown(home.close);
  const headers = await bearer(auth, 'write');
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await call(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    return { status: answer.status, json: answer.json as never };
  };
  return { ...home, url, auth, ask };
}

const libraries = [
  { library_id: 'films', library_name: 'Films', collection_type: 'movies' },
  { library_id: 'shows', library_name: 'Shows', collection_type: 'tvshows' },
];
const full = {
  name: 'Horror & <b>more</b>, "always"',
  description: 'By night',
  channel_number: '66.6',
  group: 'Grown-ups',
  logo: 'https://example.org/logo.png',
  schedule_type: 'genre_auto',
  libraries,
  genre_filters: [{ genre: 'Horror', content_type: 'movie' }, { genre: 'Drama' }],
  tags: [],
  studios: [],
  years: { from: 1990 },
  max_rating: { name: 'FSK-16', score: 16 },
  exclusions: [{ id: 'f2' }],
  rules: {
    series: 'shuffled',
    block: 2,
    films: 'by_title',
    slots: [{ days: [5, 6], start: '20:15', end: '23:00', choice: { kinds: ['movie'] } }],
    dates: [{ name: 'Halloween', from: '10-31', to: '11-01', choice: { genres: ['Horror'] } }],
    filler: { kind: 'card', pad_to_minutes: 15 },
  },
  picture: { size: 'large', transport: 'auto', fps: 30, audio_language: 'ger', watermark: { corner: 'bottom-left' } },
};

t.test('rows 90 to 99, 107 to 111: a channel is made, listed, read, changed and deleted', async (t) => {
  const { ask, clock } = await serveChannels(t);
  const made = await ask('POST', '/api/channels', full);
  t.equal(made.status, 201);
  t.match(made.json, {
    id: 1,
    ...full,
    enabled: true,
    libraries: libraries.map((one) => ({ ...one, server: 'main' })),
    genre_filters: [full.genre_filters[0], { genre: 'Drama', content_type: 'both' }],
    years: { from: 1990, to: null },
    max_rating: { unrated: true },
    exclusions: [{ server: 'main', id: 'f2' }],
    tuner_host_id: null,
    listing_provider_id: null,
    schedule_error: null,
    created_at: new Date(START).toISOString(),
    updated_at: new Date(START).toISOString(),
    schedule_generated_through: /^2026-11-29T/,
  });
  const plain = await ask('POST', '/api/channels/', { name: 'Two', libraries });
  t.match(plain, { status: 201, json: { id: 2, channel_number: '100.2', schedule_type: 'genre_auto' } }, 'with a slash as well');
  t.same((await ask('GET', '/api/channels/')).json, [made.json, plain.json]);
  t.same((await ask('GET', '/api/channels/1/')).json, made.json);
  await clock.advance(MINUTE);
  const changed = await ask('PUT', '/api/channels/1', { enabled: false });
  t.same(
    changed.json,
    { ...(made.json as object), enabled: false, updated_at: new Date(START + MINUTE).toISOString() },
    'nothing else',
  );
  t.equal((await ask('DELETE', '/api/channels/1')).status, 204);
  for (const method of ['GET', 'DELETE', 'PUT'])
    t.match(await ask(method, '/api/channels/1', method === 'PUT' ? {} : undefined), {
      status: 404,
      json: { error: { code: 'not_found' } },
    });
});

t.test('rows 90, 92, 94, 126, 127, 151: what is wrong is refused by its key', async (t) => {
  const { ask, url, auth } = await serveChannels(t);
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ name: '' }, /body\.name/],
    [{ name: 'x'.repeat(256) }, /body\.name/],
    [{ schedule_type: 'random' }, /body\.schedule_type/],
    ...['a', '-1', '0', '00', '07', '0.0', '1e3', '100.12345', '100000'].map(
      (channel_number): [Record<string, unknown>, RegExp] => [{ channel_number }, /body\.channel_number/],
    ),
    [{ name: 'a\u0000b' }, /body\.name: must have no control characters/],
    [{ name: 'a\nb' }, /body\.name/],
    [{ description: 'a\u0000b' }, /body\.description/],
    [{ colour: 'red' }, /colour/],
    [{ libraries: [{ library_id: 'x' }] }, /body\.libraries\.0\.library_name/],
    [{ libraries: [{ ...libraries[0], server: 'other' }] }, /libraries\.0\.server: "other" is not one of main/],
    [{ genre_filters: [{ genre: 'x', content_type: 'song' }] }, /genre_filters\.0\.content_type/],
    [{ rules: { slots: [{ start: '25:00', end: '1:00', choice: {} }] } }, /rules\.slots\.0\.start/],
    [{ rules: { filler: { kind: 'clips' } } }, /rules\.filler\.from/],
    [{ rules: { filler: { kind: 'still' } } }, /rules\.filler\.image/],
    [{ picture: { fps: 23 } }, /picture\.fps/],
    [{ start_at: '2020-01-01T00:00:00Z' }, /start_at/],
    [{ years: { from: 2000, to: 1990 } }, /years\.to/],
  ];
  for (const [more, message] of wrong)
    t.match(await ask('POST', '/api/channels', { name: 'One', libraries, ...more }), {
      status: 400,
      json: { error: { code: 'input_invalid', message } },
    });
  t.match(await ask('PUT', '/api/channels/9', { colour: 'red' }), { status: 400 });
  t.match(await ask('GET', '/api/channels/abc'), { status: 400 });
  const headers: Record<string, string> = {
    ...(await bearer(auth, 'read')),
    'content-type': 'application/x-www-form-urlencoded',
  };
  t.equal((await fetch(`${url}/api/channels`, { method: 'POST', headers, body: 'name=One' })).status, 403);
  const form = await auth.addToken('form', 'write');
  headers['authorization'] = `Bearer ${form.token}`;
  t.equal((await fetch(`${url}/api/channels?name=One`, { method: 'POST', headers, body: 'name=One' })).status, 415);
  t.match(await ask('POST', '/api/channels?name=One'), { status: 400 }, 'a query is no body');
  t.same((await ask('GET', '/api/channels')).json, []);
});

t.test('row 151: without a Jellyfin a channel with libraries is refused with a hint', async (t) => {
  const { ask } = await serveChannels(t, { servers: [] });
  t.match(await ask('POST', '/api/channels', { name: 'One', libraries }), {
    status: 400,
    json: { error: { message: /media_servers.*JELLYFIN_URL/ } },
  });
});

t.test('two Jellyfins: which one must be said', async (t) => {
  const { ask } = await serveChannels(t, { servers: ['main', 'attic'] });
  t.match(await ask('POST', '/api/channels', { name: 'One', libraries }), {
    status: 400,
    json: { error: { message: /libraries\.0\.server: is missing: one of main, attic/ } },
  });
  const one = { name: 'One', libraries: [{ ...libraries[0], server: 'main' }] };
  t.match(await ask('POST', '/api/channels', one), { status: 201, json: { schedule_error: null } });
});

t.test('row 109: Jellyfin down: 201, and the reason in the answer', async (t) => {
  const { ask, libraries: source } = await serveChannels(t);
  source.state.down = true;
  t.match(await ask('POST', '/api/channels', { name: 'One', libraries }), {
    status: 201,
    json: { id: 1, schedule_generated_through: null, schedule_error: /connection refused/ },
  });
  t.match(await ask('POST', '/api/channels/1/generate-schedule'), { status: 502 });
  t.match(await ask('GET', '/api/channels/catalogue'), {
    json: { shelves: [{ server: 'main', id: 'films', read_at: null, problem: /refused/ }] },
  });
});

t.test('rows 112, 113, 114, 134, 135: schedules are read by range and by now, and made longer', async (t) => {
  const { ask, clock } = await serveChannels(t);
  await ask('POST', '/api/channels', { name: 'One', libraries, seed: 3 });
  await clock.advance(5 * HOUR);
  const usual = (await ask('GET', '/api/schedules/channel/1')).json as {
    start_time: string;
    end_time: string;
    duration: number;
  }[];
  const [from, to] = [START + 2 * HOUR, START + 5 * HOUR + 7 * DAY];
  t.ok(usual.every(({ start_time, end_time }) => Date.parse(end_time) > from && Date.parse(start_time) < to));
  t.ok(Date.parse(usual[0]?.start_time ?? '') <= from && Date.parse(usual.at(-1)?.end_time ?? '') >= to, 'to both edges');
  t.ok(usual.every(({ start_time, end_time, duration }) => Date.parse(end_time) === Date.parse(start_time) + duration * 1_000));
  const cut = `start=${encodeURIComponent('2026-11-21T12:00:00+01:00')}&end=2026-11-21T12:00:00Z`;
  const part = (await ask('GET', `/api/schedules/channel/1?${cut}`)).json as typeof usual;
  t.ok(part.length >= 1 && part.length < 4);
  t.match(await ask('GET', '/api/schedules/channel/1?start=2026-11-21T12:00:00Z&end=2026-11-21T12:00:00Z'), { status: 400 });
  t.match(await ask('GET', '/api/schedules/channel/1?start=2026-01-01T12:00:00Z'), { status: 400 });
  t.match(await ask('GET', '/api/schedules/channel/9'), { status: 404 });
  const { json: now } = await ask('GET', '/api/schedules/channel/1/now');
  const { start_time, end_time, offset } = now as { start_time: string; end_time: string; offset: number };
  t.equal(offset, (START + 5 * HOUR - Date.parse(start_time)) / 1_000);
  t.match(now, {
    next: { start_time: end_time },
    start_over: { server: 'main', path: /^\/web\/.*details\?id=/ },
    item_type: /Movie|Episode/,
  });
  await clock.advance(Date.parse(end_time) - START - 5 * HOUR);
  t.match(
    (await ask('GET', '/api/schedules/channel/1/now')).json,
    { start_time: end_time, offset: 0 },
    'row 134: exact at the edge',
  );
  const before = (await ask('GET', '/api/channels/1')).json as { schedule_generated_through: string };
  const more = await ask('POST', '/api/channels/1/generate-schedule', { days: 3 });
  const { schedule_generated_through: through, entries_created: count } = more.json as typeof before & {
    entries_created: number;
  };
  t.ok(more.status === 200 && count > 20, `${count} entries`);
  t.ok(Date.parse(through) >= Date.parse(before.schedule_generated_through) + 3 * DAY);
  t.match(await ask('POST', '/api/channels/1/generate-schedule', { days: 30 }), { status: 200 });
  t.match(await ask('POST', '/api/channels/1/generate-schedule', { days: 30 }), {
    status: 400,
    json: { error: { message: /60 days/ } },
  });
  const reset = await ask('POST', '/api/channels/1/generate-schedule/', { reset: true });
  t.equal(reset.status, 200);
  t.ok(Date.parse((reset.json as typeof before).schedule_generated_through) < Date.parse(through));
});

t.test('rows 115, 116: entries by hand over HTTP', async (t) => {
  const { ask } = await serveChannels(t);
  await ask('POST', '/api/channels', { name: 'One', libraries });
  const entry = { channel_id: 1, media_item_id: 'a-3', start_time: '2026-11-22T14:00:00+02:00', duration: 1_200 };
  const made = await ask('POST', '/api/schedules/', entry);
  t.match(made, {
    status: 201,
    json: {
      origin: 'manual',
      title: 'Part 3',
      series_name: 'Series a',
      season_number: 1,
      episode_number: 3,
      item_type: 'Episode',
      library_id: 'shows',
      start_time: '2026-11-22T12:00:00.000Z',
      end_time: '2026-11-22T12:20:00.000Z',
      duration: 1_200,
      genres: ['Drama'],
    },
  });
  const { id } = made.json as { id: string };
  t.match(await ask('PUT', `/api/schedules/${id}`, { duration: 600 }), { status: 200, json: { id, duration: 600 } });
  for (const [more, message] of [
    [{ start_time: '2026-11-22T12:05:00Z' }, /start_time: overlaps/],
    [{ start_time: '2026-11-22T12:05:00' }, /start_time/],
    [{ duration: -1 }, /duration/],
    [{ channel_id: 7 }, /channel_id/],
    [{ media_item_id: 'zz' }, /media_item_id/],
    [{ colour: 1 }, /colour/],
  ] as const)
    t.match(await ask('POST', '/api/schedules', { ...entry, ...more }), { status: 400, json: { error: { message } } });
  t.equal((await ask('DELETE', `/api/schedules/${id}`)).status, 204);
  t.equal((await ask('DELETE', `/api/schedules/${id}`)).status, 404);
});

t.test('a preview over HTTP saves nothing, and with its seed and start just this is made', async (t) => {
  const { ask } = await serveChannels(t);
  const wish = { name: 'One', libraries, genre_filters: [{ genre: 'Horror' }] };
  const { json } = await ask('POST', '/api/channels/preview', { ...wish, days: 2 });
  const preview = json as { seed: number; start_at: string; entries: { start_time: string; media_item_id: string }[] };
  t.same((await ask('GET', '/api/channels')).json, []);
  await ask('POST', '/api/channels', { ...wish, seed: preview.seed, start_at: preview.start_at });
  const end = new Date(START + 2 * DAY).toISOString();
  const saved = (await ask('GET', `/api/schedules/channel/1?end=${end}`)).json as typeof preview.entries;
  t.same(
    saved.map((one) => [one.start_time, one.media_item_id]),
    preview.entries.map((one) => [one.start_time, one.media_item_id]),
  );
});

t.test('skip over HTTP, and jobs', async (t) => {
  const { ask, channels, clock } = await serveChannels(t);
  await ask('POST', '/api/channels', { name: 'One', libraries });
  await clock.advance(MINUTE);
  const { json: on } = await ask('GET', '/api/schedules/channel/1/now');
  const next = (on as { next: { media_item_id: string } }).next.media_item_id;
  t.match(await ask('POST', '/api/channels/1/skip'), { status: 200, json: { media_item_id: next, offset: 0 } });
  const stop = new AbortController();
  const running = channels.run(stop.signal);
  t.match((await ask('GET', '/api/channels/jobs')).json, { jobs: [{ name: 'nightly', next_run: '2026-11-22T01:00:00.000Z' }] });
  stop.abort();
  await running;
});

t.test('row 173: without a log-in nothing is shown or changed; a read token changes nothing', async (t) => {
  const { url, auth, channels } = await serveChannels(t);
  const reading = await bearer(auth, 'read');
  for (const { method, path, access } of [...channelsRoutes(channels), ...schedulesRoutes(channels)]) {
    const at = `${url}${path.replace(/:\w+/g, '1')}`;
    const options = { method: method.toUpperCase(), ...(method === 'get' ? {} : { body: {} }) };
    t.equal((await call(at, options)).status, 401, `${method} ${path}`);
    if (access === 'write') t.equal((await call(at, { ...options, headers: reading })).status, 403);
    t.equal(access, method === 'get' || path.endsWith('/preview') ? 'read' : 'write');
  }
});

t.test('rows 109, 110, 112, 113, 115, 127: bodies and queries as JellyStream’s own clients send them', async (t) => {
  const { ask, clock } = await serveChannels(t);
  const made = await ask('POST', '/api/channels/', {
    name: 'One',
    description: null,
    channel_number: null,
    schedule_type: 'genre_auto',
    libraries,
    genre_filters: null,
  });
  t.match(made, { status: 201, json: { channel_number: '100.1', genre_filters: [], schedule_error: null } });
  const nulls = { name: null, channel_number: null, enabled: null, schedule_type: null, libraries: null, genre_filters: null };
  t.same((await ask('PUT', '/api/channels/1', nulls)).json, made.json, 'null is left out');
  type Generated = { entries_created: number; schedule_generated_through: string };
  const more = (await ask('POST', '/api/channels/1/generate-schedule?days=3')).json as Generated;
  t.ok(Date.parse(more.schedule_generated_through) >= START + 11 * DAY, 'appended');
  const anew = (await ask('POST', '/api/channels/1/generate-schedule?reset=true&days=1')).json as Generated;
  const through = Date.parse(anew.schedule_generated_through);
  t.ok(through >= START + 8 * DAY && through < START + 9 * DAY, 'anew, and never less than 7 days (ruling 2)');
  t.match(await ask('POST', '/api/channels/1/generate-schedule?reset=maybe'), { status: 400 });
  await clock.advance(10 * HOUR);
  type Entry = { id: string; start_time: string; end_time: string };
  const listed = async (query: string) => (await ask('GET', `/api/schedules/channel/1${query}`)).json as Entry[];
  const [first] = await listed('?hours_back=0&hours_forward=5');
  const last = (await listed('?hours_back=0&hours_forward=5')).at(-1);
  t.ok(Date.parse(first?.start_time ?? '') <= START + 10 * HOUR && Date.parse(first?.end_time ?? '') > START + 10 * HOUR);
  t.ok(Date.parse(last?.start_time ?? '') < START + 15 * HOUR && Date.parse(last?.end_time ?? '') >= START + 15 * HOUR);
  t.same((await ask('GET', `/api/schedules/${first?.id}`)).json, first, 'one entry');
  t.match(await ask('GET', '/api/schedules/nobody'), { status: 404 });
  t.match((await ask('GET', '/api/schedules/channel/1/now/')).json, { id: first?.id, current_offset_seconds: Number });
  const entry = { channel_id: 1, title: 'By hand', media_item_id: 'f1', library_id: 'films', item_type: 'Movie' };
  const naive = new Date(START + 2 * DAY).toISOString().replace(/\.000Z$/, '');
  t.match(await ask('POST', '/api/schedules/', { ...entry, start_time: naive, duration: 1_800, genres: null }), {
    status: 201,
    json: { start_time: new Date(START + 2 * DAY).toISOString(), duration: 1_800 },
  });
  t.match(await ask('POST', '/api/schedules/', { ...entry, start_time: 'tomorrow' }), {
    status: 400,
    json: { error: { message: /body\.start_time: must be ISO 8601, like/ } },
  });
});

t.test('row 157: where the home has a folder of clips, a filler of clips needs to name nothing', async (t) => {
  const clip = film('spot', { server: 'this machine', libraryId: 'commercials', kind: 'video', durationMs: 20_000 });
  const libraries = [{ library_id: 'films', library_name: 'Films' }];
  const { ask } = await serveChannels(t, { items: [...usual(), clip], hasClips: true });
  const filler = { kind: 'clips', pad_to_minutes: 30 };
  const made = await ask('POST', '/api/channels', { name: 'One', libraries, rules: { filler } });
  const from = [{ server: 'this machine', id: 'commercials', name: 'channels.commercials_path' }];
  t.match(made, { status: 201, json: { schedule_error: null, rules: { filler: { kind: 'clips', from } } } });
  const again = (made.json as { rules: unknown }).rules;
  t.equal((await ask('PUT', '/api/channels/1', { rules: again })).status, 200, 'and comes back as it was shown');
  type Entry = { kind: string; media_item_id: string | null; start_time: string };
  const entries = (await ask('GET', '/api/schedules/channel/1')).json as Entry[];
  t.ok(entries.some(({ kind, media_item_id: id }) => kind === 'clip' && id === 'spot'));
});
