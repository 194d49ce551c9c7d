// What was told, and what is still to be delivered, on both databases.
import t, { type Test } from 'tap';
import { systemClock } from '../../src/clock.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { createNotificationStore, type NotificationTables } from '../../src/notify/notification-store.ts';
import { postgresPrograms, startPostgres } from '../database/start-postgres.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const note = (id: string, at: number, change: Partial<Notification> = {}): Notification => ({
  ...{
    id,
    at: NOON + at,
    type: 'channel_added',
    severity: 'info',
    text: `„${id}“`,
    details: { n: at, why: null, ok: true },
    subject: id,
    repeats: 0,
  },
  ...change,
});
const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);

async function keeps(t: Test, options: { readonly path: string; readonly url?: string }): Promise<void> {
  await using database = await openDatabase({ ...options, clock: systemClock, log: silentLog, migrations });
  const store = createNotificationStore(database.tables<NotificationTables>());
  await store.add(note('began', 0, { type: 'high_demand_began', subject: 'high demand' }), [
    { sink: 'hook', isHeld: false },
    { sink: 'phone', isHeld: true },
  ]);
  await store.add(note('error', 1, { severity: 'error' }), [{ sink: 'hook', isHeld: false }]);
  await store.repeated('error');
  await store.repeated('error');
  t.same(ids(await store.recent({ limit: 10 })), ['error', 'began']);
  t.match(await store.recent({ limit: 1 }), [{ ...note('error', 1, { severity: 'error' }), repeats: 2 }]);
  t.same(ids(await store.recent({ limit: 10, least: 'warning' })), ['error']);
  t.same(ids(await store.recent({ limit: 10, types: ['high_demand_began', 'x'] })), ['began']);
  t.same(ids(await store.recent({ limit: 10, since: NOON + 1 })), ['error']);
  t.same(ids(await store.recent({ limit: 10, until: NOON + 1 })), ['began']);
  const before = await store.load();
  t.same([ids(before.told), ids(before.open)], [['began', 'error'], ['began']]);
  t.same(
    before.queued.map(({ sink, notification, isHeld, queuedAt }) => [sink, notification.id, isHeld, queuedAt - NOON]).sort(),
    [
      ['hook', 'began', false, 0],
      ['hook', 'error', false, 1],
      ['phone', 'began', true, 0],
    ],
  );
  await store.remove('hook', ['began', 'error']);
  await store.remove('hook', []);
  await store.add(note('ended', 2, { type: 'high_demand_ended', subject: 'high demand' }), []);
  const after = await store.load();
  t.same([ids(after.open), after.queued.length], [[], 1]);
}

t.test('SQLite', (t) => keeps(t, { path: t.testdir() }));

const programs = await postgresPrograms();
t.test('PostgreSQL', { skip: programs === null && 'Debian package postgresql is not installed' }, async (t) => {
  if (programs === null) return;
  await using server = await startPostgres(programs);
  await keeps(t, { path: '', url: server.url });
});
