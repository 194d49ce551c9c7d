// Plex beside Jellyfin with real processes: one uplink for the viewers of both, torrents yield, and nothing is changed at Plex unless its owner says so.
import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import type { PlexSimulator } from '../../demo/plex/plex-simulator.ts';
import { until } from './fixtures/until.ts';
import { limitsOf, ORIGINALS, startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

const PREFERENCE = 'WanPerStreamMaxUploadRate';

const plexOf = ({ plex }: { readonly plex: PlexSimulator | null }): PlexSimulator => {
  if (plex === null) throw new Error('the home has no Plex');
  return plex;
};
const writes = (plex: PlexSimulator) => plex.requests().filter(({ method }) => method !== 'GET');

t.test('a Plex viewer and a Jellyfin viewer share the uplink (rows 174, 179)', async (t) => {
  const { home, observer } = await startWatchedHome(t, { plex: {}, config: { bandwidth: { restore_after: '1s' } } });
  const plex = plexOf(home);
  const limits = () => limitsOf(home);
  const capOf = (name: string): number | null => observer.state()?.viewers[`main/${name}`] ?? null;
  await until('anna carries a cap', () => (capOf('anna') ?? 0) > 0);
  const alone = capOf('anna') ?? 0;

  const viewer = plex.viewer({ user: 'gast', address: '203.0.113.70', location: 'wan' });
  const began = performance.now();
  await viewer.play({ title: 'The Weir', bitrateKbps: 5_000, reservedKbps: 9_000 });
  await until('torrents give way', () => (limits()['torrents'] ?? 0) < (ORIGINALS['torrents'] ?? 0), { show: limits });
  t.comment(`torrents limited ${Math.round(performance.now() - began)} ms after the first notification`);
  await until('what a Jellyfin viewer may have falls by the reservation', () => (capOf('anna') ?? 0) <= alone - 8_000_000, {
    show: () => [alone, observer.state()],
  });
  t.equal(observer.state()?.remote_streams, 1);

  const anna = await watchFromOutside(home);
  await until('both are counted', () => observer.state()?.remote_streams === 2);
  await anna.leave();
  await viewer.leave();
  await until('torrents have their own again', () => limits()['torrents'] === ORIGINALS['torrents'], { show: limits });
  t.same(writes(plex), [], 'not one write at Plex');
  t.equal(plex.secretsInUrls(), 0, 'its token is in no URL (row 200)');
});

t.test('a viewer in the LAN changes nothing; one that is relayed does (rows 174, 175)', async (t) => {
  const { home, observer } = await startWatchedHome(t, { plex: {} });
  const plex = plexOf(home);
  const atHome = plex.viewer({ user: 'sofa', location: 'lan', address: '192.168.1.50' });
  await atHome.play();
  const relayed = plex.viewer({ user: 'away', relayed: true });
  await relayed.play();
  await until('both are seen', () => observer.state()?.streams === 2, { show: observer.state });
  t.equal(observer.state()?.remote_streams, 1);
  t.ok((observer.state()?.remote_demand_bps ?? Number.POSITIVE_INFINITY) <= 8_000_000, 'a relay carries little');
});

t.test('limit_streams: the preference is set, and comes back to what its owner had, also after SIGKILL', async (t) => {
  const { home, observer } = await startWatchedHome(t, {
    plex: { limitStreams: true, preferences: { [PREFERENCE]: 20_000 } },
    config: { bandwidth: { restore_after: '1s' } },
  });
  const plex = plexOf(home);
  const preference = () => plex.preference(PREFERENCE);
  await until('a new stream of anybody at Plex may have what is left', () => preference() !== 20_000, { show: preference });
  const cap = observer.state()?.viewers['cinema/everyone'] ?? 0;
  t.ok(cap > 0 && cap < 20_000_000, `${cap}`);
  await home.controller.kill();
  t.not(preference(), 20_000, 'it had no time');
  await home.controller.start();
  await home.controller.stop();
  t.equal(preference(), 20_000);

  await home.controller.start();
  await until('set again', () => preference() !== 20_000, { show: preference });
  await home.controller.kill();
  await writeFile(
    home.configFile,
    (await readFile(home.configFile, 'utf8')).replace('limit_streams: true', 'limit_streams: false'),
  );
  await home.controller.start();
  await until('switched off meanwhile: it is given back all the same', () => preference() === 20_000, { show: preference });
});
