// Rows 4, 13, 20, 26, 27, 74, 180, 191, 192, rulings 1, 5: one decision after another, in pure code.
import t from 'tap';
import { equal } from '../../src/bandwidth/allocators/equal.ts';
import { decideCaps, NOTHING_DECIDED } from '../../src/bandwidth/decide-caps.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { input, M, torrent, viewer, watched } from './fixtures/decision-input.ts';
import { capsOf, decisions, torrentsOf } from './fixtures/decisions.ts';

const UNLIMITED = Number.POSITIVE_INFINITY;

t.test('row 4, ruling 5: the standing cap of an idle user is what a stream that starts now would get', async (t) => {
  t.same(capsOf(decisions()()), { anna: 32.5 * M, ben: 32.5 * M }, '40 − 4 reserve − 3 other − 0.5 floor');
  t.same(capsOf(decisions()({ streams: [watched('anna', 8 * M)] })), { anna: 32.5 * M, ben: 24.5 * M }, 'less what really runs');
  t.same(capsOf(decisions({ maxPerViewerBps: 10 * M })()), { anna: 10 * M, ben: 10 * M }, 'within max');
  t.same(capsOf(decisions()({ otherBps: 33.2 * M })), { anna: 2 * M, ben: 2 * M }, 'within min');
  t.same(capsOf(decisions()({ torrents: [] })), { anna: 33 * M, ben: 33 * M }, 'no torrent client, no floor');
  t.same(
    capsOf(decisions({ apply: 'active' })({ streams: [watched('anna', 8 * M)] })),
    { anna: 32.5 * M, ben: null },
    'active: only who streams',
  );
});

t.test('ruling 5: a user with k streams carries the share of one', async (t) => {
  for (const k of [1, 2, 3, 5]) {
    const streams = Array.from({ length: k }, (_, i) => watched('anna', 10 * M, { key: `main/anna-${i}` }));
    const cap = capsOf(decisions()({ streams, allocator: equal }))['anna'] ?? 0;
    t.equal(cap, Math.floor((32.5 * M) / k / 500_000) * 500_000, `${k} streams`);
    t.ok(cap * k <= 32.5 * M);
  }
});

t.test('row 20: the allocator is handed in', async (t) => {
  const decision = decisions()({
    streams: [watched('anna', 8 * M), watched('ben', M)],
    allocator: (_, claims) => new Map(claims.map(({ viewer: key }) => [key, 7 * M])),
  });
  t.same(capsOf(decision), { anna: 7 * M, ben: 7 * M });
});

t.test('rows 26, 27: minimums that do not fit are given and told', async (t) => {
  const streams = Array.from({ length: 20 }, (_, i) => watched(`v${i}`, 8 * M));
  const viewers = Array.from({ length: 20 }, (_, i) => viewer(`v${i}`));
  const decision = decisions()({ streams, viewers });
  t.ok(decision.viewers.every(({ capBps }) => capBps === 2 * M));
  t.equal(decision.overCommitmentBps, 7.5 * M);
  t.match(decision.reason, /The minimum per viewer does not fit: 7\.5 Mbit\/s more than there is/);
  const full = decisions()({ otherBps: 500 * M, streams: [watched('anna', 8 * M)] });
  t.same(capsOf(full), { anna: 2 * M, ben: 2 * M }, 'uplink full: the minimum, never 0');
});

