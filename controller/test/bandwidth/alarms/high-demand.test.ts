// Row 71: high demand is told once when it begins and once when it is over, with who watches and the numbers.
import t from 'tap';
import { NO_HIGH_DEMAND, watchHighDemand } from '../../../src/bandwidth/alarms/high-demand.ts';
import type { BandwidthEvent } from '../../../src/bandwidth/bandwidth-event.ts';
import { decideCaps, NOTHING_DECIDED } from '../../../src/bandwidth/decide-caps.ts';
import type { WatchedStream } from '../../../src/bandwidth/watched-streams.ts';
import { input, M, playing, viewer, watched } from '../fixtures/decision-input.ts';

/** 32.5 Mbit/s are for viewers, unless others send more; each call is a look `at` seconds from the start. */
function home(first = NO_HIGH_DEMAND) {
  let memory = first;
  let decided = NOTHING_DECIDED;
  return (at: number, streams: readonly WatchedStream[], change: Parameters<typeof input>[0] = {}): BandwidthEvent | null => {
    const viewers = ['anna', 'ben', 'cara', 'dora'].map((name) => viewer(name));
    const now = input({ now: 1_000_000 + at * 1_000, streams, viewers, ...change });
    const { decision, memory: next } = decideCaps(now, decided);
    decided = next;
    const looked = watchHighDemand(now, decision, memory);
    memory = looked.memory;
    return looked.event;
  };
}

const stream = (user: string, mbit: number, change: Partial<WatchedStream> = {}): WatchedStream =>
  watched(user, mbit * M, { stream: playing(user, { nominalBps: mbit * M }), ...change });
const paused = (one: WatchedStream): WatchedStream => ({ ...one, counts: false, stream: { ...one.stream, paused: true } });
/** What is told of looks each second. */
function told(look: ReturnType<typeof home>, from: number, to: number, streams: readonly WatchedStream[]): string[] {
  const types: string[] = [];
  for (let at = from; at < to; at += 1) {
    const event = look(at, streams);
    if (event !== null) types.push(`${at} ${event.type}`);
  }
  return types;
}

t.test('it begins when half a minute long nine tenths are wanted; who watches and the numbers are named', async (t) => {
  const look = home();
  const three = [stream('anna', 12), stream('ben', 12), stream('cara', 8)];
  t.equal(look(0, three), null);
  t.equal(look(29, three), null);
  t.same(look(30, three), {
    type: 'high_demand_began',
    severity: 'info',
    text: '3 remote streams want 32.0 Mbit/s of the 32.5 Mbit/s that are for viewers. Watching: main/anna, main/ben and main/cara.',
    details: {
      streams: 3,
      viewers: 'main/anna, main/ben and main/cara',
      wanted_bps: 32 * M,
      running_bps: 32 * M,
      for_viewers_bps: 32.5 * M,
      capacity_bps: 40 * M,
      other_bps: 3 * M,
    },
  });
  t.same(told(look, 31, 600, three), [], 'and once');
});

t.test('it is over five minutes after less than seven tenths are wanted, with how long and how much it was', async (t) => {
  const look = home();
  const [anna, ben, cara] = [stream('anna', 16), stream('ben', 14), stream('cara', 8)];
  t.same(told(look, 0, 31, [anna, ben]), ['30 high_demand_began']);
  t.equal(look(100, [anna, ben, cara]), null);
  t.same(told(look, 200, 500, [anna]), []);
  t.match(look(500, [anna]), {
    type: 'high_demand_ended',
    text: 'High demand is over. 1 remote stream wants 16.0 Mbit/s of the 32.5 Mbit/s that are for viewers. It lasted 8 min; the most was 38.0 Mbit/s by main/anna, main/ben and main/cara.',
    details: { lasted_s: 500, peak_bps: 38 * M, streams: 1 },
  });
  t.same(told(look, 501, 900, [anna]), []);
});

