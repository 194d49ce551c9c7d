// Row 208: what is told of neighbours that fall silent.
import t from 'tap';
import { type AlarmMemory, alarmMemoryOf, tellNeighbours, type Watched } from '../../../src/bandwidth/alarms/neighbour-alarms.ts';
import type { BandwidthEvent } from '../../../src/bandwidth/bandwidth-event.ts';
import type { NeighbourHealth } from '../../../src/neighbours/health.ts';

const UTC = Date.UTC(2026, 10, 21, 6, 45, 12);
const health = (state: NeighbourHealth['state'], problem: string | null = null): NeighbourHealth => ({
  state,
  since: UTC,
  problem,
});
const plex = (change: Partial<Watched> = {}): Watched => ({
  name: 'cinema',
  kind: 'media_server',
  type: 'plex',
  health: health('live'),
  counted: 0,
  ...change,
});

/** Looks, each call, at one neighbour `at` seconds from the start. */
function alarms(before: AlarmMemory = new Map()) {
  let memory = before;
  return (at: number, ...neighbours: readonly Watched[]): readonly BandwidthEvent[] => {
    const told = tellNeighbours(neighbours, memory, 1_000_000 + at * 1_000);
    memory = told.memory;
    return told.events;
  };
}

const typesOf = (events: readonly BandwidthEvent[]): string[] => events.map(({ type }) => type);

t.test('row 208: after a minute of silence it is told once who, since when, why and what follows; and its return', async (t) => {
  const look = alarms();
  const down = plex({ health: health('unreachable', 'no answer within 10 s.'), counted: 2 });
  t.same(look(0, plex()), []);
  t.same([...look(10, down), ...look(69.9, down)], []);
  const [event, ...rest] = look(70, down);
  t.same(rest, []);
  t.same(event, {
    type: 'neighbour_silent',
    severity: 'warning',
    text: 'Media server "cinema" has been silent since 2026-11-21 06:45:12 UTC: no answer within 10 s. Its last known streams and limits are kept: 2 remote streams. After 15 min of silence the safe plan follows.',
    details: {
      neighbour: 'cinema',
      kind: 'media_server',
      type: 'plex',
      state: 'unreachable',
      since: '2026-11-21T06:45:12.000Z',
      problem: 'no answer within 10 s.',
    },
  });
  for (let at = 71; at < 7_200; at += 60) t.same(look(at, down), []);
  const [back, ...more] = look(7_200, plex({ health: health('polling') }));
  t.same(more, []);
  t.match(back, { type: 'neighbour_back', severity: 'info', text: /"cinema" answers again.*06:45:12/ });
  t.same(look(7_201, plex()), []);
});

t.test('a refusal is told at once, and again where it comes after a silence; what nobody told needs no return', async (t) => {
  const look = alarms();
  const refused = plex({ health: health('refused', '401: the token is not valid') });
  const [event] = look(0, refused);
  t.match(
    event?.text,
    /"cinema" refuses Headgate since .* 401: the token is not valid\. It was not heard since Headgate started/,
  );
  t.same(typesOf(look(5, plex())), ['neighbour_back']);
  const later = alarms();
  const down = plex({ health: health('unreachable') });
  t.same([...later(0, plex()), ...later(1, down), ...later(50, plex()), ...later(51, down)], [], 'less than a minute each');
  t.same(typesOf(later(111, down)), ['neighbour_silent']);
  t.same(later(200, refused), [], 'not so soon after the other');
  t.same(typesOf(later(111 + 900, refused)), ['neighbour_silent'], 'but it wants another hand');
  t.same(later(9_000, refused), []);
});

t.test('one that comes and goes is told of at most each 15 min, and never left as silent when it is there', async (t) => {
  const look = alarms();
  const told: (readonly [at: number, type: string])[] = [];
  // Two minutes away, one minute here, for two hours.
  for (let at = 0; at < 7_200; at += 1) {
    const away = at % 180 < 120;
    for (const { type } of look(at, plex({ health: health(away ? 'unreachable' : 'live') }))) told.push([at, type]);
  }
  const silences = told.filter(([, type]) => type === 'neighbour_silent').map(([at]) => at);
  t.ok(silences.length >= 7 && silences.length <= 8, `${silences.length} in two hours`);
  t.ok(silences.every((at, i) => i === 0 || at - (silences[i - 1] ?? 0) >= 900));
  t.same(
    told.map(([, type]) => type),
    silences.flatMap(() => ['neighbour_silent', 'neighbour_back']),
    'each silence that was told has its return',
  );
});

t.test('each neighbour for itself, a download client in its own words, and nothing before its first word', async (t) => {
  const look = alarms();
  const client = plex({ name: 'cinema', kind: 'download_client', type: 'deluge' });
  t.same(look(0, plex({ health: null }), client), []);
  const down = { ...client, health: health('unreachable', 'connection refused') };
  look(1, plex({ health: null }), down);
  const events = look(61, plex({ health: null }), down);
  t.match(events, [
    { text: /^Download client "cinema" has been silent since .*: connection refused\. Its limits stay as they stand\.$/ },
  ]);
  const starting = alarms();
  starting(0, plex({ health: health('starting') }));
  t.match(starting(60, plex({ health: health('starting') })), [{ text: /it is still starting\. It was not heard since/ }]);
  const unwatched = alarms();
  unwatched(0, plex());
  unwatched(1, plex({ health: health('unreachable') }));
  t.match(unwatched(61, plex({ health: health('unreachable') })), [
    { text: /no answer\. .* kept; nobody watched from outside\.$/ },
  ]);
});

t.test('one that was heard for less than a second before it refused: its streams are told as kept', async (t) => {
  const [event] = alarms()(0, plex({ health: health('refused', 'the token was refused'), counted: 1 }));
  t.match(event?.text, /kept: 1 remote stream\./);
});

t.test('whom an earlier run told as silent is told as back, and not as silent anew', async (t) => {
  const since = '2026-11-21T06:00:00.000Z';
  const told = alarmMemoryOf([
    { type: 'neighbour_silent', details: { neighbour: 'cinema', kind: 'media_server', state: 'unreachable', since } },
    { type: 'high_demand_began', details: {} },
  ]);
  const back = alarms(told);
  t.same(back(0, plex({ health: null })), []);
  t.match(back(2, plex()), [{ type: 'neighbour_back', text: /after a silence since 2026-11-21 06:00:00 UTC\.$/ }]);
  t.same(back(3, plex()), []);
  const stays = alarms(told);
  const down = plex({ health: health('unreachable', 'no answer.') });
  for (let at = 0; at < 1_200; at += 10) t.same(stays(at, down), []);
  t.match(stays(1_201, plex()), [{ type: 'neighbour_back', text: /since 2026-11-21 06:00:00 UTC\.$/ }]);
});
