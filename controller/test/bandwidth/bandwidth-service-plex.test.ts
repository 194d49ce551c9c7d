// Rows 180, 208: a Plex server beside a Jellyfin, on a fake clock: it limits nobody, keeps paused streams for a while, and falls silent.
import t from 'tap';
import { M } from './fixtures/decision-input.ts';
import type { MemoryHome } from './fixtures/memory-home.ts';
import { film, openBoth, pass, RESERVED, watchRestlessHour } from './fixtures/restless-hour.ts';

const typesOf = ({ events }: MemoryHome, ...types: string[]): string[] =>
  events.map(({ type }) => type).filter((type) => types.includes(type));

t.test('a Plex viewer is counted by its reservation, and everything else gives way: other viewers, and torrents', async (t) => {
  await using both = await openBoth();
  const { plex, home } = both;
  await home.pass(90);
  t.same([home.limits.get('anna'), home.torrents.up], [32.5 * M, 0]);
  plex.play(film({ startedAt: home.clock.now() }));
  await home.pass(2);
  const { decision, streams } = home.bandwidth.status();
  t.match(decision, { mode: 'streaming', counted: 1, runningBps: RESERVED });
  t.match(streams, [{ viewer: 'cinema/cleo', location: { place: 'remote', capped: false }, demand: { from: 'reservation' } }]);
  t.equal(home.limits.get('anna'), 20.5 * M, 'what is left beside it');
  t.ok(home.torrents.up > 0 && home.torrents.up <= 21 * M);
  t.same(
    home.writes.filter(({ target }) => !/^(user (anna|ben)|torrents up)$/.test(target)),
    [],
    'nothing is written at Plex',
  );
});

for (const [seed, at, pauseGraceMs, mostPauseS] of [
  [1, 'plex', 60_000, 100],
  [2, 'plex', 60_000, 100],
  [3, 'plex', 60_000, 100],
  [4, 'plex', 300_000, 100],
  // Without a grace restore_after alone, 60 s, is what a pause must be shorter than.
  [5, 'jellyfin', 0, 55],
] as const)
  t.test(`row 180: an hour of pauses, seeks and buffering, ${at}, trace ${seed}: no limit changes, 0 flaps`, async (t) => {
    const { throttled, changes, writes, standsAsBefore } = await watchRestlessHour({ seed, at, pauseGraceMs, mostPauseS });
    t.ok(throttled);
    t.ok(changes > 60, `${changes} changes`);
    t.same(writes, []);
    t.ok(standsAsBefore);
  });

t.test('row 180: a pause of ten minutes releases once and throttles once again', async (t) => {
  await using both = await openBoth();
  const { plex, home } = both;
  await pass(both, 90, 0);
  plex.play(film({ startedAt: home.clock.now() }));
  await pass(both, 200, 1);
  t.ok(home.torrents.up > 0);
  const before = home.writes.length;
  plex.play(film({ startedAt: home.clock.now(), paused: true }));
  await pass(both, 115, 0);
  t.equal(home.writes.length, before, 'not before grace and restore_after are over');
  await pass(both, 485, 0);
  t.same([home.torrents.up, home.limits.get('ben')], [0, 32.5 * M], 'then as before');
  plex.play(film({ startedAt: home.clock.now() }));
  await pass(both, 60, 1);
  t.ok(home.torrents.up > 0);
  const writes = Map.groupBy(home.writes.slice(before), ({ target }) => target);
  t.equal(writes.get('torrents up')?.length, 2);
  // What others send is seen anew some seconds after the release, and the cap of who might come is set right once.
  for (const name of ['user anna', 'user ben']) t.ok((writes.get(name)?.length ?? 9) <= 3, name);
});

t.test('row 208: a Plex that is down for five minutes: no limit changes, one alarm, and its return is told', async (t) => {
  await using both = await openBoth();
  const { plex, home } = both;
  plex.play(film({ startedAt: home.clock.now() }));
  await home.pass(100);
  const before = home.writes.length;
  plex.health('unreachable', 'no answer within 10 s');
  await home.pass(58);
  t.same(typesOf(home, 'neighbour_silent'), []);
  await home.pass(242);
  t.equal(home.writes.length, before);
  t.equal(home.bandwidth.status().decision?.mode, 'streaming');
  plex.health('live');
  plex.play(film({ startedAt: home.clock.now() }));
  await home.pass(60);
  t.equal(home.writes.length, before);
  t.same(typesOf(home, 'neighbour_silent', 'neighbour_back', 'safe_plan'), ['neighbour_silent', 'neighbour_back']);
  t.match(
    home.events.find(({ type }) => type === 'neighbour_silent')?.text,
    /"cinema" .* no answer within 10 s\. .* kept: 1 remote stream\. After 15 min of silence the safe plan follows\./,
  );
});

t.test('row 208: 15 minutes of silence with a viewer end in the safe plan, which is over when it is back', async (t) => {
  await using both = await openBoth();
  const { plex, home } = both;
  plex.play(film({ startedAt: home.clock.now() }));
  await home.pass(100);
  plex.health('unreachable');
  await home.pass(898);
  t.equal(home.bandwidth.status().decision?.mode, 'streaming');
  await home.pass(5);
  t.equal(home.bandwidth.status().decision?.mode, 'safe');
  t.equal(home.torrents.up, Math.floor(500_000 / 8_192) * 8_192, 'torrents at the floor');
  plex.health('polling');
  plex.play();
  await home.pass(125);
  t.equal(home.bandwidth.status().decision?.mode, 'idle');
  t.equal(home.torrents.up, 0);
  t.same(typesOf(home, 'neighbour_silent', 'neighbour_back', 'safe_plan', 'safe_plan_over'), [
    'neighbour_silent',
    'safe_plan',
    'neighbour_back',
    'safe_plan_over',
  ]);
});

t.test(
  'a token that is refused is told at once, and what stands is kept; so is a torrent client that falls silent',
  async (t) => {
    await using both = await openBoth();
    const { plex, home } = both;
    plex.play(film({ startedAt: home.clock.now() }));
    await home.pass(100);
    const before = home.writes.length;
    plex.health('refused', 'Plex "cinema" refuses the token');
    home.torrentHealth('unreachable');
    await home.pass(1);
    t.match(
      home.events.filter(({ type }) => type === 'neighbour_silent'),
      [{ details: { neighbour: 'cinema', state: 'refused' } }],
    );
    await home.pass(61);
    t.match(
      home.events.filter(({ type }) => type === 'neighbour_silent').map(({ details }) => details['neighbour']),
      ['cinema', 'qbit'],
    );
    t.equal(home.writes.length, before);
  },
);