t.test('row 26: whatever the numbers, no cap is ever 0, negative, NaN or above int32', async (t) => {
  const odd = [0, -1, Number.NaN, UNLIMITED, 1, 1e15, 5 * M];
  const random = seededRandom(26);
  const pick = (): number => odd[Math.floor(random() * odd.length)] ?? 0;
  const wrong: unknown[] = [];
  for (let i = 0; i < 3_000; i += 1) {
    const decide = decisions({
      minPerViewerBps: Math.floor(random() * 3 * M),
      maxPerViewerBps: [1, 5 * M, 1e15][Math.floor(random() * 3)] ?? 1,
      torrentFloorBps: 1 + Math.floor(random() * M),
      reserve: { bps: [0, 1, 5 * M, 1e15][Math.floor(random() * 4)] ?? 0 },
      apply: random() < 0.5 ? 'active' : 'standing',
    });
    for (let turn = 0; turn < 4; turn += 1) {
      const decision = decide({
        at: turn * 20,
        capacityUpBps: random() < 0.2 ? null : pick(),
        otherBps: random() < 0.2 ? null : pick(),
        routerSilentMs: random() < 0.3 ? pick() : 0,
        boosts: random() < 0.3 ? [{ viewer: 'main/anna', bps: random() < 0.5 ? null : random() * 60 * M, until: 1.9e12 }] : [],
        streams: random() < 0.7 ? [watched('anna', pick()), watched('ben', 8 * M)] : [],
        viewers: [viewer('anna', { ceilingBps: Math.max(1, pick()) || 1 }), viewer('ben')],
        torrents: [torrent('qbit'), torrent('other', { ceilingBps: { normal: 3 * M, alternative: UNLIMITED } })],
      });
      for (const { capBps } of [...decision.viewers, ...decision.torrents])
        if (capBps !== null && !(Number.isInteger(capBps) && capBps > 0)) wrong.push([i, capBps]);
      if (decision.viewers.some(({ capBps }) => (capBps ?? 1) > 2 ** 31 - 1)) wrong.push([i, 'int32']);
    }
  }
  t.same(wrong.slice(0, 5), []);
});

t.test('ruling 1: a cap is never looser than what was there; the tightest of ours, the own and the server limit', async (t) => {
  const decide = (ceilingBps: number) => capsOf(decisions()({ viewers: [viewer('anna', { ceilingBps })] }))['anna'];
  t.equal(decide(10 * M), null, 'the own limit is tighter: it stays itself');
  t.equal(decide(32.5 * M), null, 'as tight');
  t.equal(decide(40 * M), 32.5 * M);
  t.equal(decide(UNLIMITED), 32.5 * M);
  t.equal(
    capsOf(decisions({ minPerViewerBps: 5 * M })({ otherBps: 40 * M, viewers: [viewer('anna', { ceilingBps: 3 * M })] }))['anna'],
    null,
    'a minimum above the ceiling does not lift it',
  );
  const boosted = decisions()({
    viewers: [viewer('anna', { ceilingBps: 4 * M })],
    boosts: [{ viewer: 'main/anna', bps: 30 * M, until: 1.9e12 }],
  });
  t.equal(capsOf(boosted)['anna'], null, 'nor does a boost');
  for (const [mode, cap] of [
    ['normal', 2 * M],
    ['alternative', null],
  ] as const) {
    const clients = [torrent('qbit', { mode, ceilingBps: { normal: 20 * M, alternative: M } })];
    t.equal(
      torrentsOf(
        decisions({ torrentClients: { qbit: { whileStreamingBps: 2 * M, whenIdleBps: null, weight: 1 } } })({
          streams: [watched('anna', M)],
          torrents: clients,
        }),
      )[`qbit/${mode}`],
      cap,
      `torrents, ${mode}`,
    );
  }
});

t.test('who is exempt, disabled or at a server elsewhere is left alone but what they stream counts', async (t) => {
  const decide = decisions({ viewers: { anna: { exempt: true }, 'main/carl': { maxBps: 4 * M }, carl: { maxBps: 9 * M } } });
  const decision = decide({
    viewers: [viewer('Anna', { key: 'main/anna' }), viewer('ben'), viewer('carl'), viewer('dora', { eligible: false })],
    streams: [watched('anna', 8 * M)],
  });
  t.same(capsOf(decision), { Anna: null, ben: 24.5 * M, carl: 4 * M, dora: null });
  t.same(
    decision.viewers.map(({ why }) => why),
    ['exempt', 'standing', 'standing', 'free'],
  );
});

t.test('a stream that its server does not cap is taken off what the others share', async (t) => {
  const local = watched('ben', 8 * M, { location: { place: 'vpn', usesUplink: true, capped: false, hint: null } });
  t.equal(capsOf(decisions()({ streams: [watched('anna', 30 * M), local] }))['anna'], 24.5 * M);
});

t.test('rows 180, 74: a flapping session makes one change of every cap', async (t) => {
  const decide = decisions();
  decide({ at: 0 });
  const seen = new Map<string, Set<unknown>>();
  for (let second = 1; second < 400; second += 1) {
    const decision = decide({ at: second, streams: second % 14 < 7 ? [watched('anna', 8 * M)] : [] });
    for (const [key, value] of [...Object.entries(capsOf(decision)), ...Object.entries(torrentsOf(decision))])
      seen.set(key, (seen.get(key) ?? new Set()).add(value));
  }
  for (const [key, values] of seen) t.ok(values.size <= 1, `${key}: ${[...values]}`);
});

