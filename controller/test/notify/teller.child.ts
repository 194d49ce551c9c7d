// A process that tells: one event each few milliseconds over the database and the webhook that it is given, until it is killed.
import { createTypedLink } from '@headgate/protocol';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import { openNotifications } from '../../src/wiring/notifications/open-notifications.ts';
import { createMemoryBroker } from '../fixtures/memory-broker.ts';

const [path = '', run = '', count = '0'] = process.argv.slice(2);
const config = await loadConfig({ path, env: {}, algorithms: ['demand'] });
const [clock, log] = [systemClock, silentLog];
const database = await openDatabase({ path: config.database.path, clock, log, migrations });
const link = createTypedLink(createMemoryBroker(), 'headgate', () => {});
const notifications = await openNotifications({ config, database, link, clock, log });
process.stdout.write('runs\n');
for (let i = 0; i < Number(count); i += 1) {
  notifications.tell({ type: 'channel_added', severity: 'warning', text: `${run}/${i}`, details: {} });
  await new Promise((resolve) => setTimeout(resolve, 4));
}
while (notifications.sinks().some(({ waiting }) => waiting > 0)) await new Promise((resolve) => setTimeout(resolve, 20));
await notifications[Symbol.asyncDispose]();
await database[Symbol.asyncDispose]();
