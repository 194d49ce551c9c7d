// What Headgate relies on, asked of every Plex at hand: simulated ones, and a real one named by HEADGATE_PLEX_URL and HEADGATE_PLEX_TOKEN.
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { request } from 'undici';
import { WebSocket } from 'ws';
import { until, watched } from '../neighbours/watched.ts';
import { contractSubjects, type Subject } from './contract-subject.ts';
import { openTest } from './watched-plex.ts';

const NEVER = new AbortController().signal;
const JSON_PLEASE = { accept: 'application/json' };
const PREFERENCE = 'WanPerStreamMaxUploadRate';

const get = async (subject: Subject, path: string, headers: Readonly<Record<string, string>>) => {
  const { statusCode: status, body } = await request(`${subject.url}${path}`, { headers });
  return { status, text: await body.text() };
};
const withToken = (subject: Subject) => ({ ...JSON_PLEASE, 'x-plex-token': subject.token });

const doors = (t: Test, subject: Subject) => {
  t.test('/identity needs no token; sessions, preferences and the socket do', async (t) => {
    const identity = await get(subject, '/identity', JSON_PLEASE);
    t.equal(identity.status, 200);
    t.match(JSON.parse(identity.text), { MediaContainer: { machineIdentifier: String, version: /^\d+\.\d+\.\d+/ } });
    for (const path of ['/status/sessions', '/:/prefs']) {
      t.equal((await get(subject, path, JSON_PLEASE)).status, 401, path);
      t.equal((await get(subject, path, { ...JSON_PLEASE, 'x-plex-token': 'wrong' })).status, 401, path);
      t.equal((await get(subject, path, withToken(subject))).status, 200, path);
    }
  });

  t.test('XML unless JSON is asked for', async (t) => {
    const headers = { 'x-plex-token': subject.token };
    t.match((await get(subject, '/status/sessions', { ...headers, accept: 'text/xml' })).text, /^<\?xml.*\n?<MediaContainer /);
    t.match(JSON.parse((await get(subject, '/status/sessions', withToken(subject))).text), { MediaContainer: { size: /^\d+$/ } });
  });

  t.test('the socket takes the token as a header, and nobody without', async (t) => {
    const url = `${subject.url.replace(/^http/, 'ws')}/:/websockets/notifications`;
    const open = new WebSocket(url, { headers: { 'x-plex-token': subject.token } });
    await once(open, 'open');
    open.terminate();
    const closed = new WebSocket(url);
    closed.on('error', () => {});
    const [, answer] = await once(closed, 'unexpected-response');
    t.equal(answer.statusCode, 401);
  });
};

const limits = (t: Test, subject: Subject) => {
  t.test('the limit per remote stream is a preference in whole kbit/s', async (t) => {
    const { MediaContainer: all } = JSON.parse((await get(subject, '/:/prefs', withToken(subject))).text);
    const setting = all.Setting.find(({ id }: { id: string }) => id === PREFERENCE);
    t.match(setting, { id: PREFERENCE, type: 'int' });
    t.match(String(setting.value), /^-?\d+$/);
    await using server = openTest(subject, { limitStreams: true });
    t.match(await server.userLimits?.users(NEVER), [{ id: 'everyone', limitBps: Number(setting.value) * 1000 }]);
  });

  t.test('it lands as written, and what stood before comes back', { skip: !subject.mayWrite && 'not allowed' }, async (t) => {
    await using server = openTest(subject, { limitStreams: true });
    const change = (bps: number) => server.userLimits?.changeUserLimit('everyone', async () => bps, NEVER);
    const done = await change(3_217_000);
    t.match(done, { afterBps: 3_217_000, written: true }, 'also a number that the dashboard does not offer');
    t.match(await change(done?.beforeBps ?? 0), { beforeBps: 3_217_000, afterBps: done?.beforeBps });
  });
};

const plays = (t: Test, subject: Subject) => {
  t.test('our token opens the door, and the list can be read', async (t) => {
    await using server = openTest(subject);
    t.match(await server.check(NEVER), /^Plex \d+\.\d+\.\d+ ".*", \d+ sessions?$/);
    await using watch = watched(openTest(subject));
    await until('live', () => watch.ear.state() === 'live');
    t.ok(watch.ear.lists.length > 0);
  });

  t.test('a start, a pause and an end are heard', { skip: !subject.viewer && 'nobody can be made to watch' }, async (t) => {
    await using watch = watched(openTest(subject));
    const { ear } = watch;
    await until('live', () => ear.state() === 'live');
    await subject.viewer?.play();
    await until('plays', () => ear.streams()[0]?.paused === false, 3000);
    t.match(ear.streams(), [{ userName: 'anna', saidPlace: 'remote', kind: 'video', nominalBps: 8_000_000, height: 1080 }]);
    t.ok((ear.streams()[0]?.reservedBps ?? 0) >= 8_000_000, 'a reservation is above the average rate');
    await subject.viewer?.pause();
    await until('paused', () => ear.streams()[0]?.paused === true, 3000);
    await subject.viewer?.leave();
    await until('ended', () => ear.streams().length === 0, 3000);
  });
};

for (const [name, open] of contractSubjects(process.env)) {
  t.test(name, async (t) => {
    const subject = await open();
    t.teardown(() => subject[Symbol.asyncDispose]());
    doors(t, subject);
    limits(t, subject);
    plays(t, subject);
  });
}
