// Every body that the plugin was seen to send, and those that templates make, are taken rightly.
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { type Report, readHook, uselessBecause } from '../../../src/sync/intake/webhook-payload.ts';
import { expectedReports } from './expected-reports.ts';

const FOLDER = new URL('./payloads/', import.meta.url);
const recorded = (name: string): string => {
  const { body } = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as { body: unknown };
  return typeof body === 'string' ? body : JSON.stringify(body);
};
const names = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));

const read = (body: string): Report => {
  const hook = readHook(body);
  if ('problem' in hook) throw new Error(hook.problem);
  return hook.ok.report;
};
const problemOf = (body: string): string => {
  const hook = readHook(body);
  return 'problem' in hook ? hook.problem : 'nothing is wrong';
};
const user = { UserId: '21909780-DF1A-40f7-866d-dcdf99a3b2c2', NotificationUsername: 'alice' };
const saved = (more: object): string =>
  JSON.stringify({
    NotificationType: 'UserDataSaved',
    ItemId: '987a6fb968cd2780fd1984c5bf37c21e',
    ItemType: 'Movie',
    ...user,
    ...more,
  });
const said = (more: object) => read(saved(more)).said;

t.test('rows 294, 295: each recorded hook says what it says', async (t) => {
  const templates = ['template-double-braces', 'template-triple-braces'];
  t.same(names.filter((name) => !templates.includes(name)).sort(), Object.keys(expectedReports).sort());
  for (const [name, expected] of Object.entries(expectedReports)) t.same(read(recorded(name)), expected, name);
});

t.test('what is kept of a recorded hook is read as the same report, and is small', async (t) => {
  for (const name of Object.keys(expectedReports)) {
    const hook = readHook(recorded(name));
    if (!('ok' in hook)) throw new Error(name);
    const { report, kept } = hook.ok;
    t.same(read(kept), report, name);
    t.ok(kept.length < 1_200, `${name}: ${kept.length} characters`);
    t.notMatch(kept, /field-value|Overview/, 'constant fields may be a secret');
  }
});

