// Where an item may come from: our own controller, and whom the allow-list names.
import t from 'tap';
import { chooseSources, trackerOf } from '../../src/download/choose-source.ts';
import type { WantedItem } from '../../src/library/wanted.ts';

const HASH = 'a'.repeat(40);
const origin = 'https://headgate.example:8443';
const settings = { origin, hasEngine: true, hosts: [], trackers: [] as string[] };
const item = (torrent: string, infoHash: string | null = HASH): WantedItem => ({ torrent, infoHash }) as WantedItem;
const magnet = (...trackers: string[]): string =>
  `magnet:?xt=urn:btih:${HASH}${trackers.map((one) => `&tr=${encodeURIComponent(one)}`).join('')}`;

t.test('of a magnet’s trackers those of our controller and of the allow-list; the others are named', async (t) => {
  const own = `${origin}/announce?x=1`;
  const allowed = 'udp://tracker.friends.example:6969/announce';
  const chosen = chooseSources(
    item(magnet(own, allowed, 'udp://open.example:80', 'wss://w.example', 'no URL', 'file:///etc/passwd')),
    {
      ...settings,
      trackers: ['tracker.friends.example:6969', 'w.example'],
    },
  );
  t.match(chosen.torrent, { url: `${origin}/torrent/${HASH}.torrent`, isOwn: true });
  t.same(chosen.torrent?.announce, [own, allowed]);
  t.equal(chosen.webSeed, `${origin}/web-seed/${HASH}/`);
  t.equal(chosen.leftOut, 'its trackers (open.example:80, w.example, no URL) are not on the allow-list');
});

t.test('a .torrent of ours, of an allowed host, of another', async (t) => {
  t.match(chooseSources(item(`${origin}/torrent/x.torrent`), settings), { torrent: { isOwn: true }, leftOut: null });
  const foreign = 'https://files.example/film.torrent';
  t.match(chooseSources(item(foreign, null), { ...settings, hosts: ['files.example'] }), {
    torrent: { url: foreign, isOwn: false },
    webSeed: null,
    leftOut: null,
  });
  for (const near of [
    'https://files.example.evil/f.torrent',
    'https://files.example:444/f.torrent',
    'https://x@evil.example/f.torrent',
  ])
    t.match(chooseSources(item(near, null), { ...settings, hosts: ['files.example', 'x'] }), {
      torrent: null,
      leftOut: /is not on the allow-list/,
    });
  // What our controller has under the same info hash is asked for there.
  t.match(chooseSources(item(foreign), settings).torrent, { url: `${origin}/torrent/${HASH}.torrent`, isOwn: true });
  t.equal(chooseSources(item(magnet()), { ...settings, hasEngine: false }).torrent, null);
});

t.test('the tracker that a .torrent names: ours under any of its names, or an allowed one', async (t) => {
  const path = '/announce?node=pi&hash=a&key=b';
  const asOurs = (named: string | null) => trackerOf(named, { origin, trackers: ['t.example'] });
  t.equal(asOurs(`${origin}${path}`), `${origin}${path}`);
  t.equal(asOurs(`http://10.0.0.5:8080${path}`), `${origin}${path}`, 'behind a proxy it knows itself by another name');
  t.equal(asOurs('https://t.example/x'), 'https://t.example/x');
  for (const none of [null, '', 'no URL', 'http://10.0.0.5/other', 'udp://open.example:80'])
    t.equal(asOurs(none), null, String(none));
  t.equal(
    trackerOf(`http://10.0.0.5:8080${path}`, { origin: null, trackers: [] }),
    null,
    'of a foreign .torrent nobody is asked',
  );
});
