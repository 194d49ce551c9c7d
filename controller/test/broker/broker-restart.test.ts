// What the embedded broker keeps over a restart, and over being killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Kysely, Transaction } from 'kysely';
import t, { type Test } from 'tap';
import { BROKER_LIMITS } from '../../src/broker/broker-limits.ts';
import { openBroker } from '../../src/broker/open-broker.ts';
import type { BrokerTables } from '../../src/broker/persistence/durable-copy.ts';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { connectTo, openBrokerAt, ROOTS, USERS } from './fixtures/home-broker.ts';
import { makeFolder, openTestDatabase } from './fixtures/test-database.ts';
import { until } from './fixtures/until.ts';

const SESSION = { clean: false, clientId: 'home-assistant' };
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `headgate/event=${from + i}`);

t.test('a restart keeps retained messages, and sessions with what they missed before and after it', async (t) => {
  const folder = await makeFolder();
  t.teardown(folder.remove);
  const first = await openBrokerAt(folder.path, silentLog);
  const client = await connectTo(t, first.broker.port, 'ha', SESSION);
  await client.subscribeAsync('headgate/#', { qos: 1 });
  await client.endAsync();
  await first.broker.link.publish('headgate/bandwidth/state', 'kept', { qos: 1, retain: true });
  for (let i = 1; i <= 50; i += 1) await first.broker.link.publish('headgate/event', String(i), { qos: 1, retain: false });
  await first.stop();

  const second = await openBrokerAt(folder.path, silentLog);
  t.teardown(second.stop);
  for (let i = 51; i <= 60; i += 1) await second.broker.link.publish('headgate/event', String(i), { qos: 1, retain: false });
  const back = await connectTo(t, second.broker.port, 'ha', SESSION);
  await until('all that was missed', () => back.heard.length >= 61);
  t.same(back.heard, ['headgate/bandwidth/state=kept', ...numbered(1, 60)]);
  await second.broker.link.publish('headgate/event', '61', { qos: 1, retain: false });
  await until('the restored subscription', () => back.heard.length === 62);
  const fresh = await connectTo(t, second.broker.port, 'wall');
  await fresh.subscribeAsync('headgate/#');
  await until('the retained one', () => fresh.heard.length === 1);
  t.same(fresh.heard, ['!headgate/bandwidth/state=kept']);
  await until('all acknowledged', () => second.broker.stats().queued === 0);
});

t.test('a user whose rights were cut hears nothing more from its old session, neither queued nor live', async (t) => {
  const folder = await makeFolder();
  t.teardown(folder.remove);
  const first = await openBrokerAt(folder.path, silentLog);
  const client = await connectTo(t, first.broker.port, 'ha', SESSION);
  await client.subscribeAsync(['headgate/#', 'headgate/controller/presence'], { qos: 1 });
  await client.endAsync();
  await first.broker.link.publish('headgate/event', 'secret now', { qos: 1, retain: false });
  await first.stop();
  const users = USERS.map((user) => (user.name === 'ha' ? { ...user, role: 'node' as const } : user));
  const second = await openBrokerAt(folder.path, silentLog, BROKER_LIMITS, users);
  t.teardown(second.stop);
  const back = await connectTo(t, second.broker.port, 'ha', SESSION);
  await second.broker.link.publish('headgate/event', 'secret too', { qos: 1, retain: false });
  await second.broker.link.publish('headgate/controller/presence', 'for all', { qos: 1, retain: false });
  await until('what it still may hear', () => back.heard.length > 0);
  // QoS 1: twice is allowed, and happens to a message that comes while the queue is sent.
  t.same([...new Set(back.heard)], ['headgate/controller/presence=for all']);
});

t.test('what was acknowledged with QoS 2 is delivered once over a restart', async (t) => {
  const folder = await makeFolder();
  t.teardown(folder.remove);
  const first = await openBrokerAt(folder.path, silentLog);
  const receiver = await connectTo(t, first.broker.port, 'ha', SESSION);
  await receiver.subscribeAsync('headgate/#', { qos: 2 });
  await receiver.endAsync();
  const router = await connectTo(t, first.broker.port, 'attic');
  for (let i = 1; i <= 20; i += 1) await router.publishAsync('headgate/router/attic/presence', String(i), { qos: 2 });
  await first.stop();
  const second = await openBrokerAt(folder.path, silentLog);
  t.teardown(second.stop);
  const back = await connectTo(t, second.broker.port, 'ha', SESSION);
  await until('all', () => back.heard.length >= 20);
  await until('all acknowledged', () => second.broker.stats().queued === 0);
  t.same(
    back.heard,
    Array.from({ length: 20 }, (_, i) => `headgate/router/attic/presence=${i + 1}`),
  );
});

