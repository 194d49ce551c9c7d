// Plex takes Headgate's token no more while somebody watches: said once, and what stands stays (rows 184, 208).
import t from 'tap';
import { until } from './fixtures/until.ts';
import { limitsOf, ORIGINALS, startWatchedHome } from './fixtures/watched-home.ts';

type Said = { readonly event_type: string; readonly text: string; readonly details: { readonly state: string } };

t.test('a token that Plex takes no more is told once, and the limits stay (rows 184, 208)', async (t) => {
  const { home, observer } = await startWatchedHome(t, { plex: {} });
  const { plex } = home;
  if (plex === null) throw new Error('the home has no Plex');
  await plex.viewer({ user: 'gast', address: '203.0.113.70', location: 'wan' }).play({ bitrateKbps: 5_000, reservedKbps: 9_000 });
  const torrents = (): number => limitsOf(home)['torrents'] ?? 0;
  await until('torrents give way', () => torrents() < (ORIGINALS['torrents'] ?? 0), { show: torrents });
  const said = (): Said | null => JSON.parse(observer.newest().get('headgate/event') ?? 'null') as Said | null;
  const limited = torrents();
  const asked = plex.requests().length;
  plex.refuseToken(true);
  plex.dropSockets();
  await until('it is told', () => said()?.event_type === 'neighbour_silent', { show: said, mostMs: 20_000 });
  t.match(said(), {
    details: { state: 'refused' },
    text: /^Media server "cinema" refuses Headgate since .* kept: 1 remote stream\./,
  });
  await until('it is counted', () => observer.state()?.neighbours_silent === 1, { show: observer.state });
  t.match(observer.state(), { mode: 'streaming', remote_streams: 1 });
  t.ok(torrents() <= limited, 'torrents stay where they are');
  t.ok(plex.requests().length - asked < 10, 'it is not asked again and again');
  t.equal(home.controller.lines().filter(({ event }) => event === 'neighbour_silent').length, 1);
});
