// One limit for several readers: as much as it says, fairly, and at once where there is none.
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { systemClock } from '../../src/clock.ts';
import { pacedStream } from '../../src/distribution/paced-stream.ts';
import { createReaderTurns } from '../../src/distribution/reader-turns.ts';
import { createSendGate } from '../../src/distribution/send-gate.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';

const running = new AbortController().signal;

t.test('as many bytes go as the limit says, and a reader with four connections gets no more than one with one', async (t) => {
  const clock = createFakeClock(0);
  const gate = createSendGate(clock);
  gate.limit(8_000_000);
  const had = new Map<string, number>();
  const ending = new AbortController();
  const read = async (reader: string): Promise<void> => {
    for (;;) {
      const bytes = gate.pieceBytes();
      await gate.take(reader, bytes, ending.signal);
      gate.sent(bytes);
      had.set(reader, (had.get(reader) ?? 0) + bytes);
    }
  };
  const readers = ['many', 'many', 'many', 'many', 'one'].map((reader) => read(reader).catch(() => {}));
  for (let ms = 0; ms < 10_000; ms += 20) await clock.advance(20);
  const [many = 0, one = 0] = [had.get('many'), had.get('one')];
  t.ok(many + one > 9_000_000 && many + one < 10_300_000, `${many + one} in 10 s of 1 MB/s`);
  t.ok(Math.abs(many - one) < 500_000, `${many} and ${one}`);
  t.ok(gate.usedBps() > 6_500_000 && gate.usedBps() < 9_500_000, `${gate.usedBps()}`);
  t.equal(gate.isWaited(), true);
  gate.limit(0);
  await clock.advance(200);
  const before = had.get('one');
  await clock.advance(5_000);
  t.equal(had.get('one'), before, '0 is nothing');
  t.equal(gate.isClosed(), true);
  ending.abort();
  await Promise.all(readers);
  t.equal(gate.isWaited(), false, 'who has gone waits no more');
});

t.test('who comes later begins where the others are, and who is long gone is forgotten', async (t) => {
  let now = 0;
  const turns = createReaderTurns(() => now);
  const order: string[] = [];
  const wait = (reader: string, bytes = 10) => turns.wait(reader, { bytes, go: () => void order.push(reader) });
  for (let count = 0; count < 3; count += 1) wait('a');
  turns.next()?.go();
  turns.next()?.go();
  wait('b');
  wait('b');
  for (let turn = turns.next(); turn !== null; turn = turns.next()) turn.go();
  t.same(order, ['a', 'a', 'a', 'b', 'b']);
  now = 5_000;
  wait('b', 1_000);
  wait('a');
  wait('a');
  order.length = 0;
  for (let turn = turns.next(); turn !== null; turn = turns.next()) turn.go();
  t.same(order, ['b', 'a', 'a']);
  t.equal(turns.isWaited(), false);
  const leave = wait('a');
  leave();
  t.equal(turns.next(), null);
});

t.test('a paced stream gives the same bytes, with a limit and without; destroyed it waits for nothing', async (t) => {
  const content = randomBytes(500_000);
  const source = () => Readable.from([content.subarray(0, 200_000), content.subarray(200_000)], { objectMode: false });
  const gate = createSendGate(systemClock);
  t.ok(content.equals(await buffer(pacedStream(source(), gate, 'a'))));
  gate.limit(80_000_000);
  t.ok(content.equals(await buffer(pacedStream(source(), gate, 'a'))));
  gate.limit(0);
  const held = source();
  const paced = pacedStream(held, gate, 'a');
  paced.resume();
  while (!gate.isWaited()) await systemClock.sleep(5, running);
  paced.destroy();
  while (gate.isWaited() || !held.destroyed) await systemClock.sleep(5, running);
  t.pass('the source is closed');
});
