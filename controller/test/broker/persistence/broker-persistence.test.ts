// The broker's memory and its copy in the database: aedes' own tests, what is written when, bounds, a failing disk.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Kysely } from 'kysely';
import t, { type Test } from 'tap';
import { BROKER_LIMITS, type BrokerLimits } from '../../../src/broker/broker-limits.ts';
import { type BrokerPersistence, createBrokerPersistence } from '../../../src/broker/persistence/broker-persistence.ts';
import type { BrokerTables } from '../../../src/broker/persistence/durable-copy.ts';
import type { StoredPacket } from '../../../src/broker/persistence/stored-packet.ts';
import { createHeardLog } from '../fixtures/heard-log.ts';
import { makeFolder, openTestDatabase } from '../fixtures/test-database.ts';
import { until } from '../fixtures/until.ts';

type Home = {
  readonly tables: Kysely<BrokerTables>;
  readonly lines: ReturnType<typeof createHeardLog>['lines'];
  /** As after a restart: a new one over the same database. `connected` are client ids that the broker has now. */
  start(limits?: Partial<BrokerLimits>, connected?: readonly string[]): Promise<BrokerPersistence>;
  rows(): Promise<string[]>;
  clock: { now: number };
};

async function home(t: Test): Promise<Home> {
  const folder = await makeFolder();
  const { tables, close } = await openTestDatabase(folder.path);
  const { log, lines } = createHeardLog();
  const clock = { now: 0 };
  const open: BrokerPersistence[] = [];
  t.teardown(async () => {
    for (const each of open) await each[Symbol.asyncDispose]();
    await close();
    await folder.remove();
  });
  let starts = 0;
  return {
    tables,
    lines,
    clock,
    async start(limits = {}, connected = []) {
      const persistence = createBrokerPersistence({
        tables,
        log,
        clock: { monotonic: () => clock.now },
        limits: { ...BROKER_LIMITS, ...limits },
      });
      open.push(persistence);
      starts += 1;
      await persistence.setup({ id: `run-${starts}`, clients: Object.fromEntries(connected.map((id) => [id, {}])) });
      return persistence;
    },
    async rows() {
      const rows = await tables.selectFrom('broker_state').selectAll().orderBy('kind').orderBy('id').execute();
      return rows.map(({ kind, id }) => `${kind} ${id}`);
    },
  };
}

const retained = (topic: string, payload: string, qos: 0 | 1 = 1) => ({
  cmd: 'publish',
  topic,
  payload: Buffer.from(payload),
  qos,
  retain: true,
});
const message = (counter: number, qos: 0 | 1 | 2 = 1, topic = 'a') => ({
  topic,
  payload: Buffer.from(`m${counter}`),
  qos,
  retain: false,
  brokerId: 'run-1',
  brokerCounter: counter,
});
const payloads = async (persistence: BrokerPersistence, id: string): Promise<string[]> => {
  const packets = (await persistence.outgoingStream({ id }).toArray()) as StoredPacket[];
  return packets.map((packet) => (packet.cmd === 'pubrel' ? `release ${packet.messageId}` : packet.payload.toString()));
};

