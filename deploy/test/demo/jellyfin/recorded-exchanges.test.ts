// What a real Jellyfin 12.0.0 answered, asked of the simulator in the same order.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { answered, ask } from './authorized-fetch.ts';

type Step = {
  readonly note: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly status: number;
  readonly type?: string;
  readonly empty?: true;
  readonly text?: string;
  readonly telling?: Readonly<Record<string, unknown>>;
};

const recording = new URL('../../recordings/jellyfin/exchanges.json', import.meta.url);
const chapters = JSON.parse(readFileSync(recording, 'utf8')) as Readonly<Record<string, readonly Step[]>>;

const sim = await startJellyfinSimulator();
t.teardown(() => sim[Symbol.asyncDispose]());

const itemId = (name: string) => sim.items.find((item) => item.name.startsWith(name))?.id ?? '';
const known = new Map([
  ['API_KEY', sim.apiKey],
  ['{film}', itemId('Long')],
  ['{big}', itemId('Big')],
  ['{episode}', itemId('Episode')],
  ['{admin}', sim.users.byName('admin')?.id ?? ''],
]);
const fill = (text: string) => [...known].reduce((filled, [name, value]) => filled.replaceAll(name, value), text);

const filled = (telling: Readonly<Record<string, unknown>>) =>
  JSON.parse(fill(JSON.stringify(telling))) as Record<string, unknown>;

/** Ids, tokens and addresses that later steps need. */
function learn(step: Step, json: unknown, text: string): void {
  const body = (json ?? {}) as {
    Id?: string;
    AccessToken?: string;
    PlaySessionId?: string;
    MediaSources?: { TranscodingUrl?: string }[];
    SessionInfo?: { Id: string; DeviceName: string };
  };
  if (step.note === 'new user' && body.Id) {
    known.set('{viewer}', body.Id);
    known.set('{viewer-dashed}', body.Id.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5'));
  }
  if (step.note === 'create by key for a user' && body.Id) known.set('{list}', body.Id);
  if (body.AccessToken && body.SessionInfo) {
    const name = `TOKEN_${body.SessionInfo.DeviceName}`;
    if (!known.has(name)) known.set(name, body.AccessToken);
    if (body.SessionInfo.DeviceName === 'tv') known.set('{session}', body.SessionInfo.Id);
  }
  const url = body.MediaSources?.[0]?.TranscodingUrl;
  if (url && body.PlaySessionId) {
    known.set('{url}', url);
    known.set('{play}', body.PlaySessionId);
  }
  const line = text.startsWith('#EXTM3U')
    ? text.split('\n').find((candidate) => candidate !== '' && !candidate.startsWith('#'))
    : undefined;
  if (line) known.set(line.startsWith('main') ? '{variant}' : '{segment}', `/videos/${itemId('Big')}/${line}`);
}

/** The values at the recorded places, `MediaSources.` meaning the first. */
function tellingValues(json: unknown, places: readonly string[]): Record<string, unknown> {
  const at = (place: string) =>
    place.split('.').reduce<unknown>((value, name) => {
      const inside = (Array.isArray(value) ? value[0] : value) as Record<string, unknown> | null | undefined;
      return inside?.[name];
    }, json);
  return Object.fromEntries(places.map((place) => [place, at(place)]));
}

for (const [chapter, steps] of Object.entries(chapters)) {
  t.test(`${chapter}: the simulator answers as the recorded server did`, async (t) => {
    // The recorded film had been started once before.
    if (chapter === 'userdata') {
      const token = known.get('TOKEN_tv') ?? '';
      await ask(`${sim.url}/Sessions/Playing`, 'POST', token, { ItemId: itemId('Long') });
      await ask(`${sim.url}/Sessions/Playing/Stopped`, 'POST', token, { ItemId: itemId('Long'), PositionTicks: 0 });
    }
    for (const step of steps) {
      const headers = Object.fromEntries(Object.entries(step.headers).map(([name, value]) => [name, fill(value)]));
      const body = step.body === undefined ? undefined : fill(JSON.stringify(step.body));
      const response = await fetch(sim.url + fill(step.path), {
        method: step.method,
        headers: { ...headers, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body }),
      });
      const answer = await answered(response);
      learn(step, answer.json, answer.text);
      const is = {
        status: answer.status,
        type: answer.type,
        ...(step.telling ? { telling: tellingValues(answer.json, Object.keys(step.telling)) } : {}),
      };
      t.same(
        is,
        { status: step.status, type: step.type ?? '', ...(step.telling ? { telling: filled(step.telling) } : {}) },
        `${step.method} ${step.note}`,
      );
      if (step.empty) t.equal(answer.text, '', `${step.note}: an empty body`);
      if (step.text) t.equal(answer.type.includes('json') ? answer.json : answer.text, step.text, `${step.note}: the same words`);
    }
  });
}
