// What a data cap that is used up does to limits, where the operator wants that.
import t from 'tap';
import { decideCaps, NOTHING_DECIDED } from '../../src/bandwidth/decide-caps.ts';
import { keepToFloor } from '../../src/wiring/data-cap-floor.ts';
import { input, M, SETTINGS, torrent, watched } from '../bandwidth/fixtures/decision-input.ts';

const CLIENTS = ['qbit', 'deluge'];
const settings = {
  ...SETTINGS,
  torrentFloorBps: 900_000,
  torrentClients: { qbit: { weight: 2, whileStreamingBps: null, whenIdleBps: null } },
};
const caps = (reached: readonly ('upload' | 'download' | 'together')[], streams = [watched('anna', 8 * M)]) => {
  const { decision } = decideCaps(
    input({ streams, torrents: CLIENTS.map((name) => torrent(name)) }, keepToFloor(settings, CLIENTS, new Set(reached))),
    NOTHING_DECIDED,
  );
  const of = (list: typeof decision.torrents) =>
    CLIENTS.map((name) => list.find(({ client, mode }) => client === name && mode === 'normal')?.capBps);
  return { up: of(decision.torrents), down: of(decision.downloads) };
};

t.test('download clients share the floor by weight, whether somebody watches or not', async (t) => {
  t.same(caps(['upload']).up, [600_000, 300_000]);
  t.same(caps(['upload'], []).up, [600_000, 300_000]);
  t.same(caps(['upload']).down, [null, null], 'what they fetch is another cap');
});

t.test('with the cap of downloads, or of both together, they fetch the floor alone', async (t) => {
  t.same(caps(['download'], []), { up: [null, null], down: [666_666, 333_333] });
  t.same(caps(['together'], []), { up: [600_000, 300_000], down: [666_666, 333_333] });
});

t.test('nothing happens before that, and a tighter limit of a client’s own stays', async (t) => {
  t.equal(keepToFloor(settings, CLIENTS, new Set()), settings);
  t.equal(keepToFloor(settings, [], new Set(['upload'] as const)), settings);
  const own = { ...settings, torrentClients: { qbit: { weight: 1, whileStreamingBps: 10_000, whenIdleBps: 5_000_000 } } };
  t.match(keepToFloor(own, CLIENTS, new Set(['upload'] as const)).torrentClients, {
    qbit: { whileStreamingBps: 10_000, whenIdleBps: 450_000 },
    deluge: { weight: 1, whileStreamingBps: 450_000, whenIdleBps: 450_000 },
  });
});
