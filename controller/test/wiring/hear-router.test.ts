// `--test router` and `--test mqtt` use the database that is configured.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { silentLog } from '../../src/log.ts';
import { hearRouter } from '../../src/wiring/hear-router.ts';
import { postgresPrograms, startPostgres } from '../database/start-postgres.ts';

async function hear(t: Test, url: string) {
  const folder = t.testdir();
  const path = join(folder, 'controller.yaml');
  const data = join(folder, 'data');
  await writeFile(path, `database: { path: ${data}, url: '${url}' }\nmqtt: { listen: "127.0.0.1:0" }\n`, { mode: 0o600 });
  const config = await loadConfig({ path, env: {}, algorithms: ['demand'] });
  return { data, line: hearRouter({ config, clock: systemClock, log: silentLog }, 'broker', AbortSignal.timeout(10_000)) };
}

t.test('with database.url no SQLite folder is opened: a PostgreSQL that is away fails the check', async (t) => {
  const { data, line } = await hear(t, 'postgres://headgate@127.0.0.1:1/headgate');
  await t.rejects(line, /PostgreSQL/);
  t.notOk(existsSync(data));
});

const programs = await postgresPrograms();
t.test('nor with one that answers', { skip: programs === null && 'Debian package postgresql is not installed' }, async (t) => {
  if (programs === null) return;
  await using server = await startPostgres(programs);
  const { data, line } = await hear(t, server.url);
  t.match(await line, /the embedded broker listens on port \d+/);
  t.notOk(existsSync(data));
});
