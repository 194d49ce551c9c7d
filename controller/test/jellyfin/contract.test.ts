// What Headgate relies on, asked of every Jellyfin at hand: simulated 12.0, 10.11 and 10.10, and a real one named by HEADGATE_TEST_JELLYFIN_URL
// and HEADGATE_TEST_JELLYFIN_API_KEY. The suite makes one user, and removes it.
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import * as z from 'zod';
import { systemClock } from '../../src/clock.ts';
import { authorizationHeader } from '../../src/jellyfin/authorization.ts';
import { createChangeUserLimit, type LimitClient } from '../../src/jellyfin/change-user-limit.ts';
import { openJellyfinClient } from '../../src/jellyfin/jellyfin-client.ts';
import { contractSubjects, type Subject } from './contract-subject.ts';
import { fastClock, openTest, until, watched } from './neighbours.ts';
import { byKey, call, REMOTE } from './viewer.ts';

const NEVER = new AbortController().signal;
const to = (bps: number) => async () => bps;
const withPolicy = z.object({ Policy: z.record(z.string(), z.unknown()) });

const policyOf = async (subject: Subject) =>
  withPolicy.parse((await byKey(subject, 'GET', `/Users/${subject.userId}`)).json()).Policy;
const postPolicy = (subject: Subject, policy: unknown) =>
  byKey(subject, 'POST', `/Users/${subject.userId}/Policy`, { body: policy });
const openClient = (subject: Subject) => {
  const authorization = authorizationHeader({ apiKey: subject.apiKey, deviceId: 'headgate-contract', version: '1' });
  return openJellyfinClient({ who: 'Jellyfin', url: subject.url, authorization, clock: systemClock });
};

const is = (subject: Subject, major: number, minor = 0): boolean => {
  const [a = 0, b = 0] = subject.version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
};
/** Why a case does not apply, for tap's skip; false where it does. */
const unless = (applies: unknown, why: string): string | false => (applies ? false : `not applicable: ${why}`);

const authentication = (t: Test, subject: Subject) => {
  t.test('our key opens the door', async (t) => {
    await using server = openTest(subject);
    t.match(await server.check(NEVER), new RegExp(`^Jellyfin ${subject.version.replaceAll('.', '\\.')} ".*", \\d+ users?$`));
    t.equal((await server.rules(NEVER)).version, subject.version);
    const mine = (await server.users(NEVER)).find(({ id }) => id === subject.userId);
    t.match(mine, { name: subject.userName, limitBps: 0, isAdministrator: false, isDisabled: false, mayWatchRemotely: true });
  });

  t.test('a wrong key does not, at HTTP and at the socket', async (t) => {
    const wrong = { url: subject.url, apiKey: '00000000000000000000000000000000' };
    await using server = openTest(wrong);
    await t.rejects(server.check(NEVER), { code: 'upstream_refused' });
    await using watch = watched(openTest(wrong));
    await until('told', () => watch.ear.state() !== null);
    t.match(watch.ear.states, [{ state: 'refused' }]);
  });

  t.test('the old ways in are closed', { skip: unless(is(subject, 12), 'before 12 they are open by default') }, async (t) => {
    t.equal((await call(subject, 'GET', '/Users', { headers: { 'X-Emby-Token': subject.apiKey } })).status, 401);
    t.equal((await call(subject, 'GET', `/Users?api_key=${subject.apiKey}`)).status, 401);
  });

  t.test('a key is not a user', async (t) => {
    t.equal((await byKey(subject, 'GET', '/Users/Me')).status, 400);
  });
};

