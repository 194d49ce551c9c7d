// Why a viewer has this cap: the numbers that are told give the cap, whatever the day was like.
import t from 'tap';
import type { z } from 'zod';
import { MOST_CAP_BPS, wholeSteps } from '../../../src/bandwidth/allocate-caps.ts';
import { builtInAllocators } from '../../../src/bandwidth/allocators/built-in.ts';
import { decideCaps, NOTHING_DECIDED } from '../../../src/bandwidth/decide-caps.ts';
import type { Decision, DecisionInput } from '../../../src/bandwidth/decision.ts';
import { type Decided, decisionNumbers, numbersOf } from '../../../src/bandwidth/explain/decision-numbers.ts';
import { type explanationView, explanationView as schema } from '../../../src/bandwidth/explain/explain-api.ts';
import { explainCap } from '../../../src/bandwidth/explain/explain-cap.ts';
import { viewViewerWhy } from '../../../src/bandwidth/explain/explain-view.ts';
import { shareLine } from '../../../src/bandwidth/share-line.ts';
import { pick, seededRandom } from '../../fixtures/seeded-random.ts';
import { input, M, SETTINGS, torrent, viewer, watched } from '../fixtures/decision-input.ts';

type View = z.output<typeof explanationView>;

/** One decision after another, each with what is remembered of the one before. */
function deciding() {
  let memory = NOTHING_DECIDED;
  let isFirst = true;
  return (given: DecisionInput): Decided => {
    const result = decideCaps(given, memory);
    memory = result.memory;
    const decided = { input: given, ...result, isFirst };
    isFirst = false;
    return decided;
  };
}

/** As it comes over the wire, after it lay in the database; null where nobody can tell. */
function explain(decided: Decided, name: string): View | null {
  const numbers = decisionNumbers.parse(JSON.parse(JSON.stringify(numbersOf(decided))));
  const explanation = explainCap(numbers, name);
  if (explanation === null) return null;
  const when = { at: decided.input.utcNow, until: null, endedByRestart: false, numbers };
  return schema.parse(JSON.parse(JSON.stringify(viewViewerWhy({ ...when, explanation }))));
}

/** What the numbers give, without a look at the cap. */
function capFrom({ mode, uplink, viewer: why }: View): number | null {
  if (why === null) throw new Error('no viewer');
  const limits = { minBps: why.min_bps, maxBps: why.max_bps };
  const wanted = (): number | null => {
    if (uplink === null) return null;
    if (why.basis === 'standing') return wholeSteps(uplink.new_stream_bps, limits, why.step_bps);
    if (why.basis === 'boost')
      return wholeSteps(
        Math.min(why.boost?.bps ?? MOST_CAP_BPS, uplink.new_stream_bps),
        { ...limits, maxBps: MOST_CAP_BPS },
        why.step_bps,
      );
    const allocator = builtInAllocators[why.algorithm];
    if (why.basis !== 'share' || !allocator) return null;
    const claims = why.streams
      .filter(({ bound }) => bound)
      .map((one) => ({
        viewer: one.viewer,
        demandBps: one.wish_bps,
        weight: one.weight,
        minBps: one.min_bps,
        maxBps: one.max_bps,
      }));
    const boosts = new Map(why.boosts.map(({ viewer: name, bps }) => [name, { bps }]));
    const availableBps = Math.max(0, uplink.viewers_bps - uplink.unbound_bps);
    const overheads = new Map<string, number>();
    for (const { viewer: name, demand_bps, wire_bps } of why.streams)
      overheads.set(name, Math.max(overheads.get(name) ?? 1, wire_bps / demand_bps));
    return shareLine(allocator, { availableBps, claims, boosts, stepBps: why.step_bps }, overheads).caps.get(why.viewer) ?? null;
  };
  if (mode === 'off' || mode === 'unknown') return null;
  const now = why.basis === 'safe' ? why.in_force_bps : wanted();

  if (why.basis !== 'safe') t.equal(why.wanted_bps, now, `what is wanted, by ${why.basis}`);
  // A hold keeps the least of the last while: never more than what is wanted, and the same where nothing waits to rise.
  const inForce = why.rises_at === null ? now : why.in_force_bps;
  if (inForce === null || (why.ceiling_bps !== null && inForce >= why.ceiling_bps)) return null;
  return Math.min(MOST_CAP_BPS, Math.floor(inForce));
}

const capOf = ({ viewers }: Decision, name: string): number | null =>
  viewers.find((one) => `main/${one.name}` === name)?.capBps ?? null;

