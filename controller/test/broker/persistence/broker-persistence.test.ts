// The broker's memory and its copy in the database: aedes' own tests, what is written when, a failing disk.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { BROKER_LIMITS } from '../../../src/broker/broker-limits.ts';
import { home, retained, storeDurably } from '../fixtures/broker-memory.ts';
import { until } from '../fixtures/until.ts';

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
  await storeDurably(first, { ...retained('a/b', ''), payload: bytes });
  await storeDurably(first, retained('a/c', 'x'));
  await storeDurably(first, retained('a/c', ''));
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
  await storeDurably(persistence, retained('sqm', '0'));
  t.equal(persistence.stats().writes, 1, 'the first is written at once');
  for (let i = 0; i < 50; i += 1) await storeDurably(persistence, retained('sqm', '0'));
  t.equal(persistence.stats().writes, 1, 'equal ones are not');
  for (let i = 1; i <= 50; i += 1) {
    clock.now += 10_000;
    await storeDurably(persistence, retained('sqm', String(i)));
  }
  await sleep(50);
  t.equal(persistence.stats().writes, 1, 'a topic that changes each 10 s waits for the next batch');
  clock.now += 10_000;
  await storeDurably(persistence, retained('discovery', 'new'));
  t.equal(persistence.stats().writes, 2, 'a rare change is written at once, and takes what waits along');
  t.equal((await start()).retained.matching(['sqm'])[0]?.payload.toString(), '50');
  clock.now += BROKER_LIMITS.hotWithinMs;
  await storeDurably(persistence, retained('sqm', 'after an hour'));
  t.equal(persistence.stats().writes, 3, 'a topic that rested is rare again');
});

t.test('hot topics reach the disk by themselves, many changes in one write', async (t) => {
  const { start } = await home(t);
  const persistence = await start({ hotWriteMs: 50 });
  await storeDurably(persistence, retained('sqm', '0'));
  await storeDurably(persistence, retained('link', '0'));
  const before = persistence.stats().writes;
  for (let i = 1; i <= 100; i += 1)
    for (const topic of ['sqm', 'link']) await storeDurably(persistence, retained(topic, String(i)));
  await until('the batch', () => persistence.stats().writes > before);
  t.equal(persistence.stats().writes, before + 1);
});

t.test(
  'what hundreds of clients retain at once is written in parts, and all of it is there when the first is acknowledged',
  async (t) => {
    const { start, rows } = await home(t);
    const persistence = await start();
    const first = storeDurably(persistence, retained('node/first/report', 'x'));
    await Promise.all(Array.from({ length: 320 }, (_, i) => storeDurably(persistence, retained(`node/${i}/report`, 'x'))));
    await first;
    const { writes } = persistence.stats();
    t.ok(writes >= 7 && writes <= 10, `${writes}`);
    t.equal((await rows()).length, 321);
  },
);

t.test('a message that is removed while it is being written is gone from the disk too', async (t) => {
  const { start, rows } = await home(t);
  const persistence = await start();
  const writing = storeDurably(persistence, retained('short', 'x'));
  await storeDurably(persistence, retained('short', ''));
  await writing;
  t.same(await rows(), []);
});

t.test('what waits for a batch is written when the broker stops', async (t) => {
  const { start } = await home(t);
  const persistence = await start();
  await storeDurably(persistence, retained('sqm', '1'));
  await storeDurably(persistence, retained('sqm', '2'));
  await persistence[Symbol.asyncDispose]();
  t.equal((await start()).retained.matching(['sqm'])[0]?.payload.toString(), '2');
});

t.test('a disk that refuses: the broker goes on in memory, says so once, and writes all when it can again', async (t) => {
  const { start, tables, lines } = await home(t);
  const persistence = await start({ retryWriteMs: 20 });
  await tables.schema.alterTable('broker_state').renameTo('away').execute();
  await storeDurably(persistence, retained('a', '1'));
  await storeDurably(persistence, retained('b', '1'));
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
  await storeDurably(first, retained('good', '1'));
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
