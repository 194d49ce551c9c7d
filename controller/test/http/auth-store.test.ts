// Log-ins and tokens on a real database.
import t from 'tap';
import { openStore, stillClock } from './serve.ts';

t.test('a session stands until it ends or is removed', async (t) => {
  const store = await openStore(t, stillClock());
  await store.addSession('d1', 1_000, 2_000);
  t.equal(await store.hasSession('d1', 1_999), true);
  t.equal(await store.hasSession('d1', 2_000), false);
  t.equal(await store.hasSession('d2', 1_000), false);
  await store.removeSession('d1');
  t.equal(await store.hasSession('d1', 1_000), false);
});

t.test('sessions are bounded: the oldest give way', async (t) => {
  const store = await openStore(t, stillClock());
  for (let n = 0; n < 510; n++) await store.addSession(`d${n}`, n, 100_000);
  t.equal(await store.hasSession('d9', 600), false);
  t.equal(await store.hasSession('d10', 600), true);
  t.equal(await store.hasSession('d509', 600), true);
});

t.test('tokens have unique names, are found by digest, and go when revoked', async (t) => {
  const store = await openStore(t, stillClock());
  const token = { id: 'a', name: 'kitchen', scope: 'read', createdAt: 5 } as const;
  t.equal(await store.addToken(token, 'x'), true);
  t.equal(await store.addToken({ ...token, id: 'b' }, 'y'), false);
  t.same(await store.findToken('x'), token);
  t.equal(await store.findToken('y'), null);
  t.same(await store.listTokens(), [token]);
  t.equal(await store.removeToken('a'), true);
  t.equal(await store.removeToken('a'), false);
  t.same(await store.listTokens(), []);
});
