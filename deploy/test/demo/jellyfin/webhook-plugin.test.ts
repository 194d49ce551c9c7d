// The webhook plugin's posts: each recorded action that can be repeated here gives the recorded keys and telling values.
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { ask, logIn, until } from './authorized-fetch.ts';
import {
  destination,
  everyType,
  filmWithoutIds,
  type Hook,
  openReceiver,
  quotedFilm,
  type Receiver,
  recordedLibrary,
} from './hook-receiver.ts';

type Recorded = {
  readonly note: string;
  readonly type: string;
  readonly keys?: string;
  /** How many keys of video and audio there are. */
  readonly media?: number;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly text?: string;
};

const recordings = JSON.parse(readFileSync(new URL('./recordings/webhook.json', import.meta.url), 'utf8')) as Record<
  string,
  Recorded
>;

const isMedia = (key: string) => /^(Video|Audio|Subtitle)_\d/.test(key);

/** Keys in their order, media aside, and the values that were trimmed to those that tell. */
function same(t: Test, hook: Hook | undefined, name: string, but: Readonly<Record<string, unknown>> = {}): void {
  const recorded = recordings[name];
  if (!recorded || !hook) return void t.fail(`${name}: nothing to compare`);
  const keys = Object.keys(hook.body).filter((key) => !isMedia(key));
  t.same([...keys].sort(), (recorded.keys ?? '').split(' ').sort(), `${name}: the keys`);
  t.equal(Object.keys(hook.body).length - keys.length, recorded.media, `${name}: the keys of streams`);
  const wanted = { ...recorded.values, ...but };
  t.same(Object.fromEntries(Object.keys(wanted).map((key) => [key, hook.body[key]])), wanted, `${name}: ${recorded.note}`);
  t.equal(hook.headers['content-type'], recorded.type, `${name}: the content type`);
}

type House = {
  readonly sim: JellyfinSimulator;
  readonly receiver: Receiver;
  readonly token: string;
  readonly userId: string;
  id(name: string): string;
  by(method: string, path: string, body?: unknown, token?: string): Promise<void>;
};

async function openHouse(
  types: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
  version = '12.0.0',
): Promise<House> {
  const sim = await startJellyfinSimulator({ version, library: recordedLibrary, users: [{ name: 'alice' }], webhookTickMs: 0 });
  t.teardown(() => sim[Symbol.asyncDispose]());
  const receiver = await openReceiver();
  t.teardown(() => receiver[Symbol.asyncDispose]());
  const token = await logIn(sim.url, 'alice');
  sim.webhooks.configure({ ServerUrl: 'http://jf.example:8098', GenericOptions: [destination(receiver.url, types, more)] });
  return {
    sim,
    receiver,
    token,
    userId: sim.users.byName('alice')?.id ?? '',
    id: (name) => sim.items.find((item) => item.name === name)?.id ?? '',
    async by(method, path, body, as = token) {
      const answer = await ask(sim.url + path, method, as, body);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    },
  };
}

