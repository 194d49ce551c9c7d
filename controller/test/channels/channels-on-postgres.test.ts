// Planning, tokens, registrations and pictures on a real PostgreSQL.
import t from 'tap';
import { openStreamTokens } from '../../src/channels/capabilities/stream-tokens.ts';
import { openPictureStore } from '../../src/channels/picture-store.ts';
import { openRegistrationStore } from '../../src/channels/registration/registration-store.ts';
import { silentLog } from '../../src/log.ts';
import { normalPicture } from '../../src/wiring/television/channel-looks.ts';
import { postgresPrograms, startPostgres } from '../database/start-postgres.ts';
import { body, DAY, HOUR, openChannels, START } from './open-channels.ts';

const programs = await postgresPrograms();

t.test(
  'on PostgreSQL all is planned, kept and read back as on SQLite',
  { skip: programs === null && 'Debian package postgresql is not installed' },
  async (t) => {
    if (programs === null) return;
    await using server = await startPostgres(programs);
    const at = Date.now();
    let id = 0;
    let entries: unknown = null;
    {
      await using home = await openChannels(t, { url: server.url, folder: t.testdir() });
      const { channels, clock } = home;
      ({ id } = await channels.create(
        body({ name: 'Zoë 📺 עברית', rules: { slots: [{ start: '20:15', end: '22:00', choice: { kinds: ['movie'] } }] } }),
      ));
      await channels.addEntry({
        channel_id: id,
        media_item_id: 'f1',
        start_time: new Date(START + 30 * HOUR).toISOString(),
        genres: undefined,
        duration: undefined,
      });
      await channels.skip(id, true);
      await clock.advance(DAY);
      await channels.topUp(true);
      await channels.generate(id, { days: 2, reset: false });
      t.match(await channels.now(id), { entry: { channelId: id }, next: {} });
      t.ok((await channels.lastAired(id, START, START + 2 * DAY)).size > 5);
      entries = await channels.entries(id, START, START + 9 * DAY);
      const tables = home.db as never;
      const tokens = await openStreamTokens({ tables, key: new Uint8Array(32), clock, log: silentLog });
      await tokens.ensure('Jellyfin main');
      const registrations = await openRegistrationStore(tables);
      await registrations.set('main', { wanted: true, tunerHostId: 't', listingProviderId: 'p', guideSavedMs: at });
      await registrations.setWarmth('main', String(id), { picture: 'x', probedMs: at, warmedMs: at });
      await (await openPictureStore(tables)).keep(id, normalPicture({ size: 'small', fps: 25 }));
    }
    await using home = await openChannels(t, { url: server.url, folder: t.testdir() });
    const { channels, clock } = home;
    t.match(channels.get(id), { name: 'Zoë 📺 עברית', createdAt: START });
    t.same(await channels.entries(id, START, START + 9 * DAY), entries);
    t.ok((channels.state(id).throughMs ?? 0) > START + 10 * DAY);
    const tables = home.db as never;
    t.match((await openStreamTokens({ tables, key: new Uint8Array(32), clock, log: silentLog })).list(), [
      { name: 'Jellyfin main', createdAt: Number },
    ]);
    const registrations = await openRegistrationStore(tables);
    t.same(registrations.get('main'), { wanted: true, tunerHostId: 't', listingProviderId: 'p', guideSavedMs: at });
    t.same(registrations.warmth('main', String(id)), { picture: 'x', probedMs: at, warmedMs: at });
    t.same((await openPictureStore(tables)).get(id), normalPicture({ size: 'small', fps: 25 }));
    await channels.remove(id);
    t.same(channels.all(), []);
  },
);
