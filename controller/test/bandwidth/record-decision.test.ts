// What is kept and said of a decision (rows 28, 71).
import t from 'tap';
import type { BandwidthEvent } from '../../src/bandwidth/bandwidth-event.ts';
import type { Decision, DecisionInput } from '../../src/bandwidth/decision.ts';
import type { DecisionRecord } from '../../src/bandwidth/decision-store.ts';
import { recordDecision } from '../../src/bandwidth/record-decision.ts';
import type { Log } from '../../src/log.ts';
import { input, M, viewer } from './fixtures/decision-input.ts';
import { decisions } from './fixtures/decisions.ts';

function openRecorder() {
  const rows: DecisionRecord[] = [];
  const lines: { readonly text: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
  const events: BandwidthEvent[] = [];
  const say: Log['info'] = (fields, text) => void lines.push({ fields, text });
  const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log };
  const store = { add: async (row: DecisionRecord) => void rows.push(row), latest: async () => rows };
  const record = (before: Decision | null, decision: Decision, from: DecisionInput = input()) =>
    recordDecision({
      before,
      decision,
      input: from,
      utcNow: 1_800_000_000_000,
      id: () => `row ${rows.length}`,
      store,
      numbers: () => '',
      log,
      tell: (event) => void events.push(event),
    });
  return { rows, lines, events, record };
}

t.test('a decision is said and kept once, with its inputs and its reason, and again only where it changed', async (t) => {
  const { rows, lines, record } = openRecorder();
  const decide = decisions();
  const first = decide({ viewers: [viewer('anna')] });
  t.equal(record(null, first), true);
  t.equal(record(first, decide({ at: 1, viewers: [viewer('anna')] })), false);
  t.equal(lines.length, 1);
  t.equal(lines[0]?.text, first.reason);
  t.match(lines[0]?.fields, {
    mode: first.mode,
    algorithm: 'demand',
    capacity_bps: first.budget?.capacityBps,
    reserve_bps: first.budget?.reserveBps,
  });
  t.match(rows, [{ mode: first.mode, reason: first.reason, at: 1_800_000_000_000 }]);
});

t.test('the cap that most idle users carry is said once; who differs is named', async (t) => {
  const { rows, record } = openRecorder();
  const many = Array.from({ length: 100 }, (_, i) => viewer(`user-${i}`));
  record(null, decisions()({ viewers: [...many, viewer('tight', { ceilingBps: M })] }));
  t.type(rows[0]?.detail['standing_cap_bps'], 'number');
  t.same(rows[0]?.detail['viewers'], { 'main/tight': null });
  t.ok(JSON.stringify(rows[0]).length < 1_000, 'a line about a hundred users stays a line');
});

t.test('torrent limits that follow the traffic by less than a quarter of a megabit are no news', async (t) => {
  const { record } = openRecorder();
  const decision = decisions()();
  const at = (capBps: number): Decision => ({ ...decision, torrents: [{ client: 'qbit', mode: 'normal', capBps }] });
  t.equal(record(at(4 * M), at(4.05 * M)), false);
  t.equal(record(at(4 * M), at(4.5 * M)), true);
});

t.test('a client that is heard of and is as its user had it is shown, and not worth a line', async (t) => {
  const { record, rows, lines } = openRecorder();
  const decision: Decision = { ...decisions()(), torrents: [], downloads: [] };
  const free = { mode: 'normal', capBps: null } as const;
  t.equal(
    record(decision, { ...decision, torrents: [{ client: 'qbit', ...free }], downloads: [{ client: 'sab', ...free }] }),
    true,
  );
  t.same([rows.length, lines.length], [0, 0]);
  const capped: Decision = { ...decision, torrents: [{ client: 'qbit', mode: 'normal', capBps: M }] };
  t.equal(record(capped, { ...decision, torrents: [{ client: 'qbit', ...free }] }), true);
  t.same([rows.length, lines.length], [1, 1], 'a limit that goes is');
});

t.test('download limits and stopped clients are news, and stand in the line', async (t) => {
  const { record, rows } = openRecorder();
  const decision = decisions()();
  const limited: Decision = { ...decision, downloads: [{ client: 'qbit', mode: 'normal', capBps: 4 * M }] };
  const stopped: Decision = { ...limited, pausedClients: ['qbit'] };
  t.equal(record(decision, limited), true);
  t.equal(record(limited, stopped), true);
  t.equal(record(stopped, stopped), false);
  t.match(rows[1]?.detail, {
    ...{ downloads: { 'qbit/normal': 4 * M }, paused: ['qbit'] },
    ...{ capacity_down_bps: 200 * M, other_down_bps: 20 * M },
  });
});

t.test('a change of the mode is an event: into the safe plan a warning, out of it news', async (t) => {
  const { events, record } = openRecorder();
  const idle = decisions()();
  record(idle, { ...idle, mode: 'streaming' });
  record(idle, { ...idle, mode: 'safe' });
  record({ ...idle, mode: 'safe' }, idle);
  record(null, { ...idle, mode: 'safe' });
  t.same(
    events.map(({ type, severity }) => [type, severity]),
    [
      ['caps_changed', 'info'],
      ['safe_plan', 'warning'],
      ['safe_plan_over', 'info'],
    ],
  );
});