t.test('played, favourite, rating: one hook each, with the recorded reasons', async (t) => {
  const { sim, receiver, userId, by, id } = await openHouse(['UserDataSaved']);
  const [long, big, small] = [id('Long Film'), id('Big Test Movie'), id('Small Movie')];
  const each = async (name: string, ...call: Parameters<typeof by>) => {
    await by(...call);
    same(t, (await receiver.next(1))[0], name);
  };
  sim.importWatched('alice', long, { audioIndex: 1, playCount: 1, lastPlayed: '2026-11-21T04:46:35.3176648Z' });
  await receiver.next(1);
  await each('userdata-toggleplayed-played', 'POST', `/UserPlayedItems/${long}`);
  await each('userdata-toggleplayed-unplayed', 'DELETE', `/UserPlayedItems/${long}`);
  await each('userdata-toggleplayed-date-played', 'POST', `/UserPlayedItems/${big}?datePlayed=2024-03-02T10:00:00Z`);
  await by('DELETE', `/Users/${userId}/PlayedItems/${big}`);
  await receiver.next(1);
  await each('userdata-toggleplayed-api-key', 'POST', `/UserPlayedItems/${big}?userId=${userId}`, undefined, sim.apiKey);
  await by('DELETE', `/UserPlayedItems/${big}`);
  await receiver.next(1);
  await each('userdata-favourite-on', 'POST', `/UserFavoriteItems/${big}`);
  await each('userdata-favourite-off', 'DELETE', `/UserFavoriteItems/${big}`);
  await each('userdata-like', 'POST', `/UserItems/${big}/Rating?likes=true`);
  await each('userdata-dislike', 'POST', `/UserItems/${big}/Rating?likes=false`);
  await each('userdata-rating-cleared', 'DELETE', `/UserItems/${big}/Rating`);
  const state = `/UserItems/${small}/UserData?userId=${userId}`;
  await each('userdata-update-position', 'POST', state, { PlaybackPositionTicks: 100_000_000 }, sim.apiKey);
  await each('userdata-update-played', 'POST', state, { Played: true }, sim.apiKey);
  const several = {
    PlaybackPositionTicks: 0,
    PlayCount: 3,
    IsFavorite: true,
    Likes: false,
    Played: true,
    LastPlayedDate: '2023-01-02T03:04:05Z',
    Rating: 8.5,
  };
  await each('userdata-update-several', 'POST', state, several);
  await each('userdata-update-empty', 'POST', state, {});
  const series = id('Test Show');
  await each('userdata-series-favourite', 'POST', `/UserFavoriteItems/${series}`);
});

t.test(
  'a season is told by its episodes, a film with two files twice, and UserData of a season is not what the API says',
  async (t) => {
    const { sim, receiver, userId, by, id } = await openHouse(['UserDataSaved']);
    const season = id('Season 1');
    await by('POST', `/UserPlayedItems/${season}`);
    const three = await receiver.next(3);
    for (const [index, hook] of three.sort((a, b) => (String(a.body['Name']) < String(b.body['Name']) ? -1 : 1)).entries())
      same(t, hook, `userdata-season-played-${index + 1}of3`);
    await by('DELETE', `/UserPlayedItems/${season}`);
    await receiver.next(3);
    await by('POST', `/UserItems/${season}/UserData`, { Played: true });
    same(t, (await receiver.next(1))[0], 'userdata-season-userdata-played');
    const read = (await ask(`${sim.url}/UserItems/${season}/UserData?userId=${userId}`, 'GET', sim.apiKey)).json;
    t.match(read, { Played: false, UnplayedItemCount: 3 });

    const two = id('Two Files');
    const other = sim.items.find((item) => item.name === 'Two Files' && item.id !== two)?.id ?? '';
    await by('POST', `/UserFavoriteItems/${other}`);
    await receiver.next(1);
    await by('POST', `/UserPlayedItems/${two}`);
    const hooks = await receiver.next(2);
    const of = (itemId: string) => hooks.find((hook) => hook.body['ItemId'] === itemId);
    same(t, of(two), 'userdata-two-versions-primary');
    same(t, of(other), 'userdata-two-versions-other');
  },
);

