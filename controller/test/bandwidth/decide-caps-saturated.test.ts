// A saturated line: what the decision makes of it, in the same turn.
import t from 'tap';
import { decideCaps, NOTHING_DECIDED } from '../../src/bandwidth/decide-caps.ts';
import { input, M, watched } from './fixtures/decision-input.ts';
import { capsOf, decisions, torrentsOf } from './fixtures/decisions.ts';

const streams = [watched('anna', 8 * M)];
const rush = { isNow: true, bps: 13 * M, sureBps: 0, torrentsBps: null };

t.test('torrents make room in the same turn and viewers keep what they have; the reason says why', async (t) => {
  const decide = decisions();
  t.equal(torrentsOf(decide({ streams }))['qbit/normal'], 25 * M);
  const before = capsOf(decide({ at: 1, streams }));
  const decision = decide({ at: 2, streams, rush });
  t.equal(torrentsOf(decision)['qbit/normal'], 15 * M);
  t.same(capsOf(decision), before);
  t.match(decision.reason, /The line is saturated: others send 13\.0 Mbit\/s at this moment\./);
});

t.test('what made room comes back as slowly as everything else: no up and down with each full second', async (t) => {
  const decide = decisions();
  decide({ streams });
  decide({ at: 1, streams, rush });
  const caps = new Set<number | null | undefined>();
  for (let at = 2; at < 240; at += 1) {
    const flickers = at % 4 < 2 ? rush : null;
    caps.add(torrentsOf(decide({ at, streams, rush: flickers }))['qbit/normal']);
  }
  t.same([...caps], [15 * M], 'one cap for all of it');
  const after = (at: number) => torrentsOf(decide({ at, streams, rush: null }))['qbit/normal'];
  t.equal(after(240), 15 * M);
  t.equal(after(297), 15 * M);
  t.equal(after(299 + 61), 25 * M);
});

t.test('throttle_after is skipped while somebody watches, and only then', async (t) => {
  const later = { throttleAfterMs: 30_000 };
  const decide = decisions(later);
  t.match(decide({ streams }), { mode: 'idle' });
  t.match(decide({ at: 1, streams, rush: { ...rush, isNow: false } }), { mode: 'idle' }, 'it was full, and is no more');
  t.match(decide({ at: 2, streams, rush }), { mode: 'streaming' });
  const nobody = decisions(later)({ rush });
  t.match(nobody, { mode: 'idle' });
  t.notMatch(nobody.reason, /saturated/);
  t.equal(torrentsOf(nobody)['qbit/normal'], null, 'whom nobody disturbs is left alone');
});

t.test('what is sure is taken from viewers, last from whom somebody boosted', async (t) => {
  const both = [watched('anna', 20 * M), watched('ben', 20 * M)];
  const boosts = [{ viewer: 'main/ben', bps: null, until: 1_800_000_100_000 }];
  const caps = (otherBps: number) =>
    capsOf(decideCaps(input({ streams: both, boosts, otherBps, rush }), NOTHING_DECIDED).decision);
  const [calm, full] = [caps(3 * M), caps(13 * M)];
  t.equal(Number(calm['ben']) - Number(full['ben']), 10 * M - (Number(calm['anna']) - Number(full['anna'])));
  t.equal(full['anna'], 2 * M, 'down to the minimum first');
});

t.test('a router that fell silent in a full second is not believed any longer than any other word of it', async (t) => {
  const decide = decisions();
  decide({ streams });
  t.match(decide({ at: 1, streams, rush, routerSilentMs: 61_000 }), { mode: 'safe' });
});
