// Why a download client has these limits: the numbers that are told give them.
import t from 'tap';
import type { z } from 'zod';
import { decideCaps, NOTHING_DECIDED } from '../../../src/bandwidth/decide-caps.ts';
import type { DecisionInput } from '../../../src/bandwidth/decision.ts';
import { type Decided, decisionNumbers, numbersOf } from '../../../src/bandwidth/explain/decision-numbers.ts';
import { type explanationView, explanationView as schema } from '../../../src/bandwidth/explain/explain-api.ts';
import { explainClient } from '../../../src/bandwidth/explain/explain-client.ts';
import { viewClientWhy } from '../../../src/bandwidth/explain/explain-view.ts';
import { shareTorrents } from '../../../src/bandwidth/torrent-shares.ts';
import { seededRandom } from '../../fixtures/seeded-random.ts';
import { input, M, SETTINGS, torrent, watched } from '../fixtures/decision-input.ts';

type View = z.output<typeof explanationView>;
type Side = NonNullable<NonNullable<View['client']>['upload']>;

function deciding() {
  let memory = NOTHING_DECIDED;
  return (given: DecisionInput): Decided => {
    const result = decideCaps(given, memory);
    memory = result.memory;
    return { input: given, ...result, isFirst: false };
  };
}

function explain(decided: Decided, name: string): View | null {
  const numbers = decisionNumbers.parse(JSON.parse(JSON.stringify(numbersOf(decided))));
  const explanation = explainClient(numbers, name);
  if (explanation === null) return null;
  return schema.parse(
    JSON.parse(JSON.stringify(viewClientWhy({ at: 0, until: null, endedByRestart: false, numbers, explanation }))),
  );
}

/** What the numbers give, without a look at the cap. */
function capFrom(mode: string, name: string, side: Side): number | null {
  if (mode === 'off') return null;
  const own = side.clients.find(({ client }) => client === name);
  const shares =
    side.total_bps === null
      ? new Map<string, number>()
      : shareTorrents(
          side.total_bps,
          side.clients.map(({ client, weight, busy, ceiling_bps, fixed_bps }) => ({
            ...{ client, weight, busy, ceilingBps: ceiling_bps ?? Number.POSITIVE_INFINITY, fixedBps: fixed_bps },
          })),
        );
  const shared =
    mode !== 'unknown' || own?.fixed_bps != null ? (shares.get(name) ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  // Nobody watches where nothing is wanted of all of them together.
  const idle = side.wanted_total_bps === null ? (side.idle_bps ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const bps = Math.min(shared, idle);
  return bps < (side.ceiling_bps ?? Number.POSITIVE_INFINITY) ? Math.max(1, Math.floor(bps)) : null;
}

t.test('over five hundred turns, the numbers give each limit, of uploads and of downloads', async (t) => {
  const random = seededRandom(67);
  const decide = deciding();
  let limited = 0;
  let settings = SETTINGS;
  for (let turn = 0; turn < 500; turn += 1) {
    if (turn % 25 === 0)
      settings = {
        ...SETTINGS,
        enabled: random() < 0.95,
        torrents: {
          ...SETTINGS.torrents,
          share: random() < 0.5 ? 'activity' : 'fixed',
          limitDownloads: random() < 0.5 ? 'always' : 'streaming',
        },
        torrentClients: {
          qbit: { weight: 2, whileStreamingBps: random() < 0.3 ? M : null, whenIdleBps: random() < 0.3 ? 2 * M : null },
        },
      };
    const decided = decide(
      input(
        {
          ...{ now: 1_000_000 + turn * 9_000, utcNow: 1_800_000_000_000 },
          streams: random() < 0.6 ? [watched('anna', Math.round(random() * 30 * M))] : [],
          otherBps: Math.round(random() * 10 * M),
          capacityUpBps: random() < 0.05 ? null : 40 * M,
          torrents: [
            torrent('qbit', { uploadBps: random() * 10 * M, downloadBps: random() * 50 * M }),
            torrent('deluge', {
              uploadBps: 0,
              ceilingBps: { normal: 3 * M, alternative: M },
              mode: random() < 0.5 ? 'normal' : 'alternative',
            }),
            torrent('usenet', { uploads: false, downloadBps: 20 * M }),
          ],
        },
        settings,
      ),
    );
    const { torrents, downloads } = decided.decision;
    for (const { client, mode } of decided.input.torrents) {
      const view = explain(decided, client);
      for (const [side, caps] of [
        [view?.client?.upload, torrents],
        [view?.client?.download, downloads],
      ] as const) {
        if (!side) continue;
        const cap = caps.find((one) => one.client === client && one.mode === mode)?.capBps ?? null;
        if (cap !== null) limited += 1;
        if (capFrom(view?.mode ?? '', client, side) !== cap || side.cap_bps !== cap)
          t.equal(capFrom(view?.mode ?? '', client, side), cap, JSON.stringify({ turn, client, side }));
      }
    }
  }
  t.ok(limited > 500, `${limited} limits were explained`);
});

t.test('sentences for a person', async (t) => {
  const decide = deciding();
  const torrents = [torrent('qbit', { uploadBps: 5 * M }), torrent('usenet', { uploads: false })];
  const busy = explain(decide(input({ streams: [watched('anna', 8 * M)], torrents })), 'qbit');
  t.same(busy?.sentences.slice(2), [
    '8 Mbit/s of that run, which leaves 25 Mbit/s for download clients to send.',
    'All clients together have 25 Mbit/s; it weighs 1 of 1.',
    'So what it sends is kept to 25 Mbit/s.',
    'What it fetches is not shared now.',
    'So what it fetches is as its user had it.',
  ]);
  t.match(explain(decide(input({ torrents })), 'usenet')?.sentences.join(' '), /It sends nothing that could be limited\./);
  t.equal(explain(decide(input({ torrents })), 'nobody'), null);
  const idle = { torrentClients: { qbit: { weight: 1, whileStreamingBps: null, whenIdleBps: M } } };
  t.match(
    explain(deciding()(input({ torrents }, idle)), 'qbit')?.sentences.join(' '),
    /A fixed limit of 1 Mbit\/s is set for it while nobody watches/,
  );
});
