// One field of a whole policy, with others who write the same policy at every bad moment.
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { systemClock } from '../../src/clock.ts';
import { authorizationHeader } from '../../src/jellyfin/authorization.ts';
import { createChangeUserLimit, type LimitClient } from '../../src/jellyfin/change-user-limit.ts';
import { type JellyfinClient, openJellyfinClient } from '../../src/jellyfin/jellyfin-client.ts';

const NEVER = new AbortController().signal;
const to = (bps: number | null) => async () => bps;

type Home = { sim: JellyfinSimulator; client: JellyfinClient; id: (name: string) => string };

const withHome = (name: string, work: (t: Test, home: Home) => Promise<void>) =>
  t.test(name, async (t) => {
    const users = [
      { name: 'anna', policy: { BlockedTags: ['horror'], EnabledFolders: ['a'], EnableAllFolders: false } },
      { name: 'ben', limitBps: -1 },
    ];
    await using sim = await startJellyfinSimulator({ users, userCount: 20 });
    const authorization = authorizationHeader({ apiKey: sim.apiKey, deviceId: 'd', version: '1' });
    await using client = openJellyfinClient({ who: 'Jellyfin "main"', url: sim.url, authorization, clock: systemClock });
    const id = (name: string) => sim.users.byName(name)?.id ?? 'nobody';
    await work(t, { sim, client, id });
  });
const changer = (client: LimitClient) => createChangeUserLimit({ client, clock: systemClock, who: 'Jellyfin "main"' });
const policyOf = (sim: JellyfinSimulator, name: string) => structuredClone(sim.users.byName(name)?.policy);
const writes = (sim: JellyfinSimulator) => sim.requests().filter(({ changing }) => changing).length;

withHome('only the limit changes', async (t, { sim, client, id }) => {
  const before = policyOf(sim, 'anna');
  t.same(await changer(client)(id('anna'), to(4_000_000), NEVER), { beforeBps: 0, afterBps: 4_000_000, written: true });
  t.same(policyOf(sim, 'anna'), { ...before, RemoteClientBitrateLimit: 4_000_000 });
  t.same(await changer(client)(id('anna'), to(0), NEVER), { beforeBps: 4_000_000, afterBps: 0, written: true });
  t.same(policyOf(sim, 'anna'), before, 'and back');
});

withHome('fields that we do not know come back as they were', async (t, { client, id }) => {
  const sent: unknown[] = [];
  const tomorrow: LimitClient = {
    async userWithPolicy(...given) {
      const user = await client.userWithPolicy(...given);
      return { ...user, Policy: { ...user.Policy, FieldOfTomorrow: { deep: [1, null] } } };
    },
    async writePolicy(userId, policy, signal) {
      sent.push(policy);
      await client.writePolicy(userId, policy, signal);
    },
  };
  await changer(tomorrow)(id('anna'), to(4_000_000), NEVER);
  t.match(sent, [
    { FieldOfTomorrow: { deep: [1, null] }, AuthenticationProviderId: /Default/, PasswordResetProviderId: /Default/ },
  ]);
});

withHome('-1 and 0 can be restored, other strange numbers cannot be written', async (t, { sim, client, id }) => {
  const change = changer(client);
  t.same(await change(id('ben'), to(5_000_000), NEVER), { beforeBps: -1, afterBps: 5_000_000, written: true });
  t.same(await change(id('ben'), to(-1), NEVER), { beforeBps: 5_000_000, afterBps: -1, written: true });
  t.equal(sim.limitOf('ben'), -1);
  sim.forgetRequests();
  for (const bps of [Number.NaN, 1.5, -2, 2 ** 31]) await t.rejects(change(id('ben'), to(bps), NEVER), { code: 'input_invalid' });
  t.equal(writes(sim), 0);
});

withHome('nothing is written for null, for what stands already, or when the decision throws', async (t, { sim, client, id }) => {
  const change = changer(client);
  t.same(await change(id('ben'), to(null), NEVER), { beforeBps: -1, afterBps: -1, written: false });
  t.same(await change(id('ben'), to(-1), NEVER), { beforeBps: -1, afterBps: -1, written: false });
  const full = () => Promise.reject(new Error('disk full'));
  await t.rejects(change(id('ben'), full, NEVER), { message: 'disk full' });
  t.equal(writes(sim), 0);
});

withHome('a user who is gone', async (t, { client }) => {
  await t.rejects(changer(client)('00000000000000000000000000000001', to(1), NEVER), { code: 'not_found' });
});

withHome('one at a time per user, whatever the form of the id', async (t, { sim, client, id }) => {
  sim.setLatency(20);
  const change = changer(client);
  const anna = id('anna');
  const dashed = anna.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5').toUpperCase();
  const seen: number[] = [];
  const next = async (current: number) => {
    seen.push(current);
    return current + 1_000_000;
  };
  await Promise.all([change(anna, next, NEVER), change(dashed, next, NEVER), change(anna, next, NEVER)]);
  // On a busy machine more than 50 ms pass, and the same is asked twice.
  t.same([...new Set(seen)], [0, 1_000_000, 2_000_000]);
  t.equal(sim.limitOf('anna'), 3_000_000);
});

