// A line that fills while somebody watches: the router says so, and the decision is there in the same second.
import mqtt from 'mqtt';
import t from 'tap';
import { until } from './fixtures/until.ts';
import { startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

t.test('saturated: torrents make room in the same second, before any mean is known (row 70)', async (t) => {
  const { home, observer } = await startWatchedHome(t, { upKbit: 25_000 });
  const full = { is: false, since: 0 };
  const client = await mqtt.connectAsync(home.mqttUrl, { ...home.mqttUser, clientId: 'saturated-observer' });
  t.teardown(() => client.endAsync(true));
  client.on('message', (_topic, payload) => {
    const is = (JSON.parse(payload.toString()) as { saturated: boolean | null }).saturated === true;
    if (is && !full.is) full.since = performance.now();
    full.is = is;
  });
  await client.subscribeAsync('headgate/router/+/wan/+/sqm', { qos: 1 });
  await watchFromOutside(home);
  const torrents = (): number | null => observer.state()?.torrent_limit_bps ?? null;
  await until('torrents are limited', () => torrents() !== null, { show: observer.state });
  // The player fills its buffer for 20 s, and until then nothing is said of others.
  await new Promise((resolve) => setTimeout(resolve, 24_000));
  await until('the line has room', () => !full.is);
  const before = Number(torrents());
  home.setOtherBps(60_000_000);
  const from = performance.now();
  await until('the router says so', () => full.is);
  await until('torrents make room', () => Number(torrents()) < before - 2_000_000, { mostMs: 5_000, show: observer.state });
  const ms = performance.now() - full.since;
  // On a quiet machine 0.6 s; the means of other traffic take 15 s and more.
  t.ok(ms < 5_000, `${Math.round(ms)} ms after the router said so`);
  t.comment(`${Math.round(performance.now() - from)} ms after others began to send`);
  t.match(observer.state()?.reason, /The line is saturated: others send/);
});
