// Channels over MQTT: what is on and what comes, devices for Home Assistant, on to the next programme by its button and by REST.

import { setTimeout as wait } from 'node:timers/promises';
import { channelState, decode } from '@headgate/protocol';
import mqtt from 'mqtt';
import t from 'tap';
import { checkDiscovery } from '../../demo/home-assistant/check-discovery.ts';
import { renderTemplate } from '../../demo/home-assistant/render-template.ts';
import { observeHome } from '../../demo/home-observer.ts';
import { logIn } from './fixtures/api.ts';
import { type Entry, type Film, filmLibrary, makeFilms, picturesOf, startChannelsHome, watch } from './fixtures/channels-home.ts';
import { until } from './fixtures/until.ts';

/** Decoding costs what the channel's own coder needs. */
const LOOK_EACH_MS = 2_000;
/** Some key frames long. */
const LATELY_MS = 8_000;

type Entity = Readonly<Record<string, string | undefined>>;
type Device = { readonly components: Readonly<Record<string, Entity>>; readonly device: Readonly<Record<string, unknown>> };

t.test('channels over MQTT', async (t) => {
  const films = await makeFilms(t);
  const { home, api, library, create, token } = await startChannelsHome(t, {
    jellyfin: { library: [filmLibrary(films, 600_000)] },
  });
  const observer = await observeHome(home);
  t.teardown(() => observer[Symbol.asyncDispose]());
  const client = await mqtt.connectAsync(home.mqttUrl, { ...home.mqttUser, clientId: 'button' });
  t.teardown(() => client.endAsync(true));
  const { root } = await token('player');
  const [{ id }, other] = await Promise.all([create({ name: 'Crime' }), create({ name: 'Other' })]);
  const topic = (channel = id) => `headgate/channel/${channel}/state`;
  const discovery = (channel = id) => `homeassistant/device/headgate_channel_${channel}/config`;
  const state = (channel = id) => {
    const text = observer.newest().get(topic(channel)) ?? '';
    return text === '' ? null : decode(topic(channel), channelState, new TextEncoder().encode(text));
  };
  type Now = Entry & { readonly next: Entry | null };
  const now = (): Promise<Now> => api.get(`/api/schedules/channel/${id}/now`);
  const soon = () => `start=${new Date(Date.now() - 60_000).toISOString()}&end=${new Date(Date.now() + 3_600_000).toISOString()}`;
  const etag = async () => (await fetch(`${root}/guide.xml`, { method: 'HEAD' })).headers.get('etag');

  await t.test('each channel tells what is on and what is next; its device passes the rules', async (t) => {
    for (const channel of [id, other.id])
      await until('its state', () => state(channel)?.next != null && observer.discovery().has(discovery(channel)));
    const on = await now();
    t.match(state(), {
      name: 'Crime',
      enabled: true,
      viewers: 0,
      showing: 'off',
      now: { title: on.title, start: on.start_time, end: on.end_time },
    });
    t.match(state(), { next: { title: on.next?.title, start: on.end_time } });
    t.same(checkDiscovery(observer.discovery()), []);
    const { components, device } = JSON.parse(observer.discovery().get(discovery()) ?? '{}') as Device;
    t.equal(device['name'], 'Channel Crime');
    for (const key of ['now', 'next', 'next_start', 'viewers', 'enabled']) {
      const { value_template: template = '', state_topic: from = '' } = components[key] ?? {};
      const value = renderTemplate(template, JSON.parse(observer.newest().get(from) ?? '{}'));
      t.ok(value !== '' && value !== 'None', `${key}: ${value}`);
    }
  });

  const watching = await watch(t, `${root}/${id}.ts`);
  await until('viewers are told', () => state()?.viewers === 1 && state()?.showing === 'programme');
  const gamma = home.jellyfin.items.find(({ name }) => name === 'Gamma')?.id;
  const skipped: string[] = [];
  /** What is on has come to the viewer: what is told is some seconds ahead of what a slow machine has coded. */
  const seenSome = async (): Promise<void> => {
    const on = await now();
    const marks = [{ atMs: Date.now(), bytes: watching.bytes() }];
    const seen = async (): Promise<boolean> => {
      await wait(LOOK_EACH_MS);
      // Only what came lately: who decodes all of it each time never catches up with what comes.
      marks.push({ atMs: Date.now(), bytes: watching.bytes() });
      while ((marks[1]?.atMs ?? Number.POSITIVE_INFINITY) < Date.now() - LATELY_MS) marks.shift();
      // Too little has come: ffmpeg found nothing to decode.
      const pictures = await picturesOf(watching.soFar(marks[0]?.bytes ?? 0)).catch(() => []);
      return pictures.at(-1)?.film === on.title;
    };
    await until('it is seen', async () => state()?.showing === 'programme' && (await seen()), {
      mostMs: 60_000,
      show: () => [on.title, state(), home.controller.lines().slice(-3)],
    });
  };

  for (const by of ['the button', 'REST'] as const)
    await t.test(
      `skip by ${by}: viewers get the next programme, the table re-flows up to the fixed entry, the guide is another`,
      async (t) => {
        await seenSome();
        // By hand, and fixed: after what both skips bring.
        if (by === 'the button') {
          const fixed = {
            channel_id: id,
            media_item_id: gamma,
            library_id: library.library_id,
            start_time: new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_500_000).toISOString(),
          };
          t.match(await api.call('POST', '/api/schedules', fixed), { status: 201 });
        }
        const table = () => api.get<readonly (Entry & { readonly fixed: boolean })[]>(`/api/schedules/channel/${id}?${soon()}`);
        const before = await now();
        const fixed = (await table()).filter((one) => one.fixed);
        t.equal(fixed.length, 1);
        const guide = await etag();
        skipped.push(before.title);
        const expected = before.next;
        if (by === 'REST') {
          // A second that has begun belongs to what is on.
          const { title, next } = (await api.call('POST', `/api/channels/${id}/skip`)).body as Now;
          t.ok([title, next?.title].includes(expected?.title), `${title}, then ${next?.title}`);
        } else {
          const entity = (JSON.parse(observer.discovery().get(discovery()) ?? '{}') as Device).components['skip'];
          await client.publishAsync(entity?.['command_topic'] ?? '', entity?.['payload_press'] ?? '', { qos: 1 });
        }
        await until('another is on', async () => (await now()).id !== before.id, {
          show: () => home.controller.lines().slice(-3),
        });
        const after = await table();
        const on = await now();
        t.equal(on.media_item_id, expected?.media_item_id);
        t.ok(Math.abs(Date.parse(on.start_time) - Date.now()) < 15_000, 'from now on');
        t.same(
          after.filter((one) => one.fixed),
          fixed,
          'the fixed one stays',
        );
        t.ok(
          after.every(({ end_time }, i) => i === after.length - 1 || end_time === after[i + 1]?.start_time),
          'no gap',
        );
        t.not(await etag(), guide, 'another ETag');
        await until('told', () => state()?.now?.start === on.start_time);
      },
    );

  await t.test('the viewer saw it', async (t) => {
    const on = await now();
    await seenSome();
    t.notOk(watching.ended());
    const seen = (await picturesOf(await watching.stop())).map(({ film }) => film);
    t.equal(seen.at(-1), on.title);
    for (const title of skipped) t.ok(seen.includes(title as Film), title);
  });

  await t.test('a retained command and nonsense do nothing', async (t) => {
    const before = await now();
    await client.publishAsync(`headgate/channel/${id}/set/skip`, 'PRESS', { qos: 1, retain: true });
    // To whom is connected the broker hands a message on without its flag: it is an old one only to who comes later.
    await until('carried out once, as any', async () => (await now()).id !== before.id);
    const after = await now();
    await client.publishAsync(`headgate/channel/${id}/set/enabled`, 'maybe', { qos: 1 });
    await client.publishAsync(`headgate/channel/9999/set/skip`, 'PRESS', { qos: 1 });
    await home.controller.waitFor(({ text }) => text?.includes('command over MQTT refused') === true);
    t.equal((await now()).id, after.id);
    await home.controller.stop();
    await home.controller.start();
    await home.controller.waitFor(({ text }) => text?.includes('retained command ignored') === true);
    t.equal(
      (await (await logIn(home)).get<Now>(`/api/schedules/channel/${id}/now`)).id,
      after.id,
      'an old one is not carried out anew',
    );
    await client.publishAsync(`headgate/channel/${id}/set/skip`, '', { qos: 1, retain: true }).catch(() => {});
    t.ok(state()?.enabled);
  });

  await t.test('switched off and on by its switch; deleted, its retained topics are gone', async (t) => {
    const again = await logIn(home);
    await until('connected', () => client.connected);
    await client.publishAsync(`headgate/channel/${other.id}/set/enabled`, 'OFF', { qos: 1 });
    await until('off', () => state(other.id)?.enabled === false && state(other.id)?.now === null);
    await client.publishAsync(`headgate/channel/${other.id}/set/enabled`, 'ON', { qos: 1 });
    await until('on', () => state(other.id)?.enabled === true);
    t.equal((await again.call('DELETE', `/api/channels/${id}`)).status, 204);
    await until('cleared', () => observer.newest().get(topic()) === '' && observer.newest().get(discovery()) === '');
    t.ok(observer.discovery().has(discovery(other.id)), 'the other stays');
  });
});