t.test('playback from start to end: saves and events, as they were recorded', async (t) => {
  const { sim, receiver, by, id } = await openHouse(['UserDataSaved', 'PlaybackStart', 'PlaybackProgress', 'PlaybackStop']);
  const [long, first] = [id('Long Film'), id('Episode 1 title')];
  const report = async (path: string, itemId: string, seconds: number, more: Readonly<Record<string, unknown>> = {}) => {
    const body = { ItemId: itemId, PositionTicks: seconds * 10_000_000, PlayMethod: 'DirectPlay', ...more };
    await by('POST', `/Sessions/Playing${path}`, body);
    await sim.webhooks.settled();
    // What the server itself makes up each second may lie between.
    const hooks = receiver.take().filter(({ body: { IsAutomated } }) => IsAutomated !== true);
    return {
      saved: hooks.find(({ body: { SaveReason } }) => SaveReason),
      told: hooks.find(({ body: { SaveReason } }) => !SaveReason),
    };
  };
  const started = await report('', long, 0);
  same(t, started.saved, 'userdata-playbackstart');
  same(t, started.told, 'playback-start-movie');
  const early = await report('/Progress', long, 11);
  same(t, early.saved, 'userdata-playbackprogress-under-5-percent');
  same(t, early.told, 'playback-progress-reported');
  same(t, (await report('/Progress', long, 31, { IsPaused: true })).told, 'playback-progress-paused');
  same(t, (await report('/Progress', long, 300, { AudioStreamIndex: 1 })).saved, 'userdata-playbackprogress-middle');
  const stopped = await report('/Stopped', long, 303);
  same(t, stopped.saved, 'userdata-playbackfinished-middle');
  same(t, stopped.told, 'playback-stop-middle');
  await by('DELETE', `/UserPlayedItems/${long}`);
  await report('', long, 0);
  same(t, (await report('/Stopped', long, 20)).saved, 'userdata-playbackfinished-under-5-percent');
  await report('', long, 0);
  same(t, (await report('/Progress', long, 860, { AudioStreamIndex: 1 })).saved, 'userdata-playbackprogress-over-90-percent');
  const failed = await report('/Stopped', long, 300, { Failed: true });
  same(t, failed.told, 'playback-stop-failed');
  t.equal(failed.saved, undefined, 'a failed stop saves nothing');
  await report('', long, 0);
  await report('', long, 0);
  same(t, (await report('/Stopped', long, 200)).saved, 'userdata-playbackfinished-rewatch-position');
  same(t, (await report('', first, 0)).told, 'playback-start-episode');
  same(t, (await report('/Progress', first, 10)).saved, 'userdata-playbackprogress-short-episode');
  const ended = await report('/Stopped', first, 20.02);
  same(t, ended.saved, 'userdata-playbackfinished-completed');
  same(t, ended.told, 'playback-stop-completed-episode');
  await report('/Stopped', long, 0, { PositionTicks: undefined });
  t.match(
    sim.watched('alice', long),
    { played: true, positionTicks: 0, playCount: 5 },
    'a stop without a position counts as seen to the end',
  );
});

t.test('a position each second by the server itself, and a stop at the last report where the player has vanished', async (t) => {
  const sim = await startJellyfinSimulator({ library: recordedLibrary, users: [{ name: 'alice' }], idleStopMs: 1_500 });
  t.teardown(() => sim[Symbol.asyncDispose]());
  await using receiver = await openReceiver();
  const token = await logIn(sim.url, 'alice');
  const types = ['UserDataSaved', 'PlaybackProgress', 'PlaybackStop'];
  sim.webhooks.configure({ GenericOptions: [destination(receiver.url, types)] });
  const item = { ItemId: sim.items.find(({ name }) => name === 'Long Film')?.id, PositionTicks: 3_000_000_000 };
  await ask(`${sim.url}/Sessions/Playing`, 'POST', token, { ...item, PositionTicks: 0 });
  await ask(`${sim.url}/Sessions/Playing/Progress`, 'POST', token, item);
  const { hooks } = receiver;
  const has = (key: string, value: string) => hooks.some(({ body }) => body[key] === value);
  await until('the end', () => has('NotificationType', 'PlaybackStop') && has('SaveReason', 'PlaybackFinished'));
  const of = (type: string) => hooks.findLast(({ body }) => body['NotificationType'] === type);
  const made = hooks.find(({ body }) => body['IsAutomated'] === true);
  same(t, made, 'playback-progress-automated', {
    PlaybackPositionTicks: made?.body['PlaybackPositionTicks'],
    PlaybackPosition: made?.body['PlaybackPosition'],
  });
  same(t, of('PlaybackStop'), 'playback-stop-by-server-idle', { NotificationUsername: 'alice' });
  same(t, of('UserDataSaved'), 'userdata-playbackfinished-by-server-idle', {
    NotificationUsername: 'alice',
    Favorite: false,
    PlayCount: 1,
  });
});

