// What a real Jellyfin 12.0.0 answered about Live TV (recordings/livetv.json), asked of the simulator in the same order at the same time of day.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { answered } from './authorized-fetch.ts';
import { openUpstream } from './live-upstream.ts';

type Step = {
  readonly note: string;
  readonly request?: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly response?: { readonly status: number; readonly body: unknown };
  readonly upstream?: readonly { readonly method?: string; readonly path?: string; readonly ua?: string }[];
};

const recording = new URL('./recordings/livetv.json', import.meta.url);
const steps = JSON.parse(readFileSync(recording, 'utf8')) as readonly Step[];
const recordedUrl = 'http://127.0.0.1:8555';
const recordedAt = Date.parse('2026-11-21T04:31:06Z');
const startedAt = Date.now();

const upstream = await openUpstream({ '/c1.ts': [640, 360], '/c2.ts': [640, 360] });
t.teardown(() => upstream[Symbol.asyncDispose]());
const sim = await startJellyfinSimulator({
  users: [{ name: 'viewer', policy: { EnableLiveTvManagement: false } }],
  now: () => recordedAt + Date.now() - startedAt,
  guideTaskMs: 300,
  probeWaitMs: 300,
});
t.teardown(() => sim[Symbol.asyncDispose]());

upstream.playlist = [
  '#EXTM3U',
  '#EXTINF:-1 tvg-id="one" tvg-chno="101",Crime, Films and more',
  `${upstream.url}/c1.ts`,
  '#EXTINF:-1 tvg-id="two" tvg-chno="102",5 Crime',
  `${upstream.url}/c2.ts`,
].join('\n');
const hour = (offset: number) => new Date(Date.UTC(2026, 10, 21, 4 + offset)).toISOString().replace(/[-:T]/g, '').slice(0, 14);
const programme = (channel: string, n: number) =>
  `<programme channel="${channel}" start="${hour(n)} +0000" stop="${hour(n + 1)} +0000"><title>Show ${n} &amp; co</title><sub-title>Part ${n}</sub-title><desc>About ${n}</desc>${n % 2 === 0 ? '' : '<category>movie</category>'}<episode-num system="xmltv_ns">0.${n + 2}.</episode-num></programme>`;
// One more hour lies before the window, so 25 are left.
const numbers = Array.from({ length: 26 }, (_, index) => index - 2);
upstream.guide = `<?xml version="1.0" encoding="UTF-8"?><tv>${['one', 'two'].map((id) => `<channel id="${id}"><display-name>${id}</display-name></channel>`).join('')}${['one', 'two'].flatMap((id) => numbers.map((n) => programme(id, n))).join('')}</tv>`;

/** Recorded ids and addresses to ours, learnt from the answers as they come. */
const ours = new Map([
  [recordedUrl, upstream.url],
  ['http://127.0.0.1:8096', sim.url],
  ['4fc5d497db90424ca5ce41515c3abc63', sim.users.byName('viewer')?.id ?? ''],
  ['d860d247d1314eb39c92cda086397cec', sim.serverId],
]);
const translate = (text: string) => [...ours].reduce((filled, [theirs, mine]) => filled.replaceAll(theirs, mine), text);

/** Ids stand at the same places in both. */
function learn(theirs: unknown, mine: unknown): void {
  if (typeof theirs === 'string' && typeof mine === 'string') {
    const ids = (text: string) => text.match(/[0-9a-f]{32}/g) ?? [];
    for (const [index, id] of ids(theirs).entries()) ours.set(id, ids(mine)[index] ?? id);
    const dashed = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    if (dashed.test(theirs) && dashed.test(mine)) ours.set(theirs, mine);
    return;
  }
  if (theirs === null || mine === null || typeof theirs !== 'object' || typeof mine !== 'object') return;
  for (const [key, value] of Object.entries(theirs)) learn(value, (mine as Record<string, unknown>)[key]);
}

/** What depends on the moment, or on the very bytes of a clip. */
const passing = new Set(['LastActivityDate', 'StartTimeUtc', 'EndTimeUtc', 'BitRate', 'Bitrate', 'PlaySessionId', 'RefFrames']);
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'string') return /^\d{4}-.*:\d\d\.\d*[1-9]\d*Z$/.test(value) ? 'a moment' : value;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, passing.has(key) ? typeof inner : plain(inner)]));
}

t.test('ruling 11: the simulator answers about Live TV as the recorded server did', async (t) => {
  let token = '';
  const call = async (step: Step) => {
    const { method, path, body } = step.request ?? { method: 'GET', path: '/' };
    const asAdmin = !/AuthenticateByName|^\/Items|^\/Sessions|^\/LiveStreams/.test(path);
    const named = 'Client="Recorder", Device="tvbox", DeviceId="tvbox-id", Version="1.0"';
    const key = `MediaBrowser Token="${sim.apiKey}"`;
    const response = await fetch(sim.url + translate(path), {
      method,
      headers: {
        'Content-Type': 'application/json',
        Authorization: asAdmin ? key : `MediaBrowser ${token === '' ? '' : `Token="${token}", `}${named}`,
      },
      ...(body === undefined ? {} : { body: translate(JSON.stringify(body)) }),
    });
    return answered(response);
  };
  for (const step of steps.filter(({ request }) => request)) {
    if (step.note === 'channels') await sim.liveTv.guideSettled();
    const { status, json, text } = await call(step);
    t.equal(status, step.response?.status, `${step.note}: status`);
    if (step.note === 'log in') {
      token = (json as { AccessToken: string }).AccessToken;
      continue;
    }
    const theirs = step.response?.body;
    const mine = json ?? text;
    if (step.note === 'task RefreshGuide') {
      const task = (json as { Key: string }[]).find(({ Key }) => Key === 'RefreshGuide');
      const recorded = (theirs as Record<string, unknown>[])[0] as { LastExecutionResult: { Status: string }; State: string };
      learn(recorded, task);
      t.match(task, { State: recorded.State, LastExecutionResult: { Status: recorded.LastExecutionResult.Status } }, step.note);
      continue;
    }
    learn(theirs, mine);
    t.same(plain(mine), plain(JSON.parse(translate(JSON.stringify(theirs)))), step.note);
  }
  await wait(50);
  const recorded = steps.find(({ upstream: seen }) => seen)?.upstream ?? [];
  const requests = recorded.flatMap(({ method, path, ua }) => (method ? [`${method} ${path} ${ua}`] : []));
  t.same([...new Set(upstream.asked)], [...new Set(requests)], 'what was asked of the tuner, and no HEAD');
  t.equal(upstream.flowing('/c1.ts'), 0);
});