const policies = (t: Test, subject: Subject) => {
  t.test('there is no GET for a policy, and a partial one is refused', async (t) => {
    t.equal((await byKey(subject, 'GET', `/Users/${subject.userId}/Policy`)).status, 405);
    t.equal((await postPolicy(subject, { RemoteClientBitrateLimit: 3_000_000 })).status, 400);
  });

  t.test('the limit lands and nothing else changes; 0 and -1 come back', async (t) => {
    await using server = openTest(subject);
    const tags = await policyOf(subject);
    await postPolicy(subject, { ...tags, BlockedTags: ['contract'], EnableContentDownloading: false });
    const before = await policyOf(subject);
    for (const bps of [4_000_000, 2_147_483_647, -1, 1, 0]) {
      t.match(await server.changeUserLimit(subject.userId, to(bps), NEVER), { afterBps: bps, written: true });
      t.same(await policyOf(subject), { ...before, RemoteClientBitrateLimit: bps });
    }
    await postPolicy(subject, tags);
    t.same(await policyOf(subject), tags);
  });

  t.test('what the server would refuse is not even sent', async (t) => {
    await using server = openTest(subject);
    const before = await policyOf(subject);
    for (const bps of [1.5, 3e9, Number.NaN, -2]) {
      await t.rejects(server.changeUserLimit(subject.userId, to(bps), NEVER), { code: 'input_invalid' });
    }
    for (const bps of [1.5, 3e9, null])
      t.equal((await postPolicy(subject, { ...before, RemoteClientBitrateLimit: bps })).status, 400);
    t.same(await policyOf(subject), before);
  });

  t.test('an unknown user', async (t) => {
    await using server = openTest(subject);
    await t.rejects(server.changeUserLimit('00000000000000000000000000000001', to(1), NEVER), { code: 'not_found' });
  });
};

const races = (t: Test, subject: Subject) => {
  t.test('two changes of ours come one after the other', async (t) => {
    await using server = openTest(subject);
    const step = async (bps: number) => bps + 1_000_000;
    await Promise.all(Array.from({ length: 5 }, () => server.changeUserLimit(subject.userId, step, NEVER)));
    t.equal((await policyOf(subject))['RemoteClientBitrateLimit'], 5_000_000);
    await server.changeUserLimit(subject.userId, to(0), NEVER);
  });

  t.test('a field that changes while we decide is kept', async (t) => {
    await using server = openTest(subject);
    const before = await policyOf(subject);
    const slow = async () => {
      await postPolicy(subject, { ...before, EnableContentDownloading: false });
      await wait(80);
      return 4_000_000;
    };
    await server.changeUserLimit(subject.userId, slow, NEVER);
    t.match(await policyOf(subject), { EnableContentDownloading: false, RemoteClientBitrateLimit: 4_000_000 });
    await postPolicy(subject, before);
  });

  t.test('the last writer wins whole, and we write on top of it', async (t) => {
    await using client = openClient(subject);
    const before = await policyOf(subject);
    let saves = 0;
    const raced: LimitClient = {
      userWithPolicy: client.userWithPolicy,
      async writePolicy(userId, policy, signal) {
        await client.writePolicy(userId, policy, signal);
        saves += 1;
        if (saves === 1) await postPolicy(subject, { ...before, EnableContentDownloading: false });
      },
    };
    const change = createChangeUserLimit({ client: raced, clock: systemClock, who: 'Jellyfin' });
    t.match(await change(subject.userId, to(4_000_000), NEVER), { afterBps: 4_000_000, written: true });
    t.equal(saves, 2);
    t.match(await policyOf(subject), { EnableContentDownloading: false, RemoteClientBitrateLimit: 4_000_000 });
    await postPolicy(subject, before);
  });
};