t.test('who is added to a session watches along: each save and hook comes once more', async (t) => {
  const { sim, receiver, by, id } = await openHouse(['UserDataSaved', 'PlaybackStart']);
  const [session] = sim.sessions().filter(({ UserName }) => UserName === 'alice');
  const admin = sim.users.byName('admin');
  await by('POST', `/Sessions/${String(session?.['Id'])}/User/${admin?.id}`);
  t.match(
    sim.sessions().find(({ Id }) => Id === session?.['Id']),
    { AdditionalUsers: [{ UserId: admin?.id, UserName: 'admin' }] },
  );
  await by('POST', '/Sessions/Playing', { ItemId: id('Long Film'), PositionTicks: 0, PlayMethod: 'DirectPlay' });
  const hooks = await receiver.next(4);
  same(
    t,
    hooks.find(({ body }) => body['NotificationUsername'] === 'admin' && body['SaveReason']),
    'userdata-additional-user',
  );
  t.equal(hooks.filter(({ body }) => body['NotificationType'] === 'PlaybackStart').length, 2);
  await by('POST', `/UserPlayedItems/${id('Big Test Movie')}`);
  t.match(sim.watched('admin', id('Big Test Movie')), { played: true, playCount: 1 });
  await by('DELETE', `/Sessions/${String(session?.['Id'])}/User/${admin?.id}`);
  await by('DELETE', `/UserPlayedItems/${id('Big Test Movie')}`);
  t.match(sim.watched('admin', id('Big Test Movie')), { played: true });
});

t.test('users and log-ins: made, renamed and removed, nothing of policies', async (t) => {
  const { sim, receiver, by, id, userId } = await openHouse(everyType);
  await by('POST', '/Users/New', { Name: 'caroline', Password: 'x' }, sim.apiKey);
  same(t, (await receiver.next(1))[0], 'user-created', { NotificationUsername: 'caroline' });
  const caroline = sim.users.byName('caroline');
  await by('POST', `/Users/${caroline?.id}/Policy`, { ...caroline?.policy, BlockedTags: ['x'] }, sim.apiKey);
  await by('POST', `/Users?userId=${caroline?.id}`, { Name: 'Carol', Id: caroline?.id }, sim.apiKey);
  same(t, (await receiver.next(1))[0], 'user-updated-rename', { NotificationUsername: 'Carol' });
  await by('DELETE', `/Users/${caroline?.id}`, undefined, sim.apiKey);
  same(t, (await receiver.next(1))[0], 'user-deleted', { NotificationUsername: 'Carol' });
  await logIn(sim.url, 'admin');
  const [began, entered] = await receiver.next(2);
  same(t, began, 'session-start', { NotificationUsername: 'admin' });
  same(t, entered, 'authentication-success', { NotificationUsername: 'admin' });
  const headers = {
    Authorization: 'MediaBrowser Client="c", Device="d", DeviceId="d1", Version="1"',
    'Content-Type': 'application/json',
  };
  const body = JSON.stringify({ Username: 'alice', Pw: 'nope' });
  t.equal((await fetch(`${sim.url}/Users/AuthenticateByName`, { method: 'POST', headers, body })).status, 401);
  same(t, (await receiver.next(1))[0], 'authentication-failure');
  await by('POST', `/UserFavoriteItems/${id('Big Test Movie')}?userId=${userId}`, undefined, sim.apiKey);
  t.equal((await receiver.next(1))[0]?.headers['x-test-secret'], 's3cr3t');
});

