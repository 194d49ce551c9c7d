// Rows 66, 208, ruling 9: decisions while the router, a media server or the capacity cannot be heard.
import t from 'tap';
import type { DecisionInput } from '../../src/bandwidth/decision.ts';
import { M, viewer, watched } from './fixtures/decision-input.ts';
import { capsOf, decisions, torrentsOf } from './fixtures/decisions.ts';

const UNLIMITED = Number.POSITIVE_INFINITY;

t.test('row 66, ruling 9: the router falls silent: 15 s nothing, then torrents fade, 60 s the safe plan', async (t) => {
  const decide = decisions();
  const streams = [watched('anna', 8 * M)];
  const at = (second: number, viewers = [viewer('anna'), viewer('ben')]) =>
    decide({ at: second, streams, viewers, routerSilentMs: second * 1_000 });
  const good = at(0);
  t.same([good.mode, good.stale, torrentsOf(good)['qbit/normal']], ['streaming', false, 25 * M]);
  t.equal(torrentsOf(at(15))['qbit/normal'], 25 * M, '15 s: the last word stands');
  t.ok(at(16).stale, 'after 15 s it is shown as stale');
  const fading = [20, 30, 40, 50, 59].map((second) => torrentsOf(at(second))['qbit/normal'] ?? UNLIMITED);
  t.same(
    [...fading].sort((a, b) => b - a),
    fading,
    'ever less',
  );
  t.ok((fading[1] ?? 0) < 18 * M && (fading[4] ?? 0) < 1.5 * M, String(fading));
  const safe = at(60, [viewer('anna'), viewer('ben'), viewer('carl')]);
  t.same([safe.mode, torrentsOf(safe)['qbit/normal']], ['safe', M / 2]);
  t.same(capsOf(safe), { anna: 32.5 * M, ben: 24.5 * M, carl: 2 * M }, 'viewers keep their caps, new ones get the minimum');
  t.match(safe.reason, /^Safe plan, since the router has been silent for 60 s/);
});

t.test('ruling 9: who had no cap of ours before the silence has none in the safe plan', async (t) => {
  const viewers = [viewer('anna', { ceilingBps: 10 * M }), viewer('ben')];
  const decide = decisions();
  decide({ viewers });
  t.same(capsOf(decide({ at: 60, viewers, routerSilentMs: 60_000 })), { anna: null, ben: 32.5 * M });
  const active = decisions({ apply: 'active' });
  active({ viewers, streams: [watched('ben', 8 * M)] });
  const safe = (at: number, streams: DecisionInput['streams']) =>
    capsOf(active({ at, viewers: [...viewers, viewer('carl')], streams, routerSilentMs: 90_000 }));
  t.same(safe(60, [watched('ben', 8 * M)]), { anna: null, ben: 32.5 * M, carl: null });
  t.same(
    safe(61, [watched('ben', 8 * M), watched('carl', 8 * M)]),
    { anna: null, ben: 32.5 * M, carl: 2 * M },
    'active: the minimum for who starts now',
  );
});

t.test('ruling 9: after the safe plan caps fall at once but rise only after the hold', async (t) => {
  const decide = decisions();
  decide({ otherBps: 13 * M });
  decide({ at: 60, otherBps: 13 * M, routerSilentMs: 60_000 });
  t.equal(capsOf(decide({ at: 61, otherBps: 3 * M }))['anna'], 22.5 * M);
  t.equal(capsOf(decide({ at: 120, otherBps: 3 * M }))['anna'], 22.5 * M);
  t.equal(capsOf(decide({ at: 121, otherBps: 3 * M }))['anna'], 32.5 * M);
  decide({ at: 130, routerSilentMs: 70_000 });
  t.equal(capsOf(decide({ at: 131, otherBps: 23 * M }))['anna'], 12.5 * M, 'a fall does not wait');
});

t.test(
  'ruling 9, row 208: a media server lost for 15 min makes the safe plan with the floor for torrents, even if nobody is heard to watch',
  async (t) => {
    const decide = decisions();
    const streams = [watched('anna', 8 * M)];
    decide({ streams });
    const safe = decide({ at: 900, streams, serverLost: true });
    t.same([safe.mode, torrentsOf(safe)['qbit/normal']], ['safe', M / 2]);
    t.same(capsOf(safe), { anna: 32.5 * M, ben: 24.5 * M });
    t.match(safe.reason, /a media server has been silent for 15 min/);
  },
);

t.test('the capacity vanishes and comes back: what stands is kept, nothing is let go', async (t) => {
  const decide = decisions();
  t.equal(decide({ capacityUpBps: null }).mode, 'unknown');
  t.same(capsOf(decide({ at: 1, capacityUpBps: null })), { anna: null, ben: null }, 'never known: nothing is done');
  const streams = [watched('anna', 8 * M)];
  const good = decide({ at: 2, streams });
  const gone = decide({ at: 3, streams, capacityUpBps: null });
  t.same([gone.mode, capsOf(gone), torrentsOf(gone)['qbit/normal']], ['safe', capsOf(good), M / 2]);
  const back = decide({ at: 4, streams });
  t.same([back.mode, capsOf(back)], ['streaming', capsOf(good)]);
  const bare = decisions();
  const exempt = [viewer('anna', { ceilingBps: M })];
  bare({ streams, viewers: exempt });
  t.equal(bare({ at: 1, streams, viewers: exempt, capacityUpBps: null }).mode, 'safe', 'also where nobody carried a cap of ours');
});