t.test('row 74: a stream ends: the caps of the others rise after the hold, and not before', async (t) => {
  const decide = decisions();
  decide({ at: 0, streams: [watched('anna', 8 * M)] });
  t.equal(capsOf(decide({ at: 60 }))['ben'], 24.5 * M);
  t.equal(capsOf(decide({ at: 120 }))['ben'], 32.5 * M);
});

t.test('rows 191, 192: throttle_after waits for the throttle, restore_after for the release', async (t) => {
  const decide = decisions({ throttleAfterMs: 20_000, restoreAfterMs: 30_000 });
  const streams = [watched('anna', 8 * M)];
  decide({ at: 0 });
  t.equal(torrentsOf(decide({ at: 1, streams }))['qbit/normal'], null);
  t.equal(torrentsOf(decide({ at: 20, streams }))['qbit/normal'], null);
  const acted = decide({ at: 21, streams });
  t.equal(torrentsOf(acted)['qbit/normal'], 25 * M);
  t.equal(acted.newestStartAt, 1_021_000, 'for limits it starts when it is acted upon');
  t.equal(torrentsOf(decide({ at: 50 }))['qbit/normal'], 25 * M);
  t.equal(torrentsOf(decide({ at: 52 }))['qbit/normal'], 25 * M, 'held from its last wish on');
  t.equal(torrentsOf(decide({ at: 81 }))['qbit/normal'], null);
});

t.test('switched off: everything is as its user had it, at once; and on again', async (t) => {
  const decide = decisions();
  const streams = [watched('anna', 8 * M)];
  decide({ streams });
  const off = decide({ at: 1, streams, settings: { ...input().settings, enabled: false } });
  t.same([off.mode, capsOf(off), torrentsOf(off)['qbit/normal']], ['off', { anna: null, ben: null }, null]);
  const on = decide({ at: 2, streams });
  t.same(capsOf(on), { anna: 32.5 * M, ben: 24.5 * M });
  const unknown = decisions({ enabled: false });
  unknown();
  t.equal(decideCaps(input({ capacityUpBps: null }), NOTHING_DECIDED).decision.mode, 'unknown');
});

t.test('a boost lifts at once and ends at once; of an idle viewer it is what a new stream could have', async (t) => {
  const decide = decisions({ maxPerViewerBps: 8 * M });
  const boost = [{ viewer: 'main/ben', bps: 20 * M, until: 1_800_000_000_000 + 5_000 }];
  t.equal(capsOf(decide())['ben'], 8 * M);
  t.equal(capsOf(decide({ at: 1, boosts: boost }))['ben'], 20 * M);
  t.equal(capsOf(decide({ at: 2, boosts: boost, otherBps: 23.123_456 * M }))['ben'], 12 * M, 'no more than fits, in whole steps');
  t.equal(capsOf(decide({ at: 6, boosts: boost, utcNow: 1_800_000_000_000 + 5_000 }))['ben'], 8 * M);
  t.equal(capsOf(decide({ at: 7, boosts: [{ viewer: 'main/nobody', bps: M, until: 1.9e12 }] }))['ben'], 8 * M);
});

t.test('ruling 5: noise of the WAN each second moves no torrent limit each second', async (t) => {
  const decide = decisions();
  const random = seededRandom(5);
  const seen = new Set<unknown>();
  for (let second = 0; second < 300; second += 1)
    seen.add(
      torrentsOf(decide({ at: second, streams: [watched('anna', 8 * M)], otherBps: (3 + random() * 0.1) * M }))['qbit/normal'],
    );
  t.ok(seen.size <= 2, [...seen].join());
});

t.test('the same name for a server and a torrent client is no mix-up', async (t) => {
  const decide = decisions();
  const viewers = [viewer('x', { key: 'same/normal', server: 'same' })];
  const streams = [watched('anna', 8 * M)];
  const both = decide({ viewers, streams, torrents: [torrent('same')] });
  t.same([capsOf(both), torrentsOf(both)['same/normal']], [{ x: 24.5 * M }, 25 * M]);
  const again = decide({ at: 1, viewers, streams, torrents: [torrent('same')] });
  t.same([capsOf(again), torrentsOf(again)['same/normal']], [{ x: 24.5 * M }, 25 * M]);
});