const sessions = (t: Test, subject: Subject) => {
  const { film, viewer } = subject;
  const pushes = is(subject, 10, 11);
  const skip = unless(film, 'it has no film of more than 2.5 Mbit/s');

  t.test('a start, a pause, a seek and a stop are heard', { skip }, async (t) => {
    if (!film) return;
    await using watch = watched(openTest(subject, { clock: fastClock(subject.haste) }));
    const { ear } = watch;
    const mine = () => ear.streams().find(({ userId }) => userId === subject.userId);
    await until('told', () => ear.state() === (pushes ? 'live' : 'polling'));
    if (pushes) await wait(300);
    const pressed = performance.now();
    await viewer.start(film.id, { remote: subject.believesForwarding });
    await until('heard', () => mine() !== undefined, 7000);
    const took = performance.now() - pressed;
    t.ok(took < (pushes ? 1500 : 6000 / subject.haste + 300), `${Math.round(took)} ms after it began`);
    await until('its rate is known', () => mine()?.nominalBps === film.bps);
    t.match(mine(), {
      userName: subject.userName,
      kind: 'video',
      paused: false,
      ...(subject.believesForwarding ? { address: REMOTE } : {}),
    });
    const startedAt = mine()?.startedAt ?? 0;
    t.ok(Math.abs((mine()?.lastCheckInAt ?? 0) - startedAt) < 8000, 'the player reported just now');
    await viewer.progress(film.id, { remote: subject.believesForwarding, positionMs: 200_000, paused: true });
    await until('paused and sought', () => mine()?.paused === true && (mine()?.startedAt ?? 0) > startedAt, 7000);
    await viewer.stop(film.id, { remote: subject.believesForwarding });
    await until('ended', () => mine() === undefined, 7000);
    t.equal(new Set(ear.states.map(({ state }) => state)).size, 1, 'one state of health all the time');
  });

  t.test('a restart', { skip: unless(subject.restart, 'it must not be restarted') || skip }, async (t) => {
    if (!film) return;
    await using watch = watched(openTest(subject, { clock: fastClock(subject.haste) }));
    const { ear } = watch;
    const usual = pushes ? 'live' : 'polling';
    await until('told', () => ear.state() === usual);
    await using server = openTest(subject);
    await server.changeUserLimit(subject.userId, to(4_000_000), NEVER);
    await subject.restart?.();
    await until('well again', () => ear.states.length >= 3 && ear.state() === usual, 60_000);
    t.same(
      ear.states.map(({ state }) => state),
      [usual, 'starting', usual],
    );
    t.match(
      await server.changeUserLimit(subject.userId, to(0), NEVER),
      { beforeBps: 4_000_000, written: true },
      'policies outlive it',
    );
    await viewer.start(film.id, { remote: subject.believesForwarding });
    await until('heard', () => ear.streams().some(({ userId }) => userId === subject.userId), 7000);
    await viewer.stop(film.id, { remote: subject.believesForwarding });
  });
};

const limits = (t: Test, subject: Subject) => {
  const { film, viewer } = subject;
  const noFilm = unless(film, 'it has no film of more than 2.5 Mbit/s');
  const remote = unless(subject.believesForwarding, 'this machine is not among its KnownProxies');
  const limited = async (bps: number, work: (filmId: string) => Promise<void>) => {
    await using server = openTest(subject);
    await server.changeUserLimit(subject.userId, to(bps), NEVER);
    try {
      await work(film?.id ?? '');
    } finally {
      await server.changeUserLimit(subject.userId, to(0), NEVER);
    }
  };

  t.test('a caller at home is not bound', { skip: unless(subject.isLocal, 'this machine is not local to it') || noFilm }, (t) =>
    limited(1_000_000, async (id) => {
      t.match(await viewer.negotiate(id, { remote: false }), { SupportsDirectPlay: true });
    }),
  );

  t.test('a caller from outside is', { skip: remote || noFilm }, (t) =>
    limited(1_000_000, async (id) => {
      const answer = await viewer.negotiate(id, { remote: true });
      t.match(answer, { SupportsDirectPlay: false, SupportsDirectStream: false });
      const url = new URL(answer.TranscodingUrl ?? '', subject.url);
      const [video, audio] = [Number(url.searchParams.get('VideoBitrate')), Number(url.searchParams.get('AudioBitrate'))];
      t.ok(video > 0 && video + audio <= 1_000_000 + 130_000, `${video} + ${audio} bit/s`);
    }),
  );

  t.test('a caller from outside without a device profile is not', { skip: remote || noFilm }, (t) =>
    limited(1_000_000, async (id) => {
      t.match(await viewer.negotiate(id, { remote: true, profile: false }), { SupportsDirectPlay: true });
    }),
  );

  t.test('no limit, no bound', { skip: remote || noFilm }, async (t) => {
    t.match(await viewer.negotiate(film?.id ?? '', { remote: true }), { SupportsDirectPlay: true });
  });
};

for (const [name, open] of contractSubjects(process.env)) {
  t.test(name, async (t) => {
    const subject = await open();
    t.teardown(() => subject[Symbol.asyncDispose]());
    authentication(t, subject);
    policies(t, subject);
    races(t, subject);
    sessions(t, subject);
    limits(t, subject);
  });
}
