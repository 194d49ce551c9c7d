// The one limit per remote stream: only where it is wanted, one change at a time, read back, and given back exactly.
import t from 'tap';
import { startPlexSimulator } from '../../../deploy/demo/plex/plex-simulator.ts';
import type { PlexClient } from '../../src/plex/plex-client.ts';
import { openStreamLimit, roundedBps } from '../../src/plex/stream-limit.ts';
import { openTest } from './watched-plex.ts';

const NEVER = new AbortController().signal;
const ID = 'WanPerStreamMaxUploadRate';

const limited = async (value: number) => {
  const sim = await startPlexSimulator({ preferences: { [ID]: value } });
  const server = openTest(sim, { limitStreams: true });
  const limits = server.userLimits;
  if (!limits) throw new Error('no limits');
  return {
    sim,
    limits,
    puts: () => sim.requests().filter(({ method }) => method !== 'GET'),
    change: (decide: (bps: number) => Promise<number | null>, userId = 'everyone') =>
      limits.changeUserLimit(userId, decide, NEVER),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await sim[Symbol.asyncDispose]();
    },
  };
};

t.test('without leave there is nothing to limit', async (t) => {
  await using server = openTest({ url: 'http://127.0.0.1:1', token: 'k' });
  t.equal(server.userLimits, null);
});

t.test('one user stands for everybody; a change is whole kbit/s and read back', async (t) => {
  await using plex = await limited(8000);
  t.same(await plex.limits.users(NEVER), [
    {
      id: 'everyone',
      name: 'everyone',
      limitBps: 8_000_000,
      isAdministrator: false,
      isDisabled: false,
      mayWatchRemotely: true,
    },
  ]);
  t.equal(await plex.limits.rules(NEVER), null);
  t.same(await plex.change(async () => 3_456_789), { beforeBps: 8_000_000, afterBps: 3_456_000, written: true });
  t.equal(plex.sim.preference(ID), 3456);
  t.same(
    plex.puts().map(({ method, path, query }) => [method, path, query]),
    [['PUT', '/:/prefs', { [ID]: '3456' }]],
  );
  t.match(await plex.change(async () => null), { written: false });
  t.match(await plex.change(async (bps) => bps), { written: false }, 'what stands is not written again');
  t.equal(plex.puts().length, 1);
});

t.test('what stood before comes back exactly, be it odd or negative', async (t) => {
  for (const kbps of [0, -1, 1, 1234, 10_000_000]) {
    await using plex = await limited(kbps);
    const { beforeBps } = await plex.change(async () => 2_000_000);
    await plex.change(async () => beforeBps);
    t.equal(plex.sim.preference(ID), kbps, `${kbps}`);
  }
});

t.test('never 0 for a rate above 0', async (t) => {
  t.same([1, 999, 1000, 1999, 5e12, 0, -1, -1000].map(roundedBps), [1000, 1000, 1000, 1000, 2_147_483_647_000, 0, 0, -1000]);
});

t.test('changes come one after the other, and a decision that throws writes nothing', async (t) => {
  await using plex = await limited(1000);
  await Promise.all(Array.from({ length: 5 }, () => plex.change(async (bps) => bps + 1_000_000)));
  t.equal(plex.sim.preference(ID), 6000);
  await t.rejects(
    plex.change(async () => {
      throw new Error('not stored');
    }),
    { message: 'not stored' },
  );
  await t.rejects(
    plex.change(async () => Number.NaN),
    { code: 'input_invalid' },
  );
  await t.rejects(
    plex.change(async () => 1, 'anna'),
    { code: 'not_found' },
  );
  t.equal(plex.sim.preference(ID), 6000);
});

t.test('a server without the preference, with an odd one, and one that does not keep what it was told', async (t) => {
  const client = (values: readonly unknown[]): Pick<PlexClient, 'preference' | 'setPreference'> => {
    const left = [...values];
    return { preference: async () => left.shift(), setPreference: async () => {} };
  };
  const change = (...values: unknown[]) =>
    openStreamLimit(client(values), 'Plex "x"').changeUserLimit('everyone', async () => 4_000_000, NEVER);
  await t.rejects(change(undefined), { code: 'upstream_failed', message: /has no WanPerStreamMaxUploadRate/ });
  await t.rejects(change('much'), { code: 'upstream_failed', message: /no whole number/ });
  await t.rejects(change(8000, 8000), { code: 'upstream_failed', message: /was set to 4000 kbit\/s but reads 8000/ });
  t.match(await change('8000', '4000'), { beforeBps: 8_000_000, afterBps: 4_000_000, written: true }, 'numbers as text');
});
