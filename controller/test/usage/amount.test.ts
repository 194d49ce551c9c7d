// What each viewer, player and client drew, moment by moment (row 67).
import t from 'tap';
import { addDrawn, addMoment, type Drawing, OTHERS, type Sums, subjectKey } from '../../src/usage/amount.ts';

const stream = (key: string, change: Partial<Drawing['streams'][number]> = {}): Drawing['streams'][number] => ({
  ...{ key, viewer: 'main/anna', player: 'Jellyfin Web', place: 'uplink', bps: 8_000_000 },
  ...change,
});
const NONE: Sums = new Map();
const find = (sums: Sums, by: 'viewer' | 'player' | 'client' | 'kind', name: string, place: 'uplink' | 'home' = 'uplink') =>
  sums.get(subjectKey({ by, name, place }));

t.test('a stream of 8 Mbit/s draws a megabyte a second: of its viewer, its player and of all streams', async (t) => {
  let sums = NONE;
  for (let s = 0; s < 60; s += 1) sums = addMoment(sums, { streams: [stream('a')], clients: [] }, 1_000);
  for (const [by, name] of [
    ['viewer', 'main/anna'],
    ['player', 'Jellyfin Web'],
    ['kind', 'streams'],
  ] as const)
    t.match(find(sums, by, name), { upBytes: 60_000_000, downBytes: 0, ms: 60_000 });
  t.equal(sums.size, 3);
});

t.test('two streams of a viewer add their bytes and not their time; one that is told twice counts once', async (t) => {
  const streams = [stream('a'), stream('b', { bps: 4_000_000, player: 'Roku' }), stream('a')];
  const sums = addMoment(NONE, { streams, clients: [] }, 2_000);
  t.match(find(sums, 'viewer', 'main/anna'), { upBytes: 3_000_000, ms: 2_000 });
  t.match(find(sums, 'player', 'Roku'), { upBytes: 1_000_000, ms: 2_000 });
});

t.test('what stays at home is kept apart from what uses the line', async (t) => {
  const sums = addMoment(NONE, { streams: [stream('a'), stream('b', { place: 'home' })], clients: [] }, 1_000);
  t.match(find(sums, 'viewer', 'main/anna'), { upBytes: 1_000_000 });
  t.match(find(sums, 'viewer', 'main/anna', 'home'), { upBytes: 1_000_000 });
});

t.test('a download client that moves nothing takes no row; a rate that is no number counts as none', async (t) => {
  const client = (name: string, upBps: number, downBps: number) => ({ name, place: 'uplink' as const, upBps, downBps });
  const clients = [client('qbit', 800_000, 16_000_000), client('idle', 0, 0), client('odd', Number.NaN, 8_000)];
  const sums = addMoment(NONE, { streams: [], clients }, 1_000);
  t.match(find(sums, 'client', 'qbit'), { upBytes: 100_000, downBytes: 2_000_000, ms: 1_000 });
  t.match(find(sums, 'client', 'odd'), { upBytes: 0, downBytes: 1_000 });
  t.equal(find(sums, 'client', 'idle'), undefined);
});

t.test('names from outside are bounded in length and in number, and no byte is lost for it', async (t) => {
  const streams = Array.from({ length: 500 }, (_, i) =>
    stream(`s${i}`, { viewer: 'main/anna', player: `${i}${'x'.repeat(1_000)}` }),
  );
  const sums = addMoment(NONE, { streams, clients: [] }, 1_000);
  t.ok(sums.size <= 301, `${sums.size}`);
  t.ok([...sums.values()].every(({ name }) => name.length <= 128));
  const players = [...sums.values()].filter(({ by }) => by === 'player');
  t.equal(
    players.reduce((sum, { upBytes }) => sum + upBytes, 0),
    500_000_000,
  );
  t.ok(
    players.some(({ name, ms }) => name === OTHERS && ms === 1_000),
    'the others together are no longer than the time that passed',
  );
});

t.test('in a crowd, download clients and the kinds are named all the same', async (t) => {
  const streams = Array.from({ length: 1_000 }, (_, i) => stream(`s${i}`, { viewer: `main/user-${i}` }));
  const clients = [{ name: 'qbit', place: 'uplink' as const, upBps: 8, downBps: 0 }];
  const sums = new Map(addMoment(NONE, { streams, clients }, 1_000));
  addDrawn(sums, { by: 'kind', name: 'wan', place: 'uplink', upBytes: 1, downBytes: 1, ms: 1_000 });
  t.ok(find(sums, 'client', 'qbit'));
  t.ok(find(sums, 'kind', 'wan'));
  t.equal(find(sums, 'kind', 'streams')?.upBytes, 1_000_000_000);
});
