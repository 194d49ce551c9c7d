// Sessions and their queues: what comes back after a restart, what is never written, what is dropped.
import t from 'tap';
import { home, message, payloads } from '../fixtures/broker-memory.ts';
import { until } from '../fixtures/until.ts';

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