t.test('over a thousand turns of a restless home, the numbers give each cap', async (t) => {
  const random = seededRandom(20_261_127);
  const decide = deciding();
  const people = ['anna', 'ben', 'cleo', 'dora', 'emil', 'fred'];
  const seen = new Map<string, number>();
  let settings = SETTINGS;
  for (let turn = 0; turn < 1_000; turn += 1) {
    if (turn % 50 === 0)
      settings = {
        ...SETTINGS,
        algorithm: pick(random, Object.keys(builtInAllocators)),
        apply: random() < 0.8 ? 'standing' : 'active',
        reserve: random() < 0.5 ? { percent: 10 } : { bps: 3 * M },
        enabled: random() < 0.95,
        capacityUpBps: random() < 0.3 ? 30 * M : null,
        viewers: { ben: { class: 'premium', minBps: 3 * M }, 'main/cleo': { maxBps: 6 * M }, emil: { exempt: true } },
      };
    const now = 1_000_000 + turn * 7_000;
    const streams = people
      .filter(() => random() < 0.4)
      .map((name) => [name, Math.ceil(random() * 20 * M)] as const)
      .map(([name, bps]) =>
        watched(name, bps, {
          wireBps: random() < 0.3 ? bps * (1 + random() / 2) : bps,
          location: { place: 'remote', usesUplink: true, capped: random() < 0.9, hint: null },
        }),
      );
    const decided = decide(
      input(
        {
          ...{ now, utcNow: 1_800_000_000_000 + turn * 7_000, streams },
          allocator: builtInAllocators[settings.algorithm] ?? input().allocator,
          capacityUpBps: random() < 0.05 ? null : (settings.capacityUpBps ?? 40 * M),
          otherBps: random() < 0.05 ? null : Math.round(random() * 15 * M),
          routerSilentMs: random() < 0.05 ? 70_000 : 0,
          boosts: turn % 10 === 0 ? [{ viewer: 'main/dora', bps: random() < 0.5 ? null : 12 * M, until: 1_900_000_000_000 }] : [],
          viewers: people.map((name) =>
            viewer(name, {
              ...(name === 'fred' ? { eligible: false } : {}),
              ...(name === 'anna'
                ? { ceilingBps: 8 * M, ceilingFrom: 'user' as const }
                : { ceilingBps: 25 * M, ceilingFrom: 'server' as const }),
            }),
          ),
          torrents: random() < 0.5 ? [] : [torrent('qbit')],
        },
        settings,
      ),
    );
    for (const person of people) {
      const name = `main/${person}`;
      const view = explain(decided, name);
      if (view?.viewer == null) {
        t.fail(`${name} is not explained at ${turn}`);
        continue;
      }
      seen.set(view.viewer.basis, (seen.get(view.viewer.basis) ?? 0) + 1);
      if (view.viewer.rises_at !== null) seen.set('rising', (seen.get('rising') ?? 0) + 1);
      const cap = capOf(decided.decision, name);
      if (capFrom(view) !== cap || view.viewer.cap_bps !== cap) t.equal(capFrom(view), cap, JSON.stringify({ turn, view }));
      if (view.uplink !== null) {
        const { capacity_bps, reserve_bps, other_bps, torrent_floor_bps, viewers_bps } = view.uplink;
        if (viewers_bps !== Math.max(0, Math.max(0, capacity_bps - reserve_bps - other_bps) - torrent_floor_bps))
          t.fail('the budget adds up');
      }
    }
  }
  for (const basis of ['share', 'standing', 'boost', 'safe', 'none', 'rising'])
    t.ok((seen.get(basis) ?? 0) > 10, `${basis}: ${seen.get(basis)} times`);
});

t.test('sentences for a person: capacity, reserve, others, streams, share, result', async (t) => {
  const decided = deciding()(input({ streams: [watched('anna', 8 * M), watched('ben', 4 * M)] }));
  t.same(explain(decided, 'main/anna')?.sentences, [
    "The uplink carries 40 Mbit/s (the router's shaper says so); 10 % of it, 4 Mbit/s, is kept as reserve; other traffic takes 3 Mbit/s, and torrents are always left 0.5 Mbit/s: 32.5 Mbit/s are for viewers.",
    'Remote streams: main/anna 8 Mbit/s (source), main/ben 4 Mbit/s (source): 12 Mbit/s in all.',
    'main/anna watches one stream that would take 8 Mbit/s.',
    'The algorithm demand gives each of their streams 18 Mbit/s, in whole steps of 0.5 Mbit/s, between 2 Mbit/s and 50 Mbit/s.',
    'So the cap is 18 Mbit/s for each of their streams.',
  ]);
});

