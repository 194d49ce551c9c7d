// Hooks that do not say all of a state, as jellyfin-db-sync's template, or say what the server did not keep: the server itself is asked.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { openInProcessHome, until } from './in-process-home.ts';

/** Of its README; without user and item, which are the same in all. */
const TEMPLATE = `{
  "NotificationType": "{{NotificationType}}", "ServerId": "{{ServerId}}", "ServerName": "{{ServerName}}",
  "UserId": "{{UserId}}", "NotificationUsername": "{{NotificationUsername}}",
  "ItemId": "{{ItemId}}", "Name": "{{Name}}", "ItemType": "{{ItemType}}", "Path": "{{Path}}",
  "PlaybackPositionTicks": {{PlaybackPositionTicks}}, "PlaybackPosition": "{{PlaybackPosition}}",
  "PlayedToCompletion": {{PlayedToCompletion}}, "IsFavorite": {{IsFavorite}}, "Played": {{Played}},
  "Provider_imdb": "{{Provider_imdb}}", "Provider_tmdb": "{{Provider_tmdb}}", "Provider_tvdb": "{{Provider_tvdb}}"
}`;
const ALL_TYPES = ['UserDataSaved', 'PlaybackProgress', 'PlaybackStop'];
const SERVERS = { attic: { version: '12.0.0' }, barn: { version: '10.11.11' } };

async function openWith(t: Parameters<typeof openInProcessHome>[0], option: object) {
  const home = await openInProcessHome(t, { servers: SERVERS, quickMs: 3_600_000 });
  const running = await home.start();
  const [attic, barn] = [home.server('attic'), home.server('barn')];
  const configuration = attic.sim.webhooks.configuration() as { GenericOptions: readonly object[] };
  const [ours] = configuration.GenericOptions;
  attic.sim.webhooks.configure({ ...configuration, GenericOptions: [{ ...ours, NotificationTypes: ALL_TYPES, ...option }] });
  const anna = await attic.logIn('anna');
  return { running, attic, barn, anna, film: attic.itemId('Film 0') };
}

t.test('row 257: what a template leaves out of a saved state is read: favourite and rating arrive at once', async (t) => {
  const Template = Buffer.from(TEMPLATE).toString('base64');
  const { attic, barn, anna, film } = await openWith(t, { SendAllProperties: false, Template });
  await anna.call('POST', `/UserFavoriteItems/${film}`);
  await until('the favourite', () => barn.has('anna', 'Film 0').favourite);
  await anna.call('POST', `/UserItems/${film}/Rating?likes=true`);
  await until('the rating', () => barn.has('anna', 'Film 0').rating === 10);
  await anna.call('DELETE', `/UserFavoriteItems/${film}`);
  await anna.call('DELETE', `/UserItems/${film}/Rating`);
  await until('both are gone', () => !barn.has('anna', 'Film 0').favourite && barn.has('anna', 'Film 0').rating === null);
  t.match(attic.has('anna', 'Film 0'), { favourite: false, rating: null });
});

t.test('a stop that failed tells where the player was, and the server keeps where it was before', async (t) => {
  const { attic, barn, anna, film } = await openWith(t, { SendAllProperties: true });
  const play = (what: string, more: object) => anna.call('POST', `/Sessions/Playing${what}`, { ItemId: film, ...more });
  const ticks = (seconds: number) => seconds * 10_000_000;
  await play('', { PositionTicks: 0 });
  await play('/Progress', { PositionTicks: ticks(2_000) });
  await until('where it was', () => barn.has('anna', 'Film 0').positionTicks === ticks(2_000));
  await play('/Stopped', { PositionTicks: ticks(2_500), Failed: true });
  await attic.sim.webhooks.settled();
  await wait(500);
  t.equal(attic.has('anna', 'Film 0').positionTicks, ticks(2_000));
  t.equal(barn.has('anna', 'Film 0').positionTicks, ticks(2_000));
});