t.test(
  'items come and go in rounds of their own; a film without ids waits ten of them; a renamed file keeps what was watched',
  async (t) => {
    const { sim, receiver, by, id, userId } = await openHouse(['ItemAdded', 'ItemDeleted', 'UserDataSaved']);
    const [quoted] = await sim.addItems([quotedFilm]);
    t.equal(receiver.hooks.length, 0, 'nothing before the round');
    await sim.webhooks.tick();
    const [added] = receiver.take();
    same(t, added, 'item-added-quoted-title');
    t.match(added?.text, 'Say \\\\\\u0022H\\u00E4llo\\\\\\u0022', 'quotes escaped twice, the rest beyond ASCII by its number');
    await by('POST', `/UserFavoriteItems/${quoted?.id}?userId=${userId}`, undefined, sim.apiKey);
    same(t, (await receiver.next(1))[0], 'userdata-quoted-title');
    await sim.addItems([filmWithoutIds]);
    for (let round = 0; round < 10; round++) await sim.webhooks.tick();
    t.equal(receiver.hooks.length, 0);
    await sim.webhooks.tick();
    same(t, receiver.take()[0], 'item-added-no-provider-ids');
    const big = id('Big Test Movie');
    await by('POST', `/UserItems/${big}/UserData`, { PlaybackPositionTicks: 50_000_000 });
    await receiver.next(1);
    const renamed = sim.renameFile(big, 'Another Name');
    t.equal(sim.watched('alice', renamed.id).positionTicks, 50_000_000);
    await sim.webhooks.tick();
    const [fresh, gone] = receiver.take();
    same(t, fresh, 'item-added-after-rename');
    same(t, gone, 'item-deleted-by-rename');
    t.equal(gone?.body['ItemId'], big);
    await by('DELETE', `/Items/${quoted?.id}`, undefined, sim.apiKey);
    await sim.addItems([{ name: 'Films', films: [{ name: 'Short Life', providerIds: { Tmdb: '1' } }] }]);
    await sim.powerOff();
    await sim.powerOn();
    await sim.webhooks.tick();
    t.equal(receiver.hooks.length, 0, 'the queue is lost with the server');
  },
);

