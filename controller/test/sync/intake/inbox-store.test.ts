// What was acknowledged is there until it is done, in its order, whatever happens to the process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { type InboxTables, openInboxStore } from '../../../src/sync/intake/inbox-store.ts';
import { postgresPrograms, startPostgres } from '../../database/start-postgres.ts';
import { hook, openInboxDatabase } from './inbox-database.ts';

const bodies = (hooks: readonly { readonly body: string }[]): readonly string[] => hooks.map(({ body }) => body);
const numbers = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);

t.test('hooks are taken per server in the order of arrival, and stay until they are done', async (t) => {
  await using database = await openInboxDatabase(t.testdir());
  const inbox = await openInboxStore(database.tables<InboxTables>());
  await Promise.all(numbers(0, 100).map((n) => inbox.add(hook(n, n % 2 === 0 ? 'wan' : 'lan'))));
  t.equal(inbox.count(), 100);
  t.equal(inbox.count('wan'), 50);
  const first = await inbox.take('wan', 10);
  t.same(bodies(first), bodies(numbers(0, 10).map((n) => hook(2 * n))));
  t.match(first[0], { server: 'wan', receivedMs: 1_000 });
  t.same(await inbox.take('wan', 10), first, 'taking is not doing');
  await inbox.done(first.slice(0, 4));
  await inbox.done(first.slice(0, 4));
  t.equal(inbox.count('wan'), 46);
  t.same(bodies(await inbox.take('wan', 2)), bodies([hook(8), hook(10)]));
  t.same(await inbox.take('elsewhere', 10), []);
  t.equal(inbox.count('elsewhere'), 0);
});

t.test('another run goes on where this one ended, and drops what belongs to no server any more', async (t) => {
  const folder = join(t.testdir(), 'row 291', 'is made');
  {
    await using database = await openInboxDatabase(folder);
    const inbox = await openInboxStore(database.tables<InboxTables>());
    await Promise.all([inbox.add(hook(1)), inbox.add(hook(2, 'gone')), inbox.add(hook(3))]);
  }
  await using database = await openInboxDatabase(folder);
  const inbox = await openInboxStore(database.tables<InboxTables>());
  t.equal(inbox.count(), 3);
  t.equal(await inbox.keepOnly(['wan']), 1);
  await inbox.add(hook(4));
  t.same(bodies(await inbox.take('wan', 10)), bodies([hook(1), hook(3), hook(4)]));
  t.equal(inbox.count(), 3);
});

t.test('beyond the bound hooks are refused in words, and taken again once there is room', async (t) => {
  await using database = await openInboxDatabase(t.testdir());
  const inbox = await openInboxStore(database.tables<InboxTables>(), 3);
  await Promise.all(numbers(0, 3).map((n) => inbox.add(hook(n))));
  await t.rejects(inbox.add(hook(3)), { code: 'storage_failed', message: /^3 hooks wait/ });
  await inbox.done(await inbox.take('wan', 1));
  await inbox.add(hook(4));
  t.equal(inbox.count(), 3);
});

t.test('what cannot be written is not counted', async (t) => {
  await using database = await openInboxDatabase(t.testdir());
  const inbox = await openInboxStore(database.tables<InboxTables>());
  await t.rejects(inbox.add({ ...hook(1), body: 'NUL \0' }), { code: 'storage_failed' });
  t.equal(inbox.count(), 0);
  await inbox.add(hook(2));
  t.same(bodies(await inbox.take('wan', 5)), bodies([hook(2)]));
});

t.test('row 266: killed at once after an acknowledgement, no acknowledged hook is lost', async (t) => {
  const folder = t.testdir();
  const acknowledged: number[] = [];
  for (const round of [0, 1, 2]) {
    const script = fileURLToPath(new URL('./inbox-writer.child.ts', import.meta.url));
    const child = spawn(process.execPath, [script, folder, String(round * 1_000_000)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const closed = once(lines, 'close');
    let heard = 0;
    lines.on('line', (line) => {
      acknowledged.push(Number(line.slice(1)));
      heard += 1;
      if (heard === 120 + 40 * round) child.kill('SIGKILL');
    });
    await Promise.all([closed, once(child, 'exit')]);
  }
  await using database = await openInboxDatabase(folder);
  const inbox = await openInboxStore(database.tables<InboxTables>());
  const there = bodies(await inbox.take('wan', 1_000_000)).map((body) => (JSON.parse(body) as { n: number }).n);
  const present = new Set(there);
  t.ok(acknowledged.length >= 120 + 160 + 200);
  t.same(
    acknowledged.filter((n) => !present.has(n)),
    [],
  );
  t.equal(present.size, there.length, 'none is there twice');
  t.same(
    there,
    [...there].sort((a, b) => a - b),
    'in the order of arrival, over all runs',
  );
});

const programs = await postgresPrograms();

t.test(
  'on PostgreSQL hooks are kept, taken and done as on SQLite',
  { skip: programs === null && 'Debian package postgresql is not installed' },
  async (t) => {
    if (programs === null) return;
    await using server = await startPostgres(programs);
    {
      await using database = await openInboxDatabase('', server.url);
      const inbox = await openInboxStore(database.tables<InboxTables>());
      await Promise.all(numbers(0, 50).map((n) => inbox.add(hook(n))));
      await inbox.done(await inbox.take('wan', 45));
    }
    await using database = await openInboxDatabase('', server.url);
    const inbox = await openInboxStore(database.tables<InboxTables>());
    t.equal(inbox.count('wan'), 5);
    await inbox.add(hook(50));
    const left = await inbox.take('wan', 100);
    t.same(bodies(left), bodies(numbers(45, 51).map((n) => hook(n))));
    t.match(left[0], { id: 46, receivedMs: 1_045 });
  },
);