t.test('QoS 2 is acknowledged when what it brought to a session that is away is on disk, not before', async (t) => {
  const folder = await makeFolder();
  t.teardown(folder.remove);
  const { tables, close } = await openTestDatabase(folder.path);
  t.teardown(close);
  let left = Number.POSITIVE_INFINITY;
  const gate = Promise.withResolvers<void>();
  const slow = slowTables(tables, async () => {
    left -= 1;
    if (left < 0) await gate.promise;
  });
  const config = { listen: { host: '127.0.0.1', port: 0 }, tls: null, users: USERS };
  const broker = await openBroker({ config, roots: ROOTS, tables: slow, clock: systemClock, log: silentLog });
  t.teardown(() => broker[Symbol.asyncDispose]());
  const receiver = await connectTo(t, broker.port, 'ha', SESSION);
  await receiver.subscribeAsync('headgate/#', { qos: 2 });
  await receiver.endAsync();
  const router = await connectTo(t, broker.port, 'attic');
  await until('the receiver is away', () => broker.stats().clients === 1);
  // That it came may be noted; the message itself is not written yet.
  left = 1;
  let isTaken = false;
  const taken = router.publishAsync('headgate/router/attic/shaper/state', 'x', { qos: 2 }).then(() => {
    isTaken = true;
  });
  await until('it is queued', () => broker.stats().queued === 1);
  await sleep(300);
  t.equal(isTaken, false);
  gate.resolve();
  await taken;
  const rows = await tables.selectFrom('broker_state').select('id').where('kind', '=', 'outgoing').execute();
  t.equal(rows.length, 1);
});

/** Each transaction waits for what `hold` answers. */
function slowTables(tables: Kysely<BrokerTables>, hold: () => Promise<void>): Kysely<BrokerTables> {
  const transaction = () => ({
    execute: async <Result>(work: (step: Transaction<BrokerTables>) => Promise<Result>) => {
      await hold();
      return await tables.transaction().execute(work);
    },
  });
  return new Proxy(tables, {
    get: (target, key) => (key === 'transaction' ? transaction : Reflect.get(target, key).bind(target)),
  });
}

/** A broker in a process of its own; ends with the test. */
async function startProcess(t: Test, path: string) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./fixtures/broker-process.ts', import.meta.url)), path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    port: Number(line.toString()),
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

t.test('SIGKILL loses no session, no rare retained message and no queued message', async (t) => {
  const folder = await makeFolder();
  t.teardown(folder.remove);
  const will = { topic: 'headgate/router/cellar/presence', payload: Buffer.from('offline'), qos: 1 as const, retain: true };
  let expected = 0;
  for (let round = 1; round <= 3; round += 1) {
    const broker = await startProcess(t, folder.path);
    const receiver = await connectTo(t, broker.port, 'ha', SESSION);
    if (round === 1)
      await receiver.subscribeAsync(['headgate/router/attic/shaper/state', 'headgate/router/+/presence'], { qos: 2 });
    await until('what was missed', () => receiver.heard.length >= expected);
    t.equal(receiver.heard.length, expected, `round ${round}`);
    await receiver.endAsync();
    const router = await connectTo(t, broker.port, 'attic');
    await connectTo(t, broker.port, 'cellar', { will });
    await router.publishAsync('headgate/router/attic/wan/wan/link', `round ${round}`, { qos: 2, retain: true });
    for (let i = 1; i <= 30; i += 1) await router.publishAsync('headgate/router/attic/shaper/state', `${round}.${i}`, { qos: 2 });
    expected = 30;
    await broker.kill();
  }
  const { broker, tables, stop } = await openBrokerAt(folder.path, silentLog, { ...BROKER_LIMITS, heartbeatMs: 500 });
  t.teardown(stop);
  const heard: string[] = [];
  await broker.link.subscribe('headgate/#', (_topic, payload) => void heard.push(Buffer.from(payload).toString()));
  t.same(heard, ['round 3']);
  t.equal(broker.stats().queued, 30);
  const wills = await tables.selectFrom('broker_state').select('id').where('kind', '=', 'will').execute();
  t.equal(wills.length, 3, 'wills of the killed broker are still known');
  await until('they are sent, since their clients do not come back', () => heard.length === 4);
  t.same(heard.slice(1), ['offline', 'offline', 'offline']);
});