t.test('a cap that waits to rise says so, and until when', async (t) => {
  const decide = deciding();
  const at = (now: number, otherBps: number) => decide(input({ now, utcNow: 1_800_000_000_000 + now, otherBps }));
  at(0, 30 * M);
  const { viewer: why, sentences } = explain(at(10_000, 3 * M), 'main/anna') ?? {};
  t.match(why, {
    cap_bps: 5.5 * M,
    wanted_bps: 32.5 * M,
    in_force_bps: 5.5 * M,
    rises_to_bps: 32.5 * M,
    rises_at: new Date(1_800_000_070_000).toISOString(),
  });
  t.match(sentences?.join(' '), /rises after 60 s \(restore_after\): 5\.5 Mbit\/s stays until .*, then 32\.5 Mbit\/s/);
  t.match(explain(at(69_999, 3 * M), 'main/anna')?.viewer, { cap_bps: 5.5 * M });
  t.match(explain(at(70_000, 3 * M), 'main/anna')?.viewer, { cap_bps: 32.5 * M, rises_at: null }, 'and then it does');
});

t.test('what the media server itself adds: the user’s limit, or the server’s where the user has none', async (t) => {
  const people = [
    viewer('anna', { ceilingBps: 8 * M, ceilingFrom: 'user' }),
    viewer('ben', { ceilingBps: 20 * M, ceilingFrom: 'server' }),
    viewer('cleo'),
  ];
  const decided = deciding()(input({ viewers: people }));
  const of = (name: string, from = decided) => explain(from, `main/${name}`);
  t.match(of('anna')?.viewer, { cap_bps: null, why: 'ceiling', effective_bps: 8 * M, effective_from: 'user' });
  t.match(of('ben')?.viewer, { cap_bps: null, why: 'ceiling', effective_bps: 20 * M, effective_from: 'server' });
  t.equal(
    of('ben')?.sentences.at(-1),
    "The user has no limit of their own, so the server's limit for everybody holds: 20 Mbit/s.",
  );
  t.match(of('cleo')?.viewer, { cap_bps: 32.5 * M, effective_from: 'headgate', ceiling_bps: null });
  const dry = deciding()(input({ viewers: people }, { dryRun: true }));
  t.match(of('cleo', dry), { dry_run: true, viewer: { cap_bps: 32.5 * M, effective_bps: null, effective_from: null } });
  t.match(of('cleo', dry)?.sentences.join(' '), /dry run.*nothing limits them/);
});

t.test('schedule, boost, safe plan, switched off: each is named', async (t) => {
  const text = (given: DecisionInput, before?: DecisionInput): string => {
    const decide = deciding();
    if (before) decide(before);
    return explain(decide(given), 'main/anna')?.sentences.join(' ') ?? '';
  };
  t.match(
    text(input({}, { rule: 'evening', capacityUpBps: 40 * M })),
    /^The rule evening of the schedule holds\. .*\(as the configuration, .*\)/,
  );
  t.match(
    text(input({ boosts: [{ viewer: 'main/anna', bps: 9 * M, until: 1_800_000_600_000 }] })),
    /boosted until 2027-.*, to 9 Mbit\/s at most/,
  );
  t.match(
    text(input({ routerSilentMs: 90_000 }), input()),
    /silent for 90 s\. .*safe plan holds: what was in force before it stays/,
  );
  t.match(text(input({}, { enabled: false })), /^Headgate is switched off/);
  t.match(text(input({ capacityUpBps: null })), /^The upload capacity is not known/);
  t.match(text(input({ viewers: [viewer('anna', { eligible: false })] })), /may not watch from outside/);
  t.match(text(input({}, { viewers: { anna: { exempt: true } } })), /exempt by the configuration/);
  t.match(text(input({}, { apply: 'active' })), /only who streams is capped/);
});

t.test('what is kept is bounded: no byte for an idle user who is as the others, and at most 60 by name', async (t) => {
  const idle = Array.from({ length: 1_000 }, (_, i) => viewer(`user-${i}`));
  const quiet = JSON.stringify(numbersOf(deciding()(input({ viewers: idle }))));
  t.ok(quiet.length < 1_200, `${quiet.length} bytes for a thousand idle users`);
  const streams = idle.slice(0, 200).map(({ name }) => watched(name, M));
  const numbers = numbersOf(deciding()(input({ viewers: idle, streams })));
  t.same([numbers.streams.length, numbers.moreStreams], [60, 140]);
  t.ok(JSON.stringify(numbers).length < 30_000);
  const focused = numbersOf(deciding()(input({ viewers: idle, streams })), 'main/user-199');
  t.ok('main/user-199' in focused.viewers, 'who is asked about is among them');
});