t.test('an evening with pauses, a film that ends and the next that begins is one episode', async (t) => {
  const look = home();
  const [anna, ben] = [stream('anna', 20), stream('ben', 14)];
  const types = [
    ...told(look, 0, 1_000, [anna, ben]),
    // Both pause for a quarter of an hour less a second, one after the other.
    ...told(look, 1_000, 1_899, [paused(anna), ben]),
    ...told(look, 1_899, 2_500, [anna, ben]),
    ...told(look, 2_500, 3_399, [paused(anna), paused(ben)]),
    ...told(look, 3_399, 4_000, [anna, ben]),
    // The film is over, and the next is sought for four minutes.
    ...told(look, 4_000, 4_240, []),
    ...told(look, 4_240, 5_000, [{ ...anna, key: 'main/anna-2' }, ben]),
    ...told(look, 5_000, 5_400, []),
  ];
  t.same(types, ['30 high_demand_began', '5300 high_demand_ended']);
});

t.test('who pauses for good does not hold it for ever, and who was never seen playing does not begin it', async (t) => {
  const look = home();
  const anna = stream('anna', 40);
  t.same(told(look, 0, 31, [anna]), ['30 high_demand_began']);
  t.same(told(look, 31, 1_300, [paused(anna)]), ['1230 high_demand_ended'], '15 min that it may go on, and 5 min after');
  t.same(told(home(), 0, 600, [paused(stream('ben', 40))]), []);
});

t.test('a short burst, and traffic of others that comes and goes, are no high demand', async (t) => {
  const look = home();
  const anna = stream('anna', 25);
  const types: string[] = [];
  for (let at = 0; at < 1_200; at += 1) {
    // 32.5 and 27.5 Mbit/s for viewers by turns: 77 and 91 percent.
    const event = look(at, [anna], { otherBps: (at % 40 < 20 ? 3 : 8) * M });
    if (event !== null) types.push(event.type);
  }
  t.same(types, []);
});

t.test('a cap that was obeyed does not hide what is wanted', async (t) => {
  const look = home();
  const squeezed = (user: string): WatchedStream => ({ ...stream(user, 20), demand: { bps: 7 * M, from: 'transcode' } });
  t.match(told(look, 0, 31, [squeezed('anna'), squeezed('ben')]), ['30 high_demand_began']);
  const kept = home();
  const ceiling = [viewer('anna', { ceilingBps: 8 * M }), viewer('ben', { ceilingBps: 8 * M })];
  for (let at = 0; at < 60; at += 1)
    t.equal(
      kept(at, [squeezed('anna'), squeezed('ben')], { viewers: ceiling }),
      null,
      'beyond what they may have at all nothing is wanted',
    );
});

t.test('while the uplink is not known nothing begins and nothing ends, unless nobody watches', async (t) => {
  const look = home();
  const [anna, unknown] = [stream('anna', 40), { capacityUpBps: null }];
  for (let at = 0; at < 60; at += 1) t.equal(look(at, [anna], unknown), null);
  t.match(told(look, 60, 91, [anna]), ['90 high_demand_began']);
  for (let at = 100; at < 700; at += 1) t.equal(look(at, [anna], unknown), null);
  const ends: number[] = [];
  for (let at = 700; at < 1_100; at += 1) if (look(at, [], unknown) !== null) ends.push(at);
  t.same(ends, [1_000]);
});

t.test('what an earlier run told the beginning of is told as over', async (t) => {
  const look = home({ ...NO_HIGH_DEMAND, isHigh: true });
  t.same(told(look, 0, 300, []), []);
  t.match(look(300, []), {
    type: 'high_demand_ended',
    text: 'High demand is over. Nobody watches from outside.',
    details: { lasted_s: null },
  });
  const goesOn = home({ ...NO_HIGH_DEMAND, isHigh: true });
  t.same(told(goesOn, 0, 600, [stream('anna', 40)]), [], 'one that goes on is not told anew');
});

t.test('minimums that do not fit are high demand, and by how much is said', async (t) => {
  const look = home();
  const few = ['anna', 'ben', 'cara', 'dora'].map((user) => stream(user, 2));
  let event: BandwidthEvent | null = null;
  for (let at = 0; at <= 30; at += 1) event = look(at, few, { otherBps: 33 * M });
  t.match(event, { type: 'high_demand_began', text: /The minimum per viewer does not fit: 5\.5 Mbit\/s more than there is\.$/ });
});