withHome('at most four writes are in flight', async (t, { sim, client }) => {
  let running = 0;
  let most = 0;
  const full = Promise.withResolvers<void>();
  const counted: LimitClient = {
    userWithPolicy: client.userWithPolicy,
    async writePolicy(...given) {
      running += 1;
      most = Math.max(most, running);
      if (running === 4) full.resolve();
      // The first four wait for one another: a slow machine may not make them look like fewer.
      await full.promise;
      await client.writePolicy(...given);
      running -= 1;
    },
  };
  sim.setLatency(15);
  const change = changer(counted);
  const users = (await client.users(NEVER)).filter(({ Name }) => Name.startsWith('user-'));
  t.equal(users.length, 20);
  await Promise.all(users.map(({ Id }) => change(Id, to(3_000_000), NEVER)));
  t.equal(most, 4);
  for (const { Name } of users) t.equal(sim.limitOf(Name), 3_000_000);
});

withHome('who waits for a turn can be called off', async (t, { sim, client, id }) => {
  sim.setLatency(50);
  const change = changer(client);
  const stop = new AbortController();
  const first = change(id('anna'), to(1_000_000), NEVER);
  const second = change(id('anna'), to(2_000_000), stop.signal);
  stop.abort();
  await t.rejects(second, { name: 'AbortError' });
  await first;
  t.equal(sim.limitOf('anna'), 1_000_000);
  t.match(await change(id('anna'), to(3_000_000), NEVER), { written: true }, 'the turn was not lost');
});

withHome('a field that somebody changes while we decide is kept', async (t, { sim, client, id }) => {
  const slow = async () => {
    sim.editPolicy('anna', { BlockedTags: ['new'] });
    await wait(80);
    return 4_000_000;
  };
  await changer(client)(id('anna'), slow, NEVER);
  t.match(policyOf(sim, 'anna'), { BlockedTags: ['new'], RemoteClientBitrateLimit: 4_000_000 });
});

withHome('a limit that somebody sets while we decide is decided upon again', async (t, { sim, client, id }) => {
  const seen: number[] = [];
  const slow = async (current: number) => {
    seen.push(current);
    if (seen.length === 1) sim.editPolicy('anna', { RemoteClientBitrateLimit: 9_000_000 });
    await wait(80);
    return 4_000_000;
  };
  t.same(await changer(client)(id('anna'), slow, NEVER), { beforeBps: 9_000_000, afterBps: 4_000_000, written: true });
  t.same(seen, [0, 9_000_000, 9_000_000], 'and once more before a write that comes late');
});

withHome('a write that comes late is not made where it is no longer wanted', async (t, { sim, client, id }) => {
  let asked = 0;
  const stopping = async () => {
    asked += 1;
    await wait(80);
    return asked === 1 ? 4_000_000 : null;
  };
  t.same(await changer(client)(id('anna'), stopping, NEVER), { beforeBps: 0, afterBps: 0, written: false });
  t.equal(writes(sim), 0);
});

/** A dashboard that saves the whole policy as it read it before our write, right after it. */
const dashboard = (home: Home, saves: number): LimitClient => {
  let left = saves;
  return {
    userWithPolicy: home.client.userWithPolicy,
    async writePolicy(userId, policy, signal) {
      const stale = await home.client.userWithPolicy(userId, signal);
      await home.client.writePolicy(userId, policy, signal);
      if (left === 0) return;
      left -= 1;
      await home.client.writePolicy(userId, { ...stale.Policy, EnableContentDownloading: false }, signal);
    },
  };
};

withHome('a dashboard save that wins over ours is built upon', async (t, home) => {
  const result = await changer(dashboard(home, 1))(home.id('anna'), to(4_000_000), NEVER);
  t.same(result, { beforeBps: 0, afterBps: 4_000_000, written: true });
  t.match(policyOf(home.sim, 'anna'), {
    EnableContentDownloading: false,
    BlockedTags: ['horror'],
    RemoteClientBitrateLimit: 4_000_000,
  });
});

withHome('a writer who never lets go is an error', async (t, home) => {
  const change = changer(dashboard(home, 100));
  await t.rejects(change(home.id('anna'), to(4_000_000), NEVER), { code: 'upstream_failed', message: /another program/ });
});

withHome('a write whose answer is lost is not repeated blindly', async (t, { sim, client, id }) => {
  sim.inject({ method: 'POST', path: /Policy$/, answer: 'lost' });
  await t.rejects(changer(client)(id('anna'), to(4_000_000), NEVER), { code: 'upstream_unreachable' });
  t.equal(sim.requests().filter(({ method }) => method === 'POST').length, 1);
  t.match(await changer(client)(id('anna'), to(4_000_000), NEVER), { afterBps: 4_000_000 }, 'the next try finds what stands');
});

withHome('a server in trouble', async (t, { sim, client, id }) => {
  sim.inject({ method: 'POST', path: /Policy$/, answer: 500 });
  await t.rejects(changer(client)(id('anna'), to(4_000_000), NEVER), {
    code: 'upstream_failed',
    message: /POST \/Users\/\w+\/Policy with 500/,
  });
  sim.inject({ method: 'POST', path: /Policy$/, answer: 403 });
  await t.rejects(changer(client)(id('anna'), to(4_000_000), NEVER), { code: 'upstream_failed', message: /refuses the policy/ });
  sim.inject({ method: 'GET', path: /^\/Users\/\w+$/, answer: 503 });
  await t.rejects(changer(client)(id('anna'), to(4_000_000), NEVER), { code: 'upstream_unreachable', message: /is starting/ });
  t.equal(sim.limitOf('anna'), 0);
});

withHome('a policy without its provider ids is never written', async (t, { sim, client, id }) => {
  sim.editPolicy('anna', { AuthenticationProviderId: null });
  await t.rejects(changer(client)(id('anna'), to(4_000_000), NEVER), {
    code: 'upstream_failed',
    message: /AuthenticationProviderId/,
  });
  t.equal(writes(sim), 0);
});
