// Running streams, with the strict Jellyfin and its players: the limit falls below what runs, one player obeys when it is asked, one is deaf (facts/jellyfin.md §12).
import t from 'tap';
import { M } from './fixtures/decision-input.ts';
import { film } from './fixtures/home-views.ts';
import { openHome } from './fixtures/real-home.ts';
import { waitUntil } from './fixtures/wait-until.ts';

const LONG_MS = 60_000;
const commands = (requests: readonly { readonly path: string; readonly by: string }[]) =>
  requests.filter(({ path, by }) => by === 'key' && /\/Sessions\/.*\/(Command|Playing)$/.test(path)).length;

t.test('a player that obeys is lowered once, at its place, and told why; one that nobody tried is left alone', async (t) => {
  await using home = await openHome();
  const run = await home.start({ restoreAfterMs: 0, writeIntervalMs: 0, minPerViewerBps: M });
  home.uplink.say(3 * M);
  const anna = home.jellyfin.viewer({ user: 'anna' });
  const ben = home.jellyfin.viewer({ user: 'ben', device: 'TV', client: 'Infuse', deaf: true });
  await anna.play(film(home.jellyfin));
  await ben.play(film(home.jellyfin));
  const states = () => new Map(run.bandwidth.status().streams.map(({ stream, capState }) => [stream.userName, capState]));
  await waitUntil('both keep to it', () => states().get('anna') === 'obeyed' && states().get('ben') === 'obeyed');
  // 14 less 10 % and the torrents' floor are less than the 16.4 Mbit/s that run.
  await run.bandwidth.change({ capacityUpBps: 14 * M, reserve: { percent: 10 } }, 'test');
  await waitUntil('seen', () => states().get('anna') === 'pending');
  t.equal(anna.state().negotiations, 1, 'not at once: it may pass');
  await waitUntil('asked and done', () => states().get('anna') === 'obeyed' && anna.state().method === 'Transcode', LONG_MS);
  t.ok((anna.state().negotiatedBps ?? 0) <= home.jellyfin.limitOf('anna'));
  t.match(anna.state().messages, [/^The line is full: \d+\.\d Mbit\/s for now\.$/]);
  t.equal(anna.state().restartedAtZero, 0);
  t.ok(anna.state().positionMs > 8_000, 'the film goes on where it was');
  t.equal(anna.state().negotiations, 2);
  t.equal(commands(home.jellyfin.requests()), 1, 'ben plays with something that nobody tried');
  t.same(ben.state().messages, []);
  await ben.next();
});