t.test("aedes' abstract persistence tests pass", async (t) => {
  const suite = fileURLToPath(new URL('../fixtures/abstract-persistence.ts', import.meta.url));
  // Without tap's variables the child would report to tap's own runner.
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, TAP: _tap, ...env } = process.env;
  const child = spawn(process.execPath, ['--test', '--test-reporter=tap', suite], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  t.match(output, /^# tests 5\d$/m, 'the whole suite ran');
  t.match(output, /^# fail 0$/m);
  t.equal(child.exitCode, 0);
});

t.test('retained messages come back, bytes and all, and an empty one removes', async (t) => {
  const { start, rows } = await home(t);
  const first = await start();
  const bytes = Buffer.from([0, 255, 10, 0x80]);
  await first.storeRetained({ ...retained('a/b', ''), payload: bytes });
  await first.storeRetained(retained('a/c', 'x'));
  await first.storeRetained(retained('a/c', ''));
  const second = await start();
  t.same(
    second.retained.matching(['#']).map(({ topic, payload, qos, retain }) => ({ topic, payload, qos, retain })),
    [{ topic: 'a/b', payload: bytes, qos: 1, retain: true }],
  );
  t.same(await rows(), ['retained a/b']);
});

t.test('an equal retained message and a hot topic cause no write of their own', async (t) => {
  const { start, clock } = await home(t);
  const persistence = await start();
  await persistence.storeRetained(retained('sqm', '0'));
  t.equal(persistence.stats().writes, 1, 'the first is written at once');
  for (let i = 0; i < 50; i += 1) await persistence.storeRetained(retained('sqm', '0'));
  t.equal(persistence.stats().writes, 1, 'equal ones are not');
  for (let i = 1; i <= 50; i += 1) {
    clock.now += 10_000;
    await persistence.storeRetained(retained('sqm', String(i)));
  }
  await sleep(50);
  t.equal(persistence.stats().writes, 1, 'a topic that changes each 10 s waits for the next batch');
  clock.now += 10_000;
  await persistence.storeRetained(retained('discovery', 'new'));
  t.equal(persistence.stats().writes, 2, 'a rare change is written at once, and takes what waits along');
  t.equal((await start()).retained.matching(['sqm'])[0]?.payload.toString(), '50');
  clock.now += BROKER_LIMITS.hotWithinMs;
  await persistence.storeRetained(retained('sqm', 'after an hour'));
  t.equal(persistence.stats().writes, 3, 'a topic that rested is rare again');
});

t.test('hot topics reach the disk by themselves, many changes in one write', async (t) => {
  const { start } = await home(t);
  const persistence = await start({ hotWriteMs: 50 });
  await persistence.storeRetained(retained('sqm', '0'));
  await persistence.storeRetained(retained('link', '0'));
  const before = persistence.stats().writes;
  for (let i = 1; i <= 100; i += 1)
    for (const topic of ['sqm', 'link']) await persistence.storeRetained(retained(topic, String(i)));
  await until('the batch', () => persistence.stats().writes > before);
  t.equal(persistence.stats().writes, before + 1);
});

t.test('a message that is removed while it is being written is gone from the disk too', async (t) => {
  const { start, rows } = await home(t);
  const persistence = await start();
  const writing = persistence.storeRetained(retained('short', 'x'));
  await persistence.storeRetained(retained('short', ''));
  await writing;
  t.same(await rows(), []);
});

t.test('what waits for a batch is written when the broker stops', async (t) => {
  const { start } = await home(t);
  const persistence = await start();
  await persistence.storeRetained(retained('sqm', '1'));
  await persistence.storeRetained(retained('sqm', '2'));
  await persistence[Symbol.asyncDispose]();
  t.equal((await start()).retained.matching(['sqm'])[0]?.payload.toString(), '2');
});

t.test('a session, its queue in order, QoS 2 halves and wills come back', async (t) => {
  const { start } = await home(t);
  const first = await start();
  first.sessions.claim('phone', 'ha');
  await first.addSubscriptions({ id: 'phone' }, [
    { topic: 'a/#', qos: 1 },
    { topic: 'b', qos: 0 },
  ]);
  for (let i = 1; i <= 20; i += 1) await first.outgoingEnqueueCombi([{ clientId: 'phone', qos: 1 }], message(i));
  await first.outgoingEnqueue({ clientId: 'phone', qos: 2 }, message(21, 2));
  await first.outgoingUpdate({ id: 'phone' }, { ...message(21, 2), messageId: 77 });
  await first.outgoingUpdate({ id: 'phone' }, { cmd: 'pubrel', messageId: 77 });
  await first.outgoingClearMessageId({ id: 'phone' }, { brokerId: 'run-1', brokerCounter: 1 });
  await first.incomingStorePacket({ id: 'sender one' }, { topic: 'x', payload: 'y', qos: 2, messageId: 5 });
  await first.putWill({ id: 'phone' }, { topic: 'dead', payload: Buffer.from('x'), qos: 1, retain: true });
  await first[Symbol.asyncDispose]();

  const second = await start();
  t.same(
    (await second.subscriptionsByClient({ id: 'phone' })).map(({ topic, qos }) => [topic, qos]),
    [
      ['a/#', 1],
      ['b', 0],
    ],
  );
  t.equal(second.sessions.claim('phone', 'wall'), false, 'another user may not take over the session');
  t.equal(second.sessions.claim('phone', 'ha'), true);
  const expected = Array.from({ length: 19 }, (_, i) => `m${i + 2}`);
  t.same(await payloads(second, 'phone'), [...expected, 'release 77']);
  t.resolves(second.incomingGetPacket({ id: 'sender one' }, { messageId: 5 }));
  t.match(await second.streamWill({ 'run-2': 1 }).toArray(), [{ topic: 'dead', clientId: 'phone', brokerId: 'run-1' }]);
  await second.outgoingEnqueue({ clientId: 'phone' }, message(99));
  t.equal((await payloads(second, 'phone')).at(-1), 'm99', 'new messages come after the old ones');
});

t.test('a message to a connected session that is acknowledged soon is never written', async (t) => {
  const { start, rows } = await home(t);
  const persistence = await start({ inFlightWriteMs: 50 }, ['phone']);
  for (let i = 1; i <= 100; i += 1) {
    await persistence.outgoingEnqueueCombi([{ clientId: 'phone', qos: 1 }], message(i));
    await persistence.outgoingUpdate({ id: 'phone' }, { ...message(i), messageId: i });
    await persistence.outgoingClearMessageId({ id: 'phone' }, { messageId: i });
  }
  t.equal(persistence.stats().writes, 0);
  await persistence.outgoingEnqueueCombi([{ clientId: 'phone', qos: 1 }], message(101));
  await until('the unacknowledged one', () => persistence.stats().writes === 1);
  t.equal((await rows()).length, 1);
});

t.test('an absent session keeps the newest messages, within count and bytes, and the log says so once', async (t) => {
  const { start, lines, rows } = await home(t);
  const persistence = await start({ queuedPerSession: 10, queuedBytesPerSession: 10_000 });
  for (let i = 1; i <= 25; i += 1) await persistence.outgoingEnqueueCombi([{ clientId: 'phone', qos: 1 }], message(i));
  t.same(
    await payloads(persistence, 'phone'),
    Array.from({ length: 10 }, (_, i) => `m${i + 16}`),
  );
  t.equal(persistence.stats().dropped, 15);
  await persistence.outgoingEnqueue({ clientId: 'phone' }, { ...message(26), payload: Buffer.alloc(9_700) });
  t.equal((await persistence.outgoingStream({ id: 'phone' }).toArray()).length, 1, 'a large one pushes the small ones out');
  t.equal(lines.filter(({ level }) => level === 'warn').length, 1);
  await persistence[Symbol.asyncDispose]();
  t.equal((await rows()).length, 1, 'dropped ones are dropped on disk too');
});

t.test('one message reaches a client once, however many of its filters match, at the highest of their QoS', async (t) => {
  const { start } = await home(t);
  const persistence = await start();
  await persistence.outgoingEnqueueCombi(
    [
      { clientId: 'p', qos: 1 },
      { clientId: 'p', qos: 2 },
      { clientId: 'q', qos: 1 },
    ],
    message(1, 2),
  );
  t.match(await persistence.outgoingStream({ id: 'p' }).toArray(), [{ qos: 2 }]);
  t.match(await persistence.outgoingStream({ id: 'q' }).toArray(), [{ qos: 1 }]);
});

t.test('a clean start of a session, or a user who is no longer configured, takes its queue along', async (t) => {
  const { start, rows } = await home(t);
  const persistence = await start();
  for (const id of ['clean', 'orphan']) {
    persistence.sessions.claim(id, id);
    await persistence.addSubscriptions({ id }, [{ topic: 'a', qos: 1 }]);
    await persistence.outgoingEnqueue({ clientId: id }, message(1));
  }
  await persistence.cleanSubscriptions({ id: 'clean' });
  persistence.forgetOwnersExcept(new Set(['clean']));
  await persistence[Symbol.asyncDispose]();
  t.same(await rows(), []);
});

t.test('too many sessions push out the one that is away for longest', async (t) => {
  const { start } = await home(t);
  const persistence = await start({ sessions: 3 }, ['one']);
  for (const id of ['one', 'two', 'three', 'four']) {
    persistence.sessions.claim(id, 'ha');
    await persistence.addSubscriptions({ id }, [{ topic: 'a', qos: 1 }]);
  }
  t.same(persistence.sessions.subscribers('a'), ['one', 'three', 'four']);
});

t.test('a disk that refuses: the broker goes on in memory, says so once, and writes all when it can again', async (t) => {
  const { start, tables, lines } = await home(t);
  const persistence = await start({ retryWriteMs: 20 });
  await tables.schema.alterTable('broker_state').renameTo('away').execute();
  await persistence.storeRetained(retained('a', '1'));
  await persistence.storeRetained(retained('b', '1'));
  t.equal(persistence.retained.matching(['#']).length, 2);
  t.ok(persistence.stats().problem);
  await until('some retries', () => lines.length > 0);
  await tables.schema.alterTable('away').renameTo('broker_state').execute();
  await until('the disk is back', () => persistence.stats().problem === null);
  t.same(
    lines.map(({ level }) => level),
    ['error', 'info'],
  );
  t.equal((await start()).retained.matching(['#']).length, 2);
});

t.test('damaged rows are left out, the others stand', async (t) => {
  const { start, tables } = await home(t);
  const first = await start();
  await first.storeRetained(retained('good', '1'));
  for (const kind of ['retained', 'session', 'outgoing', 'will'] as const)
    await tables
      .insertInto('broker_state')
      .values([
        { kind, id: 'bad', value: '{"x":1}' },
        { kind, id: 'worse', value: 'not json' },
      ])
      .execute();
  const second = await start();
  t.same(
    second.retained.matching(['#']).map(({ topic }) => topic),
    ['good'],
  );
});