t.test('templates, content types, switches and filters, as the plugin has them', async (t) => {
  const { sim, receiver, by, id, userId } = await openHouse(['UserDataSaved']);
  const [quoted] = await sim.addItems([quotedFilm]);
  const template = (text: string) => ({ SendAllProperties: false, Template: Buffer.from(text).toString('base64') });
  const json = { Headers: [{ Key: 'Content-Type', Value: 'application/json' }] };
  const favourite = async (
    option: Readonly<Record<string, unknown>>,
    types: readonly string[] = ['UserDataSaved'],
    itemId = quoted?.id,
  ) => {
    sim.webhooks.configure({ GenericOptions: [destination(receiver.url, types, option)] });
    await by('POST', `/UserFavoriteItems/${itemId}?userId=${userId}`, undefined, sim.apiKey);
    await sim.webhooks.settled();
    return receiver.take()[0];
  };
  const double = '{"n":"{{Name}}","u":"{{UserId}}","p":{{Played}},"r":"{{SaveReason}}","f":"{{HookField}}","x":"{{NoSuch}}"}';
  const first = await favourite({ ...template(double), ...json });
  t.equal(
    first?.text,
    recordings['template-double-braces']?.text?.replace(
      /[0-9a-f-]{36}/,
      userId.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5'),
    ),
  );
  t.equal(first?.headers['content-type'], recordings['template-double-braces']?.type);
  const triple = await favourite({ ...template('{"n":"{{{Name}}}","p":{{{Played}}},"t":"{{{UtcTimestamp}}}"}'), ...json });
  const undated = (text = '') => text.replace(/\d{4}-[^"]*Z/, 'then');
  t.equal(undated(triple?.text), undated(recordings['template-triple-braces']?.text));
  t.equal((await favourite(json))?.headers['content-type'], recordings['userdata-content-type-json']?.type);
  t.equal(
    await favourite({ Headers: [{ Key: 'Content-Type', Value: 'application/json; charset=utf-8' }] }),
    undefined,
    'fails in silence',
  );
  t.equal(sim.webhooks.sent().at(-1)?.outcome, 'failed');
  t.equal(await favourite({ EnableMovies: false }), undefined);
  t.equal(await favourite({ EnableWebhook: false }), undefined);
  t.equal(await favourite({ EnableSeasons: false }, ['UserDataSaved'], id('Season 1')), undefined);
  t.equal(await favourite({ UserFilter: ['f'.repeat(32)] }), undefined);
  t.ok(await favourite({ UserFilter: [userId] }));
  sim.webhooks.configure({
    GenericOptions: [destination(receiver.url, ['UserCreated', 'UserDeleted'], { UserFilter: [userId] })],
  });
  await by('POST', '/Users/New', { Name: 'ben' }, sim.apiKey);
  t.equal(receiver.hooks.length, 0, 'a filter hides new users as well');
});

t.test('the configuration is an admin’s, is replaced whole, and there is none without the plugin', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'alice' }] });
  const url = `${sim.url}/Plugins/71552A5A-5C5C-4350-A2AE-EBE451A30173/Configuration`;
  const plugins = (await ask(`${sim.url}/Plugins`, 'GET', sim.apiKey)).json as { Name: string; Id: string }[];
  t.ok(plugins.some(({ Name, Id }) => Name === 'Webhook' && Id === '71552a5a5c5c4350a2aeebe451a30173'));
  t.equal((await ask(url, 'GET', await logIn(sim.url, 'alice'))).status, 403);
  t.match((await ask(url, 'GET', sim.apiKey)).json, { ServerUrl: '', GenericOptions: [], MqttOptions: [] });
  const option = { WebhookUri: 'http://127.0.0.1:1/', NotificationTypes: ['UserDataSaved'] };
  t.equal((await ask(url, 'POST', sim.apiKey, { GenericOptions: [option] })).status, 204);
  const read = (await ask(url, 'GET', sim.apiKey)).json as { GenericOptions: Record<string, unknown>[] };
  t.match(read.GenericOptions[0], { ...option, EnableWebhook: true, EnableMovies: false, SendAllProperties: false, Headers: [] });
  t.equal((await ask(url, 'POST', sim.apiKey, { GenericOptions: [{ NotificationTypes: ['NoSuch'] }] })).status, 500);
  t.equal((await ask(url, 'POST', sim.apiKey, { ServerUrl: 'x' })).status, 204);
  t.match((await ask(url, 'GET', sim.apiKey)).json, { ServerUrl: 'x', GenericOptions: [] });
  await using bare = await startJellyfinSimulator({ webhookPlugin: false });
  t.equal((await ask(url.replace(sim.url, bare.url), 'GET', bare.apiKey)).status, 404);
});

t.test(
  'a receiver that does not answer holds players up only where playback is subscribed; 500 is not tried again',
  async (t) => {
    const { sim, receiver, by, id } = await openHouse(['UserDataSaved']);
    const report = { ItemId: id('Long Film'), PositionTicks: 0 };
    receiver.answer(0);
    await by('POST', '/Sessions/Playing', report);
    await receiver.next(1);
    sim.webhooks.configure({ GenericOptions: [destination(receiver.url, ['PlaybackStop'])] });
    let answered = false;
    const stopped = by('POST', '/Sessions/Playing/Stopped', report).then(() => {
      answered = true;
    });
    await receiver.next(1);
    t.equal(answered, false, 'the player waits');
    await receiver[Symbol.asyncDispose]();
    await stopped;
    t.ok(answered);
    await using other = await openReceiver();
    other.answer(500);
    sim.webhooks.configure({ GenericOptions: [destination(other.url, ['UserDataSaved'])] });
    await by('POST', `/UserFavoriteItems/${id('Long Film')}`);
    await sim.webhooks.settled();
    t.equal(other.hooks.length, 1);
    t.equal(sim.webhooks.sent().at(-1)?.outcome, 500);
  },
);