t.test('recorded templates of somebody’s own have no type: the reason says so, and all else in them can be read', async (t) => {
  for (const name of ['template-double-braces', 'template-triple-braces']) {
    t.match(problemOf(recorded(name)), /^NotificationType is missing/);
    const more = recorded(name)
      .replace(/^\{/, `{"NotificationType":"ItemAdded","ItemId":"${'a'.repeat(32)}",`)
      .replace('"n":', '"Name":');
    t.equal(read(more).itemName, `Say "Hällo" – Ünïcode ☃ 日本 <b> & 'x' \\ back`, name);
  }
});

t.test('which hooks need not be kept', async (t) => {
  const useless = names
    .filter((name) => name in expectedReports)
    .flatMap((name) => {
      const reason = uselessBecause(read(recorded(name)));
      return reason === null ? [] : [`${name}: ${reason}`];
    });
  t.same(useless, [
    'authentication-failure: AuthenticationFailure says nothing that is kept the same',
    'authentication-success: AuthenticationSuccess says nothing that is kept the same',
    'playback-progress-automated: the server made it up; the player said nothing',
    'playback-progress-paused: nothing is said about the item',
    'playback-progress-reported: nothing is said about the item',
    'playback-start-episode: nothing is said about the item',
    'playback-start-movie: nothing is said about the item',
    'session-start-api-key: SessionStart says nothing that is kept the same',
    'session-start: SessionStart says nothing that is kept the same',
  ]);
  t.equal(uselessBecause(read(saved({ UserId: '', NotificationUsername: '', Favorite: true }))), 'no username');
  t.equal(uselessBecause(read('{"NotificationType": "UserCreated"}')), 'missing user info');
});

/** The template of jellyfin-db-sync's own document, as the plugin fills it. */
const template = (values: Readonly<Record<string, string>>): string =>
  `{
  "NotificationType": "{{NotificationType}}",
  "ServerId": "{{ServerId}}",
  "ServerName": "{{ServerName}}",
  "UserId": "{{UserId}}",
  "NotificationUsername": "{{NotificationUsername}}",
  "ItemId": "{{ItemId}}",
  "Name": "{{Name}}",
  "ItemType": "{{ItemType}}",
  "Path": "{{Path}}",
  "PlaybackPositionTicks": {{PlaybackPositionTicks}},
  "PlaybackPosition": "{{PlaybackPosition}}",
  "PlayedToCompletion": {{PlayedToCompletion}},
  "IsFavorite": {{IsFavorite}},
  "Played": {{Played}},
  "Provider_imdb": "{{Provider_imdb}}",
  "Provider_tmdb": "{{Provider_tmdb}}",
  "Provider_tvdb": "{{Provider_tvdb}}"
}`.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');

const filled = {
  NotificationType: 'UserDataSaved',
  ServerId: '868f06b2d46b483a91192b35ecbb8210',
  ServerName: 'vm',
  UserId: '21909780-df1a-40f7-866d-dcdf99a3b2c2',
  NotificationUsername: 'O&#x27;Neill',
  ItemId: '987a6fb9-68cd-2780-fd19-84c5bf37c21e',
  Name: 'Tom &amp; \\&quot;Jerry\\&quot;',
  ItemType: 'Movie',
  Path: '/media/tom.mkv',
  PlaybackPositionTicks: '3000000000',
  PlaybackPosition: '00:05:00',
  Played: 'True',
  Provider_imdb: 'tt0001234',
  Provider_tmdb: '1234',
};

t.test('rows 296, 297: the template with 18 fields: each is read, with a path where one is told', async (t) => {
  t.same(read(template(filled)), {
    type: 'UserDataSaved',
    typeTold: 'UserDataSaved',
    serverUtcMs: null,
    utcTicks: null,
    userId: '21909780df1a40f7866ddcdf99a3b2c2',
    userName: "O'Neill",
    itemId: '987a6fb968cd2780fd1984c5bf37c21e',
    itemKind: 'movie',
    itemName: 'Tom & "Jerry"',
    itemPath: '/media/tom.mkv',
    providerIds: { imdb: 'tt0001234', tmdb: '1234' },
    series: null,
    saveReason: null,
    isAutomated: false,
    has: { played: true, positionMs: 300_000 },
    unmeant: [],
    said: { played: true, positionMs: 300_000 },
  });
  const stop = template({ ...filled, NotificationType: 'PlaybackStop', Played: '', PlayedToCompletion: 'False' });
  t.same(read(stop).said, { positionMs: 300_000 });
  t.same(read(template({ ...filled, NotificationType: 'PlaybackStop', PlayedToCompletion: 'True' })).said, {
    played: true,
    positionMs: 0,
  });
  t.equal(read(template({ ...filled, Path: '' })).itemPath, null, 'row 297: without a path it is looked up later');
  t.same(read(template({ ...filled, PlaybackPositionTicks: '' })).said, { played: true, positionMs: 300_000 }, 'from the text');
});

t.test('row 257: both names of a favourite give the right value, and an absent field says nothing', async (t) => {
  t.same(read(template({ ...filled, IsFavorite: 'True' })).said.favourite, true);
  t.same(read(template({ ...filled, IsFavorite: 'False' })).said.favourite, false);
  t.notOk('favourite' in read(template(filled)).said, 'the plugin has no IsFavorite: it comes empty');
  for (const key of ['Favorite', 'IsFavorite', 'favorite']) {
    for (const yes of [true, 'True', 'true', ' TRUE ', '1', 1])
      t.same(said({ [key]: yes }), { favourite: true }, `${key} ${yes}`);
    for (const no of [false, 'False', 'false', '0', 0]) t.same(said({ [key]: no }), { favourite: false }, `${key} ${no}`);
    for (const none of [null, '', '  ', 'maybe', 7, {}]) t.same(said({ [key]: none }), {}, `${key} ${none}`);
  }
  t.same(said({ Favorite: '', IsFavorite: 'True' }), { favourite: true }, 'the one that says something');
  t.same(said({}), {});
});

t.test('a rating is told from none and from a dislike', async (t) => {
  t.same(said({ Likes: false, Rating: 0 }), { rating: null });
  t.same(said({ Likes: false, Rating: 1 }), { rating: 1 });
  t.same(said({ Likes: true, Rating: 10 }), { rating: 10 });
  t.same(said({ Likes: true, Rating: 8.5 }), { rating: 8.5 });
  t.same(said({ Rating: '8,5' }), { rating: 8.5 });
  t.same(said({ Rating: 0 }), { rating: null });
  t.same(said({ Likes: 'True' }), { rating: 10 });
  t.same(said({ Likes: false }), {}, 'the plugin says so too where nobody rated');
  for (const Rating of [-1, 11, 'many', null, '']) t.same(said({ Rating }), {}, String(Rating));
});

t.test('played: false while somebody plays says nothing; else it does', async (t) => {
  for (const SaveReason of ['PlaybackStart', 'PlaybackProgress', 'PlaybackFinished']) {
    t.match(read(saved({ Played: false, SaveReason })), { has: { played: false }, unmeant: ['played'] });
    t.same(said({ Played: false, SaveReason }), {}, SaveReason);
    t.same(said({ Played: true, SaveReason }), { played: true }, SaveReason);
  }
  for (const SaveReason of ['TogglePlayed', 'UpdateUserData', 'UpdateUserRating', 'Import', ''])
    t.same(said({ Played: 'False', SaveReason }), { played: false }, SaveReason);
});

t.test('that it was never played is said by the plugin only, and only where it was never counted', async (t) => {
  const whole = { ServerId: 'a', ServerVersion: '12.0.0', ServerUrl: 'http://a' };
  t.same(said({ ...whole, PlayCount: 0 }), { playCount: 0, lastPlayedMs: null });
  t.same(said({ ...whole, PlayCount: 2 }), { playCount: 2 });
  t.same(said({ PlayCount: 0 }), { playCount: 0 }, 'a template may have left the date out');
  t.same(said({ ...whole, PlayCount: 0, LastPlayedDate: 'yesterday' }), { playCount: 0 });
  t.same(said({ PlayCount: '3', LastPlayedDate: '2024-03-02T10:00:00.0000000Z' }), {
    playCount: 3,
    lastPlayedMs: Date.UTC(2024, 2, 2, 10),
  });
  t.same(said({ LastPlayedDate: '0001-01-01T00:00:00.0000000Z' }), {});
  t.same(said({ PlayCount: -1, PlaybackPositionTicks: -5 }), {});
});

t.test(
  'row 307: a stop in the middle says a position; where a server keeps none by its own rules, it says nothing',
  async (t) => {
    const stop = (more: object) => read(saved({ NotificationType: 'PlaybackStop', RunTimeTicks: 9_000_000_000, ...more })).said;
    t.same(stop({ PlaybackPositionTicks: 4_500_000_000, PlayedToCompletion: false }), { positionMs: 450_000 });
    t.same(stop({ PlaybackPositionTicks: '4500000000', PlayedToCompletion: 'False' }), { positionMs: 450_000 });
    t.same(stop({ PlaybackPositionTicks: 200_000_000, PlayedToCompletion: false }), {}, 'below 5 %');
    t.same(stop({ PlaybackPositionTicks: 8_900_000_000, PlayedToCompletion: false }), {}, 'above 90 %');
    t.same(stop({ PlaybackPositionTicks: 100_000_000, RunTimeTicks: 200_000_000 }), {}, 'shorter than 5 minutes');
    t.same(stop({ PlaybackPositionTicks: 8_990_000_000, PlayedToCompletion: true }), { played: true, positionMs: 0 });
    const progress = { NotificationType: 'PlaybackProgress', PlaybackPositionTicks: 4_500_000_000 };
    t.same(stop(progress), { positionMs: 450_000 });
    t.same(stop({ ...progress, IsAutomated: true }), {}, 'counted by the server itself');
  },
);

t.test('hooks of a server are put in order by 100 ns', async (t) => {
  const at = (UtcTimestamp: unknown) => read(saved({ UtcTimestamp }));
  const [a, b] = [at('2026-11-21T04:48:23.2928815Z'), at('2026-11-21T04:48:23.2928816Z')];
  t.equal(a.serverUtcMs, Date.UTC(2026, 10, 21, 4, 48, 23, 292));
  t.equal(a.serverUtcMs, b.serverUtcMs);
  t.equal((b.utcTicks ?? 0n) - (a.utcTicks ?? 0n), 1n);
  t.equal(at('2026-11-21T06:48:23.292+02:00').serverUtcMs, a.serverUtcMs);
  t.equal(at('2026-11-21 04:48:23').serverUtcMs, Date.UTC(2026, 10, 21, 4, 48, 23));
  for (const none of ['', null, 'now', '2026-13-01T00:00:00Z', 5]) t.equal(at(none).utcTicks, null, String(none));
});

t.test('a body that is no hook is told what is wrong with it', async (t) => {
  t.equal(problemOf(''), 'the body is empty');
  t.equal(problemOf('\uFEFF \n'), 'the body is empty');
  t.equal(problemOf('[]'), 'the body is not a JSON object');
  t.equal(problemOf('null'), 'the body is not a JSON object');
  t.match(problemOf('hello'), 'the body is not a JSON object');
  t.match(problemOf('{"NotificationType": "UserDataSaved"'), /^the body is not JSON: "}" is missing/);
  t.equal(problemOf(saved({ ItemId: '' })), 'ItemId is missing');
  t.equal(problemOf(saved({ ItemId: '12' })), 'ItemId is not an id of 32 hex digits');
  t.match(problemOf(saved({ NotificationType: null })), /^NotificationType is missing/);
  t.equal(read(saved({ NotificationType: 'SomethingNew' })).type, 'other');
  t.match(problemOf('{"__proto__": {"NotificationType": "UserDataSaved"}}'), /^NotificationType is missing/);
});

t.test('a byte order mark, and JSON in a text, do no harm', async (t) => {
  t.same(read(`\uFEFF${saved({ Favorite: true })}\n`).said, { favourite: true });
  t.same(read(JSON.stringify(saved({ Favorite: true }))).said, { favourite: true });
});
