// What viewers drew, as a running Headgate counts it: beside what really played, over a restart and a kill; a data cap that is used up; and why.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { until } from './fixtures/until.ts';
import { startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

type Series = {
  readonly series: readonly {
    readonly name: string;
    readonly place: string;
    readonly up_bytes: number;
    readonly seconds: number;
  }[];
};
type Cap = {
  readonly up_bytes: number;
  readonly filled_s: number;
  readonly budgets: readonly { readonly direction: string; readonly reached: boolean; readonly used_bytes: number }[];
};
type Why = {
  readonly at: string;
  readonly sentences: readonly string[];
  readonly viewer: { readonly cap_bps: number | null; readonly basis: string } | null;
  readonly client: { readonly upload: { readonly cap_bps: number | null } | null } | null;
};

const PLAYED_MS = 15_000;
const MOST_OFF = 0.1;

t.test('usage and data caps', async (t) => {
  const { home, observer } = await startWatchedHome(t, {
    config: {
      data_cap: { upload: '60MB', together: '1TB', when_reached: 'torrents_to_floor' },
      bandwidth: { torrent_floor: 0.8 },
    },
  });
  const usage = async (by: string): Promise<Series['series']> =>
    (await (await logIn(home)).get<Series>(`/api/usage?by=${by}&step=1m`)).series;
  const find = async (by: string, name: string, place = 'uplink') =>
    (await usage(by)).find((one) => one.name === name && one.place === place);
  const cap = async (): Promise<Cap> => await (await logIn(home)).get<Cap>('/api/usage/data-cap');

  const before = new Date().toISOString();
  const anna = await watchFromOutside(home);
  const ben = home.jellyfin.viewer({ user: 'ben', address: '192.168.1.20', client: 'Jellyfin Roku', device: 'TV' });
  await ben.play(home.jellyfin.items.find(({ name }) => name.startsWith('Big Test Movie'))?.id ?? '');
  const api = await logIn(home);
  await until('both play', async () => (await api.get<readonly unknown[]>('/api/bandwidth/streams')).length === 2);
  const [first] = await api.get<readonly { readonly demand_bps: number }[]>('/api/bandwidth/streams');
  const demandBps = first?.demand_bps ?? 0;

  await t.test('why, for a viewer and for a client, while they play', async (t) => {
    await until(
      'caps decided',
      async () => (await api.get<Why>('/api/bandwidth/explain?viewer=main/anna')).viewer?.basis === 'share',
    );
    const why = await api.get<Why>('/api/bandwidth/explain?viewer=main/anna');
    t.match(why, { viewer: { cap_bps: Number } });
    t.match(
      why.sentences.join(' '),
      /The uplink carries 20 Mbit\/s .* main\/anna watches one stream .* So the cap is [\d.]+ Mbit\/s/,
    );
    const client = await api.get<Why>('/api/bandwidth/explain?client=qbit');
    t.match(client.client?.upload, { cap_bps: Number });
    t.match(await api.get<Why>('/api/bandwidth/explain'), {
      viewer: null,
      client: null,
      sentences: [/The uplink carries/, /Remote streams/],
    });
    t.equal((await api.call('GET', '/api/bandwidth/explain?viewer=main/anna&client=qbit')).status, 400);
    t.equal((await api.call('GET', '/api/bandwidth/explain?viewer=main/nobody')).status, 404);
    t.equal((await api.call('GET', `/api/bandwidth/explain?viewer=main/anna&at=2020-01-01T00:00:00Z`)).status, 404);
    const kept = await api.get<readonly { readonly at: string; readonly id: string }[]>(
      `/api/bandwidth/decisions?viewer=main/anna&mode=streaming&from=${before}&text=remote%20stream`,
    );
    t.ok(kept.length > 0, 'the decision is found');
    const then = await api.get<Why>(`/api/bandwidth/explain?viewer=main/anna&at=${kept[0]?.at}`);
    t.match(then, { at: kept[0]?.at, viewer: { basis: 'share' } });
  });

  await t.test('row 67: a viewer’s bytes are what played, home kept apart, over a restart and a kill', async (t) => {
    await wait(PLAYED_MS);
    await anna.stop();
    await ben.stop();
    await until('both stopped', async () => (await api.get<readonly unknown[]>('/api/bandwidth/streams')).length === 0);
    await home.controller.stop();
    await home.controller.start();
    const viewer = await find('viewer', 'main/anna');
    t.ok((viewer?.seconds ?? 0) >= PLAYED_MS / 1_000 && (viewer?.seconds ?? 0) < 90, `${viewer?.seconds} s`);
    const bps = ((viewer?.up_bytes ?? 0) * 8) / (viewer?.seconds ?? 1);
    t.ok(Math.abs(bps / demandBps - 1) <= MOST_OFF, `${Math.round(bps)} beside ${demandBps} bit/s`);
    t.ok(((await find('viewer', 'main/ben', 'home'))?.up_bytes ?? 0) > 0, 'at home');
    t.equal(await find('viewer', 'main/ben'), undefined, 'and none of it through the uplink');
    t.equal((await find('player', 'Jellyfin Web'))?.up_bytes, viewer?.up_bytes);
    t.ok(await find('player', 'Jellyfin Roku', 'home'));
    t.ok(((await find('client', 'qbit'))?.up_bytes ?? 0) > 0);
    await home.controller.kill();
    await home.controller.start();
    t.same(await find('viewer', 'main/anna'), viewer, 'what was written stays');
    const totals = await (await logIn(home)).get<Series>('/api/usage/totals?period=month');
    t.equal(totals.series.find(({ name, place }) => name === 'main/anna' && place === 'uplink')?.up_bytes, viewer?.up_bytes);
  });

  await t.test('row 68: a cap that is used up is told, shown, and keeps torrents to their floor', async (t) => {
    await until(
      'used up',
      async () => (await cap()).budgets.some(({ direction, reached }) => direction === 'upload' && reached),
      {
        mostMs: 60_000,
        show: () => observer.newest().get('headgate/usage/state'),
      },
    );
    const told = home.controller.lines().filter(({ event }) => event === 'data_cap_reached');
    t.equal(told.length, 1, 'once, though Headgate was started three times');
    t.match(told[0]?.text, /The month's 0\.1 GB of upload are used up/);
    await until('over MQTT', () => (observer.newest().get('headgate/usage/state') ?? '').includes('"cap_reached":true'), {
      mostMs: 40_000,
      show: () => observer.newest().get('headgate/usage/state'),
    });
    t.ok(
      [...observer.discovery().values()].some(
        (text) => text.includes('up_cap_percent') && text.includes('together_remaining_per_day'),
      ),
    );
    await until(
      'torrents at their floor',
      () => home.torrents.simulator?.settings().up_limit === 800_000 / 8 - ((800_000 / 8) % 1024),
      {
        show: () => home.torrents.simulator?.settings(),
      },
    );
    const { filled_s: filled, up_bytes: bytes } = await cap();
    t.ok(bytes > 60e6);
    t.ok(filled >= 0);
  });
});
