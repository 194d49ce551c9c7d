// SIGKILL at any moment: what was kept arrives, and twice only what was on its way at that moment.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { stringify } from 'yaml';
import { startWebhookReceiver } from '../../../deploy/demo/webhook/start-webhook-receiver.ts';
import { systemClock } from '../../src/clock.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import { createNotificationStore, type NotificationTables } from '../../src/notify/notification-store.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';

const CHILD = fileURLToPath(new URL('teller.child.ts', import.meta.url));
const KILLS = 3;

t.test('killed at three moments', async (t) => {
  await using receiver = await startWebhookReceiver();
  const folder = t.testdir();
  const [path, data] = [join(folder, 'controller.yaml'), join(folder, 'data')];
  await mkdir(data, { mode: 0o700 });
  const sinks = [{ name: 'hook', type: 'webhook', url: receiver.url, most_per_minute: 600 }];
  await writeFile(path, stringify({ database: { path: data }, notifications: { sinks } }), { mode: 0o600 });
  const random = seededRandom(71);
  async function run(name: string, count: number, killAfterMs: number | null): Promise<void> {
    const child = spawn(process.execPath, [CHILD, path, name, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), ended]);
    if (killAfterMs !== null) {
      await wait(killAfterMs);
      child.kill('SIGKILL');
    }
    const [code] = await ended;
    if (killAfterMs === null) t.equal(code, 0);
  }
  for (let kill = 0; kill < KILLS; kill += 1) await run(`run${kill}`, 40, Math.floor(random() * 200));
  await run('last', 1, null);
  await using database = await openDatabase({ path: data, clock: systemClock, log: silentLog, migrations });
  const store = createNotificationStore(database.tables<NotificationTables>());
  const kept = (await store.recent({ limit: 1_000 })).map(({ id }) => id);
  t.ok(kept.length > KILLS, `${kept.length} were kept`);
  t.same((await store.load()).queued, [], 'nothing is left');
  const arrived = receiver.messages().map(({ id }) => id);
  t.same(
    kept.filter((id) => !arrived.includes(id)),
    [],
    'each arrived',
  );
  const doubled = arrived.length - new Set(arrived).size;
  t.comment(`${arrived.length} arrived, ${doubled} of them twice`);
  t.ok(doubled <= KILLS, 'a kill doubles at most the one that was on its way');
});
